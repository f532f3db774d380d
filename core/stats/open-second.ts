import { type EncodedHistogram, Histogram } from './histogram.ts';
import type { SecondOperation } from './second.ts';
import type { OperationWindow, Phase, TimingWindow, Window } from './window.ts';

/** Dense histograms are large, so those of a settled second are used again for the next. */
export class HistogramPool {
  readonly #free: Histogram[] = [];

  take(): Histogram {
    return this.#free.pop() ?? new Histogram();
  }

  give(histogram: Histogram): void {
    histogram.clear();
    this.#free.push(histogram);
  }
}

/** Percentiles of response times. */
export interface Percentiles {
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
}

export const NO_PERCENTILES: Percentiles = { p50Us: 0, p95Us: 0, p99Us: 0 };

export function percentilesOf(histogram: Histogram): Percentiles {
  return {
    p50Us: histogram.valueAtQuantileUs(0.5),
    p95Us: histogram.valueAtQuantileUs(0.95),
    p99Us: histogram.valueAtQuantileUs(0.99),
  };
}

/** One second of all agents, merged. */
export interface MergedSecond {
  readonly operations: readonly SecondOperation[];
  readonly timings: readonly TimingWindow[];
  readonly droppedArrivals: number;
  /** By operation, both phases together; undefined without samples. */
  readonly percentiles: readonly (Percentiles | undefined)[];
  /** All operations merged. */
  readonly allPercentiles: Percentiles;
  readonly allResponseTimes: EncodedHistogram;
}

interface OperationSlot {
  readonly operation: number;
  readonly phase: Phase;
  errors: number;
  readonly responseTime: Histogram;
  readonly serviceTime: Histogram;
}

/** A second that windows are still added to. */
export class OpenSecond {
  readonly #pool: HistogramPool;
  readonly #slots = new Map<string, OperationSlot>();
  readonly #timings = new Map<string, { name: string; phase: Phase; histogram: Histogram }>();
  readonly #vus = new Map<number, { readonly seq: number; readonly vus: readonly number[] }>();
  #droppedArrivals = 0;

  constructor(pool: HistogramPool) {
    this.#pool = pool;
  }

  /** @param operations of the window, with those that scripts named */
  add(
    agent: number,
    seq: number,
    window: Pick<Window, 'timings' | 'scenarios'>,
    operations: readonly OperationWindow[],
    vus: readonly number[],
  ): void {
    for (const { operation, phase, errors, responseTime, serviceTime } of operations) {
      const slot = this.#slot(operation, phase);
      slot.errors += errors;
      slot.responseTime.addEncoded(responseTime);
      slot.serviceTime.addEncoded(serviceTime);
    }
    for (const { name, phase, histogram } of window.timings) this.#timing(name, phase).addEncoded(histogram);
    for (const { droppedArrivals } of window.scenarios) this.#droppedArrivals += droppedArrivals;
    // If an agent sends two windows of one second, the later one has the users that are alive at its end.
    const known = this.#vus.get(agent);
    if (known === undefined || known.seq < seq) this.#vus.set(agent, { seq, vus });
  }

  /** The highest number of virtual users in the second, by scenario; undefined if the agent sent no window of it. */
  vusOf(agent: number): readonly number[] | undefined {
    return this.#vus.get(agent)?.vus;
  }

  /**
   * Ends the use of this object: its histograms go back to the pool.
   * @param isRequest whether a row is in the sums of all operations
   */
  close(isRequest: (operation: number) => boolean): MergedSecond {
    const all = this.#pool.take();
    const percentiles: (Percentiles | undefined)[] = [];
    const slots = [...this.#slots.values()].sort((a, b) => a.operation - b.operation || (a.phase < b.phase ? 1 : -1));
    for (const slot of slots) {
      if (isRequest(slot.operation)) all.add(slot.responseTime);
      percentiles[slot.operation] ??= this.#percentiles(slots.filter(({ operation }) => operation === slot.operation));
    }
    const merged: MergedSecond = {
      operations: slots.map(({ operation, phase, errors, responseTime, serviceTime }) => ({
        operation,
        phase,
        requests: responseTime.count,
        errors,
        responseTime: responseTime.encode(),
        serviceTime: serviceTime.encode(),
      })),
      timings: [...this.#timings.values()].map(({ histogram, ...timing }) => ({
        ...timing,
        histogram: histogram.encode(),
      })),
      droppedArrivals: this.#droppedArrivals,
      percentiles,
      allPercentiles: percentilesOf(all),
      allResponseTimes: all.encode(),
    };
    this.#pool.give(all);
    for (const { responseTime, serviceTime } of slots) {
      this.#pool.give(responseTime);
      this.#pool.give(serviceTime);
    }
    for (const { histogram } of this.#timings.values()) this.#pool.give(histogram);
    return merged;
  }

  /** An operation has samples of both phases in the second in which the warm-up ends. */
  #percentiles(slots: readonly OperationSlot[]): Percentiles {
    const both = this.#pool.take();
    for (const { responseTime } of slots) both.add(responseTime);
    const percentiles = percentilesOf(both);
    this.#pool.give(both);
    return percentiles;
  }

  #slot(operation: number, phase: Phase): OperationSlot {
    const key = `${operation} ${phase}`;
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = { operation, phase, errors: 0, responseTime: this.#pool.take(), serviceTime: this.#pool.take() };
      this.#slots.set(key, slot);
    }
    return slot;
  }

  #timing(name: string, phase: Phase): Histogram {
    const key = `${phase} ${name}`;
    let timing = this.#timings.get(key);
    if (timing === undefined) {
      timing = { name, phase, histogram: this.#pool.take() };
      this.#timings.set(key, timing);
    }
    return timing.histogram;
  }
}
