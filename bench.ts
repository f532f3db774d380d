import process from 'node:process';
import { errorReport } from './core/cli/command-error.ts';
import { EXIT, type ExitCode } from './core/cli/exit-codes.ts';
import { filesWritten } from './core/cli/files/report-path.ts';
import { createOutput, flushed, watchOutput } from './core/cli/output.ts';
import { whenUnattended } from './core/cli/processes/lifetime.ts';
import { isContained, refuseExit } from './core/cli/processes/stray-errors.ts';
import { runCli } from './core/cli/program.ts';
import { hastenDrizzle } from './core/cli/quick-drizzle.ts';

hastenDrizzle();
const hasLostOutput = watchOutput(process.stdout, process.stderr);
const output = createOutput(process.stdout, process.stderr, process.env);
const exit: (code?: number | string | null) => never = process.exit.bind(process);
for (const [holder, name] of waysToExit()) {
  const end = holder[name]?.bind(holder);
  if (end === undefined) continue;
  holder[name] = (...given) => {
    refuseExit();
    return end(...given);
  };
}
process.on('unhandledRejection', (reason) => isContained(reason) || failed(reason));
process.on('uncaughtException', (error) => isContained(error) || failed(error));

type Exits = Record<string, ((...given: unknown[]) => unknown) | undefined>;

/** What ends a process at once, on the runtimes that have it. */
function waysToExit(): readonly (readonly [holder: Exits, name: string])[] {
  const own = process as unknown as Exits;
  const { Deno: deno } = globalThis as { readonly Deno?: Exits };
  return [[own, 'exit'], [own, 'reallyExit'], [own, 'abort'], ...(deno === undefined ? [] : [[deno, 'exit'] as const])];
}

function failed(error: unknown): never {
  output.problem(errorReport(error));
  exit(EXIT.error);
}

async function end(code: ExitCode): Promise<never> {
  await flushed(process.stdout);
  await flushed(process.stderr);
  // Only what has been written shows whether it arrived.
  return exit(code === EXIT.pass && hasLostOutput() ? EXIT.error : code);
}

let isStopped = false;
whenUnattended(process.argv.slice(2), () => {
  if (isStopped) exit(EXIT.aborted);
  isStopped = true;
  output.problem('bench: Stopped before it was done.');
  void filesWritten().then(() => end(EXIT.aborted));
});

const exitCode = await runCli(process.argv.slice(2), output, process.env);
await end(exitCode);
