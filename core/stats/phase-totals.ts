import { EMPTY_HISTOGRAM, Histogram } from './histogram.ts';
import type { ErrorKind, PhaseResult } from './result.ts';
import type { ErrorCount, OperationWindow } from './window.ts';

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

/** All that was measured of one operation in one phase. */
export class PhaseTotals {
  readonly responseTime = new Histogram();
  readonly #serviceTime = new Histogram();
  readonly #sendDelay = new Histogram();
  readonly #errorKinds = new Map<string, ErrorKind>();
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
    for (const error of window.errorKinds) {
      const known = this.#errorKinds.get(error.kind);
      this.#errorKinds.set(error.kind, known ? mergedKind(known, second, error) : kindOf(second, error));
    }
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
      errorKinds: [...this.#errorKinds.values()].sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1)),
    };
  }
}

function kindOf(second: number, { kind, count, example }: ErrorCount): ErrorKind {
  return { kind, count, example, firstSecond: second, lastSecond: second };
}

/** The example is one of the first second; of several the least, so that the order of merging does not matter. */
function mergedKind(known: ErrorKind, second: number, { kind, count, example }: ErrorCount): ErrorKind {
  const earlier = second < known.firstSecond || (second === known.firstSecond && example < known.example);
  return {
    kind,
    count: known.count + count,
    example: earlier ? example : known.example,
    firstSecond: Math.min(known.firstSecond, second),
    lastSecond: Math.max(known.lastSecond, second),
  };
}
