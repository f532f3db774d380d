import { BenchError, type ErrorDetails } from '../../error.ts';
import type { StopCause } from '../../stats/result.ts';

/** Says why a run ended before its load began. */
export class StoppedEarly extends BenchError {
  override readonly name = 'StoppedEarly';

  constructor(message: string, details: ErrorDetails = {}) {
    super('stopped_early', message, details);
  }
}

/** Requests to end a run early: in order, or at once. */
export class RunCancellation {
  readonly #drain = new AbortController();
  readonly #abort = new AbortController();
  readonly #abortTeardown = new AbortController();
  readonly #abortCleanup = new AbortController();
  /** What a request to abort cuts off. */
  #underWay = this.#abort;
  #reason = '';
  #cause: StopCause = 'request';

  /** Reason given by the first stop request, without a full stop; empty until then. */
  get reason(): string {
    return this.#reason;
  }

  /** Cause of the first stop request. */
  get cause(): StopCause {
    return this.#cause;
  }

  /** Aborted by any request: no new operations begin, those in flight may end. */
  get drain(): AbortSignal {
    return this.#drain.signal;
  }

  /** Aborted by a request to abort while the load runs: operations in flight are cut off. */
  get abort(): AbortSignal {
    return this.#abort.signal;
  }

  /** Aborted by a request to abort after the load has ended: nobody waits for the steps that are left. */
  get abortTeardown(): AbortSignal {
    return this.#abortTeardown.signal;
  }

  /** Aborted by a request to abort that comes while drivers clean up: what they have not removed stays. */
  get abortCleanup(): AbortSignal {
    return this.#abortCleanup.signal;
  }

  /** Called once no operation is in flight any more. */
  loadHasEnded(): void {
    this.#underWay = this.#abortTeardown;
  }

  /** Called when nothing is left to do but to clean up. */
  cleanupBegins(): void {
    this.#underWay = this.#abortCleanup;
  }

  /**
   * Asks for the end of the run. The first request's cause and reason stay.
   * @param abort whether operations in flight, or the steps after them, are cut off
   */
  request(cause: StopCause, reason: string, abort = false): void {
    if (!this.#drain.signal.aborted) {
      this.#cause = cause;
      // The reason stands within other sentences.
      this.#reason = reason.replace(/[.。]$/, '') || 'someone asked for it';
      this.#drain.abort(new StoppedEarly(`stopped before the load began: ${this.#reason}`));
    }
    if (abort) this.#underWay.abort(new BenchError('run_aborted', `cut off: ${reason || this.#reason}`));
  }
}
