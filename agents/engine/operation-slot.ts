import type { Outcome } from '../../core/outcome.ts';
import { MAX_ERROR_KINDS, OTHER_ERROR_KIND } from '../../core/stats/error-kinds.ts';
import { Histogram } from '../../core/stats/histogram.ts';
import { type FailureSample, MAX_SAMPLES, type SlowSample, slowestOf } from '../../core/stats/kept-sample.ts';
import { type ErrorCount, MAX_NAME_LENGTH, type OperationWindow, type Phase } from '../../core/stats/window.ts';

/** Characters of the example message that is kept per error kind. */
export const MAX_EXAMPLE_LENGTH = 300;

/** Failures of one kind in the open window. */
interface SlotKind {
  readonly kind: string;
  count: number;
  readonly example: string;
  /** Only where there are some. */
  samples?: FailureSample[];
}

/** The figures of one operation in one phase: those of the open window, and the totals since the start. */
export class OperationSlot {
  readonly responseTime = new Histogram();
  readonly serviceTime = new Histogram();
  readonly sendDelay = new Histogram();
  readonly total = { count: 0, errors: 0, responseSumUs: 0, serviceSumUs: 0 };
  bytesSent = 0;
  bytesReceived = 0;
  #errors = 0;
  readonly #errorKinds = new Map<string, SlotKind>();
  /** Only of a recorder that keeps them. */
  #slowest: readonly SlowSample[] | undefined;

  fail({ errorKind, message }: Outcome, sample: FailureSample | undefined): void {
    this.#errors++;
    let entry = this.#errorKinds.get(errorKind);
    if (entry === undefined) {
      const isNamed = this.#errorKinds.size < MAX_ERROR_KINDS;
      const kind = isNamed ? errorKind.slice(0, MAX_NAME_LENGTH) || 'unknown' : OTHER_ERROR_KIND;
      entry = this.#errorKinds.get(kind) ?? { kind, count: 0, example: message.slice(0, MAX_EXAMPLE_LENGTH) };
      this.#errorKinds.set(kind, entry);
    }
    entry.count++;
    // Several kinds may share a name here: when there are too many of them, or theirs are too long.
    if (sample !== undefined && (entry.samples?.length ?? 0) < MAX_SAMPLES) {
      entry.samples ??= [];
      entry.samples.push(sample);
    }
  }

  keepSlow(sample: SlowSample): void {
    this.#slowest = slowestOf([...(this.#slowest ?? []), sample]);
  }

  /** Returns the figures of the open window and resets them; undefined when there was no sample. */
  take(operation: number, phase: Phase): OperationWindow | undefined {
    const count = this.responseTime.count;
    if (count === 0) return undefined;
    const errorKinds: ErrorCount[] = [...this.#errorKinds.values()];
    const window: OperationWindow = {
      operation,
      phase,
      errors: this.#errors,
      bytesSent: this.bytesSent,
      bytesReceived: this.bytesReceived,
      responseTime: this.responseTime.encode(),
      serviceTime: this.serviceTime.encode(),
      sendDelay: this.sendDelay.encode(),
      errorKinds,
      ...(this.#slowest !== undefined && { slowest: this.#slowest }),
    };
    this.total.count += count;
    this.total.errors += this.#errors;
    this.total.responseSumUs += this.responseTime.sumUs;
    this.total.serviceSumUs += this.serviceTime.sumUs;
    this.responseTime.clear();
    this.serviceTime.clear();
    this.sendDelay.clear();
    this.bytesSent = 0;
    this.bytesReceived = 0;
    this.#errors = 0;
    this.#errorKinds.clear();
    this.#slowest = undefined;
    return window;
  }
}
