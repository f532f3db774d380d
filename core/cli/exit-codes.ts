import type { RunResult } from '../stats/result.ts';

/** What a `bench` process says by its exit code; the numbers are k6's where k6 has one for it. */
export const EXIT = {
  pass: 0,
  error: 1,
  thresholdsFailed: 99,
  invalidInput: 104,
  aborted: 105,
  measurementInvalid: 120,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of a run that has a result. A run that was stopped says so, whatever it measured until then. */
export function exitCodeOf(result: Pick<RunResult, 'ending' | 'verdict'>): ExitCode {
  if (result.ending.kind === 'stopped') return EXIT.aborted;
  const { kind } = result.verdict;
  return kind === 'pass' ? EXIT.pass : kind === 'fail' ? EXIT.thresholdsFailed : EXIT.measurementInvalid;
}
