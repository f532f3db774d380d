import { formatProblem, type PlanProblem } from '../plan/parse.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** Ends the command: the sentences are for the person who typed it, the code for the program that started it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.error) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A plan file that cannot be run, with all that is wrong with it. */
export function planFileError(
  file: string,
  problems: readonly PlanProblem[],
  lineOf: (path: string) => number | undefined = () => undefined,
): CommandError {
  const lines = problems.map((problem) => {
    const line = lineOf(problem.path);
    return `  ${line === undefined ? '' : `line ${line}: `}${formatProblem(problem)}`;
  });
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new CommandError(`${file} has ${count}:\n${lines.join('\n')}`, EXIT.invalidInput);
}

/** What a caught value says, as one sentence. */
export function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}
