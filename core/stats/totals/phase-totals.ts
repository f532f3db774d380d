import { ErrorKinds, type RunErrorKinds } from '../error-kinds.ts';
import { EMPTY_HISTOGRAM } from '../histogram.ts';
import { type RunSlowSample, slowestOf } from '../kept-sample.ts';
import type { ErrorKind, PhaseResult } from '../result.ts';
import type { OperationWindow } from '../window.ts';
import { SparseTotal } from './sparse-total.ts';

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
  readonly responseTime = new SparseTotal();
  readonly serviceTime = new SparseTotal();
  readonly #sendDelay = new SparseTotal();
  readonly #errorKinds: ErrorKinds;
  #errors = 0;
  #bytesSent = 0;
  #bytesReceived = 0;
  #slowest: readonly RunSlowSample[] = [];

  constructor(errorKinds: RunErrorKinds) {
    this.#errorKinds = new ErrorKinds(errorKinds);
  }

  /** Memory of the histograms. */
  get bytes(): number {
    return this.responseTime.bytes + this.serviceTime.bytes + this.#sendDelay.bytes;
  }
  get requests(): number {
    return this.responseTime.count;
  }
  get bytesReceived(): number {
    return this.#bytesReceived;
  }
  get errorKinds(): ErrorKind[] {
    return this.#errorKinds.result();
  }
  get errors(): number {
    return this.#errors;
  }

  /** @param agent name of the agent whose window it is */
  add(agent: string, second: number, window: OperationWindow): void {
    this.responseTime.add(window.responseTime);
    this.serviceTime.add(window.serviceTime);
    this.#sendDelay.add(window.sendDelay);
    this.#errors += window.errors;
    this.#bytesSent += window.bytesSent;
    this.#bytesReceived += window.bytesReceived;
    for (const error of window.errorKinds) this.#errorKinds.add(agent, second, error);
    const { slowest } = window;
    if (slowest !== undefined) {
      this.#slowest = slowestOf([...this.#slowest, ...slowest.map((sample) => ({ ...sample, agent }))]);
    }
  }

  result(): PhaseResult {
    return {
      requests: this.requests,
      errors: this.#errors,
      bytesSent: this.#bytesSent,
      bytesReceived: this.#bytesReceived,
      responseTime: this.responseTime.encode(),
      serviceTime: this.serviceTime.encode(),
      sendDelay: this.#sendDelay.encode(),
      errorKinds: this.errorKinds,
      ...(this.#slowest.length > 0 && { slowest: this.#slowest }),
    };
  }
}
