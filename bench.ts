import process from 'node:process';
import { errorReport } from './core/cli/command-error.ts';
import { EXIT } from './core/cli/exit-codes.ts';
import { createOutput, flushed, watchOutput } from './core/cli/output.ts';
import { runCli } from './core/cli/program.ts';
import { hastenDrizzle } from './core/cli/quick-drizzle.ts';

hastenDrizzle();
const hasLostOutput = watchOutput(process.stdout, process.stderr);
const output = createOutput(process.stdout, process.stderr, process.env);
process.on('unhandledRejection', (reason) => failed(reason));
process.on('uncaughtException', (error) => failed(error));

function failed(error: unknown): never {
  output.problem(errorReport(error));
  process.exit(EXIT.error);
}

const exitCode = await runCli(process.argv.slice(2), output, process.env);
await flushed(process.stdout);
await flushed(process.stderr);
process.exit(exitCode === EXIT.pass && hasLostOutput() ? EXIT.error : exitCode);
