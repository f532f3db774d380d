import type { Outcome } from '../../../core/outcome.ts';

export interface Thrown {
  readonly error: unknown;
}

/** Takes one virtual user through its passes: those of a flow, or of a script. Calls never overlap. */
export interface PassRunner {
  /** The earliest time at which {@link begin} tries again. */
  readonly retryAtUs: number;
  /** What a pass comes to while the user has not begun. */
  readonly startFailure: Outcome;
  /** Rows of the operations under way that the virtual user does not know of. */
  readonly rowsInFlight: readonly number[];
  readonly hasBegun: boolean;
  /** Whether there is nothing more to do, because its data are used up; a promise where it is to be asked again. */
  readonly isFinished: boolean | Promise<unknown>;
  /**
   * Does what comes once, before all passes; after a failure it is tried again later, with growing intervals. Never rejects.
   * @returns whether the user has begun
   */
  begin(dueUs: number): Promise<boolean>;
  /**
   * Does one pass; what it returns is to be awaited, and {@link passEnded} called then, or it has thrown. It makes no promise of
   * its own, which would cost a twentieth of a pass of one request.
   * @param intendedUs when the pass is due
   * @param startUs now
   */
  pass(intendedUs: number, startUs: number): unknown;
  /** Records the pass as the journey's row. @param thrown what it has thrown @returns when it ended */
  passEnded(thrown: Thrown | undefined): number;
  /** Does what comes once, at the end, where the user has begun. Never rejects. */
  end(): Promise<void>;
  /** Counts the pass under way as failed; what still comes of it is not counted. */
  abandon(): void;
}

const MIN_RETRY_US = 1_000_000;
const MAX_RETRY_US = 30_000_000;

/** When something that could not begin tries again. There is none until it has failed: of a million users, hardly any does. */
export interface StartRetry {
  readonly atUs: number;
  /** How long before that it failed. */
  readonly delayUs: number;
}

/** It is tried again after 1 s, 2 s, … at most 30 s. @param before that of the failure before, if there was one */
export function failedAgain(before: StartRetry | undefined, nowUs: number): StartRetry {
  const delayUs = before === undefined ? MIN_RETRY_US : Math.min(MAX_RETRY_US, 2 * before.delayUs);
  return { atUs: nowUs + delayUs, delayUs };
}
