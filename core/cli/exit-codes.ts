import type { RunResult } from '../stats/result.ts';
import { outcomeOf, type RunOutcome } from '../verdict/verdict.ts';

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

const OF_OUTCOME: Readonly<Record<RunOutcome, ExitCode>> = {
  pass: EXIT.pass,
  fail: EXIT.thresholdsFailed,
  invalid: EXIT.measurementInvalid,
  aborted: EXIT.aborted,
};

/** The exit code of a run that has a result. */
export function exitCodeOf(result: Pick<RunResult, 'ending' | 'verdict'>): ExitCode {
  return OF_OUTCOME[outcomeOf(result)];
}
