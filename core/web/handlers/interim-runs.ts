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
  /** By run. */
  readonly #made = new Map<string, { readonly atUs: number; readonly result: RunResult }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws {ApiError} while nothing has been measured */
  result({ run, parts }: ObservedRun): RunResult {
    const { runId } = run;
    const nowUs = this.#clock.nowUs();
    for (const [id, { atUs }] of this.#made) if (nowUs - atUs >= FRESH_US) this.#made.delete(id);
    const made = this.#made.get(runId);
    if (made !== undefined) return made.result;
    const result = parts && interimResult(run, parts);
    if (result === undefined) throw new ApiError(409, `run ${runId} has measured nothing yet`);
    this.#made.set(runId, { atUs: nowUs, result });
    return result;
  }
}
