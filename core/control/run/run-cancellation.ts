import { BenchError, type ErrorDetails } from '../../error.ts';
import type { StopCause } from '../../stats/result.ts';

/** Why a run ended before its load began. */
export class StoppedEarly extends BenchError {
  override readonly name = 'StoppedEarly';

  constructor(message: string, details: ErrorDetails = {}) {
    super('stopped_early', message, details);
  }
}

/** The wish to end a run: in order, or at once. */
export class RunCancellation {
  readonly #drain = new AbortController();
  readonly #cut = new AbortController();
  readonly #hurry = new AbortController();
  #isLoadOver = false;
  #reason = '';
  #cause: StopCause = 'request';

  /** Of the first request; empty before it. */
  get reason(): string {
    return this.#reason;
  }

  /** Of the first request. */
  get cause(): StopCause {
    return this.#cause;
  }

  /** Aborted by any request: no new operations, those in flight may end. */
  get drain(): AbortSignal {
    return this.#drain.signal;
  }

  /** Aborted by a request to cut off what is in flight. */
  get cut(): AbortSignal {
    return this.#cut.signal;
  }

  /** Aborted by a request to cut off that comes when nothing is in flight any more: nobody waits for what is still done. */
  get hurry(): AbortSignal {
    return this.#hurry.signal;
  }

  /** Nothing is in flight any more. */
  loadIsOver(): void {
    this.#isLoadOver = true;
  }

  /** @param abort cuts off what is in flight, or what is done after it */
  request(cause: StopCause, reason: string, abort = false): void {
    if (!this.#drain.signal.aborted) {
      this.#cause = cause;
      // It stands within other sentences.
      this.#reason = reason.replace(/[.。]$/, '') || 'someone asked for it';
      this.#drain.abort(new StoppedEarly(`stopped before the load began: ${this.#reason}`));
    }
    const cutOff = this.#isLoadOver ? this.#hurry : this.#cut;
    if (abort) cutOff.abort(new Error(`cut off: ${reason || this.#reason}`));
  }
}
