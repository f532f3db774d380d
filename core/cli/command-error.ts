import { BenchError, type ErrorDetails } from '../error.ts';
import { formatProblem, type PlanProblem } from '../plan/parse.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** Ends the command: the sentences are for the person who typed it, the code for the program that started it. */
export class CommandError extends BenchError {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.error, details: ErrorDetails = {}) {
    super('command_failed', message, details);
    this.exitCode = exitCode;
  }
}

/** A plan file that cannot be run, with all that is wrong with it, from top to bottom. */
export function planFileError(
  file: string,
  problems: readonly PlanProblem[],
  lineOf: (path: string) => number | undefined = () => undefined,
): CommandError {
  const placed = problems.map((problem) => ({ problem, line: lineOf(problem.path) }));
  const lines = placed
    .toSorted((a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER))
    .map(({ problem, line }) => `  ${line === undefined ? '' : `line ${line}: `}${formatProblem(problem)}`);
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new CommandError(`${file} has ${count}:\n${lines.join('\n')}`, EXIT.invalidInput);
}
