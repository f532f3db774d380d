import type { RunResult } from '../stats/result.ts';
import type { RunComparison } from '../verdict/compare/run-comparison.ts';
import { outcomeOf, type RunOutcome } from '../verdict/conclusion/run-outcome.ts';

/** Exit codes of a `bench` process. Where k6 has a code for the same outcome, the number is the same. */
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
  'no-criteria': EXIT.pass,
};

/**
 * The exit code of a run of one pass. It says whether what was asked for succeeded: what makes figures doubtful, such as a busy
 * host, does not matter to it.
 */
export function exitCodeOfPass(result: Pick<RunResult, 'ending' | 'thresholds' | 'verdict'>): ExitCode {
  const code = exitCodeOf(result);
  if (code !== EXIT.measurementInvalid) return code;
  const statuses = result.thresholds.map(({ status }) => status);
  if (statuses.includes('fail')) return EXIT.thresholdsFailed;
  return statuses.every((status) => status === 'pass') ? EXIT.pass : code;
}

/** The exit code of a run that has a result. */
export function exitCodeOf(result: Pick<RunResult, 'ending' | 'thresholds' | 'verdict'>): ExitCode {
  return OF_OUTCOME[outcomeOf(result)];
}

const OF_COMPARISON: Readonly<Record<RunComparison['outcome'], ExitCode>> = {
  better: EXIT.pass,
  within: EXIT.pass,
  same: EXIT.pass,
  worse: EXIT.thresholdsFailed,
  invalid: EXIT.measurementInvalid,
  incomparable: EXIT.measurementInvalid,
};

export function exitCodeOfComparison({ outcome }: Pick<RunComparison, 'outcome'>): ExitCode {
  return OF_COMPARISON[outcome];
}
