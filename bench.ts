import process from 'node:process';
import { errorReport } from './core/cli/command-error.ts';
import { EXIT } from './core/cli/exit-codes.ts';
import { createOutput, flushed, watchOutput } from './core/cli/output.ts';
import { contained } from './core/cli/processes/stray-errors.ts';
import { runCli } from './core/cli/program.ts';
import { hastenDrizzle } from './core/cli/quick-drizzle.ts';

hastenDrizzle();
const hasLostOutput = watchOutput(process.stdout, process.stderr);
const output = createOutput(process.stdout, process.stderr, process.env);
const exit: (code?: number | string | null) => never = process.exit.bind(process);
process.exit = (code) => {
  contained().refuseExit();
  exit(code);
};
process.on('unhandledRejection', (reason) => contained().contains(reason) || failed(reason));
process.on('uncaughtException', (error) => contained().contains(error) || failed(error));

function failed(error: unknown): never {
  output.problem(errorReport(error));
  exit(EXIT.error);
}

const exitCode = await runCli(process.argv.slice(2), output, process.env);
await flushed(process.stdout);
await flushed(process.stderr);
exit(exitCode === EXIT.pass && hasLostOutput() ? EXIT.error : exitCode);
