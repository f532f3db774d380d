import { ErrorKinds } from './error-kinds.ts';
import { EMPTY_HISTOGRAM, Histogram } from './histogram.ts';
import type { PhaseResult } from './result.ts';
import type { OperationWindow } from './window.ts';

export const EMPTY_PHASE: PhaseResult = {
  requests: 0,
  errors: 0,
  bytesSent: 0,
  bytesReceived: 0,
  responseTime: EMPTY_HISTOGRAM,
  serviceTime: EMPTY_HISTOGRAM,
  sendDelay: EMPTY_HISTOGRAM,
  errorKinds: [],
};

/** Everything that was measured for one operation in one phase. */
export class PhaseTotals {
  readonly responseTime = new Histogram();
  readonly #serviceTime = new Histogram();
  readonly #sendDelay = new Histogram();
  readonly #errorKinds = new ErrorKinds();
  #errors = 0;
  #bytesSent = 0;
  #bytesReceived = 0;

  get requests(): number {
    return this.responseTime.count;
  }
  get errors(): number {
    return this.#errors;
  }

  add(second: number, window: OperationWindow): void {
    this.responseTime.addEncoded(window.responseTime);
    this.#serviceTime.addEncoded(window.serviceTime);
    this.#sendDelay.addEncoded(window.sendDelay);
    this.#errors += window.errors;
    this.#bytesSent += window.bytesSent;
    this.#bytesReceived += window.bytesReceived;
    for (const error of window.errorKinds) this.#errorKinds.add(second, error);
  }

  result(): PhaseResult {
    return {
      requests: this.requests,
      errors: this.#errors,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      responseTime: this.responseTime.encode(),
      serviceTime: this.#serviceTime.encode(),
      sendDelay: this.#sendDelay.encode(),
      errorKinds: this.#errorKinds.result(),
    };
  }
}
