import type { Clock } from '../../clock.ts';
import type { ObservedRun } from '../../control/orchestrator/run-lifecycle.ts';
import { interimResult } from '../../control/results/interim-result.ts';
import type { RunResult } from '../../stats/result.ts';
import { ApiError } from '../api-error.ts';

/** Reports of long runs take a while to make, in which control hears nobody: of this time all are given the same. */
const FRESH_US = 10e6;

/** Results of runs that go on, as of a moment ago. */
export class InterimRuns {
  readonly #clock: Clock;
  /** The last one that was asked for: hardly more than one run goes on. */
  #made: { readonly runId: string; readonly atUs: number; readonly result: RunResult } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws {ApiError} while nothing has been measured */
  result({ run, parts }: ObservedRun): RunResult {
    const { runId } = run;
    const nowUs = this.#clock.nowUs();
    if (this.#made?.runId === runId && nowUs - this.#made.atUs < FRESH_US) return this.#made.result;
    const result = parts && interimResult(run, parts);
    if (result === undefined) throw new ApiError(409, `run ${runId} has measured nothing yet`);
    this.#made = { runId, atUs: nowUs, result };
    return result;
  }
}
