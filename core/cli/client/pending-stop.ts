import { RunState } from '../../../proto/gen/bench/v1/run_pb.ts';

/** States of a run that no stop request has reached. */
const NOT_STOPPING: readonly RunState[] = [
  RunState.QUEUED,
  RunState.WAITING_FOR_AGENTS,
  RunState.PREPARING,
  RunState.RUNNING,
];

interface StopRequest {
  readonly reason: string;
  readonly abort: boolean;
}

/**
 * The user's request to stop a run. It is sent again when control was away at the time, or was killed after it got the
 * request.
 */
export class PendingStop {
  readonly #send: (request: StopRequest) => Promise<unknown>;
  #request: StopRequest | undefined;
  #isAcknowledged = false;
  #sending: Promise<unknown> = Promise.resolve();

  /** @param send rejects when control did not get the request */
  constructor(send: (request: StopRequest) => Promise<unknown>) {
    this.#send = send;
  }

  get isRequested(): boolean {
    return this.#request !== undefined;
  }

  /** Whether the control that runs now has the request. */
  get isAcknowledged(): boolean {
    return this.#isAcknowledged;
  }

  /** @param abort whether operations in flight are aborted */
  request(reason: string, abort: boolean): void {
    this.#request = { reason, abort };
    this.#isAcknowledged = false;
    this.#sendNow(this.#request);
  }

  /** Called when control is away. It may lose the request. */
  controlLost(): void {
    this.#isAcknowledged = false;
  }

  /**
   * Called when control reports the state of the run.
   * A request that control knows of is not sent again, because control takes a second one as a request to abort.
   */
  async runIs(state: RunState): Promise<void> {
    await this.#sending;
    if (this.#request === undefined || this.#isAcknowledged) return;
    if (this.#request.abort || NOT_STOPPING.includes(state)) this.#sendNow(this.#request);
  }

  #sendNow(request: StopRequest): void {
    const sent = this.#send(request).then(
      () => {
        if (request === this.#request) this.#isAcknowledged = true;
      },
      () => {},
    );
    this.#sending = Promise.all([this.#sending, sent]);
  }
}
