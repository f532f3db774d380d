import { BenchError, type ErrorDetails, errorMessage, unexpectedStack } from '../error.ts';
import { formatProblem, type PlanProblem } from '../plan/problem.ts';
import { refusedBySystem } from '../text/system-reason.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** Ends the command: the message is for the user, the exit code for the program that started it. */
export class CommandError extends BenchError {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.error, details: ErrorDetails = {}) {
    super('command_failed', message, details);
    this.exitCode = exitCode;
  }
}

/** A problem of a plan, and the line that it points to. */
export interface PlacedProblem extends PlanProblem {
  readonly line: number | undefined;
}

/** A plan file with problems. */
export class PlanFileError extends CommandError {
  /** From top to bottom. */
  readonly problems: readonly PlacedProblem[];

  constructor(message: string, problems: readonly PlacedProblem[]) {
    super(message, EXIT.invalidInput);
    this.problems = problems;
  }
}

/**
 * What is printed on stderr when a command fails: the message of an expected error, or what the system refuses; of any other its
 * message and its stack, since it is a fault of this program that its authors have to find.
 */
export function errorReport(error: unknown): string {
  const stack = unexpectedStack(error);
  if (stack === undefined && error instanceof BenchError) {
    return [`bench: ${error.message}`, ...(error.hint === undefined ? [] : [`  ${error.hint}`])].join('\n');
  }
  const refused = refusedBySystem(error);
  if (refused !== undefined) return `bench: ${refused}`;
  const report = `bench: unexpected error, a fault of bench itself: ${errorMessage(error)}`;
  return stack === undefined ? report : `${report}\n${stack}`;
}

/** More than anybody mends at once: those that come first often cause the others. */
const MAX_LISTED = 100;

/** All that is wrong with a plan file, from top to bottom. */
export function planFileError(
  file: string,
  problems: readonly PlanProblem[],
  lineOf: (path: string) => number | undefined = () => undefined,
): PlanFileError {
  const all = withoutRepeated(problems);
  const placed = all
    .map((problem) => ({ ...problem, line: lineOf(problem.place ?? problem.path) }))
    .toSorted((a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER))
    .slice(0, MAX_LISTED);
  const more = all.length - placed.length;
  if (more > 0) placed.push({ path: '', message: `There are ${more} more problems.`, line: undefined });
  const lines = placed.map((problem) => {
    return `  ${problem.line === undefined ? '' : `line ${problem.line}: `}${formatProblem(problem)}`;
  });
  const count = all.length === 1 ? 'a problem' : `${all.length} problems`;
  return new PlanFileError(`${file} has ${count}:\n${lines.join('\n')}`, placed);
}

/** The plan's schema and a plugin may say the same of the same place. */
function withoutRepeated(problems: readonly PlanProblem[]): PlanProblem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()];
}
