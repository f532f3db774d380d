import { TIMEOUT_KINDS } from './error-kinds.ts';
import { type EncodedHistogram, Histogram } from './histogram.ts';
import type { SecondOperation } from './second.ts';
import { SparseTotal } from './sparse-total.ts';
import type { OperationWindow, Phase, TimingWindow, Window } from './window.ts';

/** Dense histograms are large, so all open seconds share this one. It is empty between calls. */
const scratch = new Histogram();

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

/** A window adds no more memory than this to a second. */
export function mostBytesOf(
  { timings }: Pick<Window, 'timings'>,
  operations: readonly Pick<OperationWindow, 'responseTime' | 'serviceTime'>[],
): number {
  let bytes = 0;
  for (const { responseTime, serviceTime } of operations) {
    bytes += SparseTotal.mostBytes(responseTime.indices.length) + SparseTotal.mostBytes(serviceTime.indices.length);
  }
  for (const { histogram } of timings) bytes += SparseTotal.mostBytes(histogram.indices.length);
  return bytes;
}

interface OperationSlot {
  readonly operation: number;
  readonly phase: Phase;
  errors: number;
  timeouts: number;
  readonly responseTime: SparseTotal;
  readonly serviceTime: SparseTotal;
}

/**
 * A second that windows are still added to. Agents that are behind, and names that scripts make up, can make many of these with
 * many rows: its memory grows with what came, and not with how far durations lie apart.
 */
export class OpenSecond {
  readonly #slots = new Map<string, OperationSlot>();
  readonly #timings = new Map<string, { name: string; phase: Phase; histogram: SparseTotal }>();
  /** Of windows that count only in the sum of all operations. */
  readonly #sumOnly = new SparseTotal();
  readonly #vus = new Map<number, { readonly seq: number; readonly vus: readonly number[] }>();
  #droppedArrivals = 0;
  #bytes = 0;

  /** About how much memory its rows take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @param operations of the window, with those that scripts named */
  add(
    agent: number,
    seq: number,
    window: Pick<Window, 'timings' | 'scenarios'>,
    operations: readonly OperationWindow[],
    vus: readonly number[],
  ): void {
    for (const { operation, phase, errors, errorKinds, responseTime, serviceTime } of operations) {
      const slot = this.#slot(operation, phase);
      slot.errors += errors;
      for (const { kind, count } of errorKinds) if (TIMEOUT_KINDS.has(kind)) slot.timeouts += count;
      this.#add(slot.responseTime, responseTime);
      this.#add(slot.serviceTime, serviceTime);
    }
    for (const { name, phase, histogram } of window.timings) this.#add(this.#timing(name, phase), histogram);
    this.#addScenarios(agent, seq, window, vus);
  }

  /**
   * Adds a window for whose rows there is no memory.
   * @param responseTimes of all its requests
   */
  addSum(
    agent: number,
    seq: number,
    window: Pick<Window, 'scenarios'>,
    responseTimes: EncodedHistogram,
    vus: readonly number[],
  ): void {
    this.#sumOnly.add(responseTimes);
    this.#addScenarios(agent, seq, window, vus);
  }

  /** The highest number of virtual users in the second, by scenario; undefined if the agent sent no window of it. */
  vusOf(agent: number): readonly number[] | undefined {
    return this.#vus.get(agent)?.vus;
  }

  /** @param isRequest whether a row is in the sums of all operations */
  close(isRequest: (operation: number) => boolean): MergedSecond {
    const all = this.#sumOnly;
    const percentiles: (Percentiles | undefined)[] = [];
    const slots = [...this.#slots.values()].sort((a, b) => a.operation - b.operation || (a.phase < b.phase ? 1 : -1));
    const operations = slots.map(({ operation, phase, errors, timeouts, responseTime, serviceTime }) => ({
      operation,
      phase,
      requests: responseTime.count,
      errors,
      timeouts,
      responseTime: responseTime.encode(),
      serviceTime: serviceTime.encode(),
    }));
    operations.forEach(({ operation, responseTime }, i) => {
      if (isRequest(operation)) all.add(responseTime);
      // An operation has samples of both phases in the second in which the warm-up ends; they are neighbours here.
      const next = operations[i + 1];
      percentiles[operation] ??= percentilesOfBoth(
        responseTime,
        next?.operation === operation ? next.responseTime : undefined,
      );
    });
    return {
      operations,
      timings: [...this.#timings.values()].map(({ histogram, ...timing }) => ({
        ...timing,
        histogram: histogram.encode(),
      })),
      droppedArrivals: this.#droppedArrivals,
      percentiles,
      allPercentiles: all.read(percentilesOf),
      allResponseTimes: all.encode(),
    };
  }

  #addScenarios(agent: number, seq: number, { scenarios }: Pick<Window, 'scenarios'>, vus: readonly number[]): void {
    for (const { droppedArrivals } of scenarios) this.#droppedArrivals += droppedArrivals;
    // If an agent sends two windows of one second, the later one has the users that are alive at its end.
    const known = this.#vus.get(agent);
    if (known === undefined || known.seq < seq) this.#vus.set(agent, { seq, vus });
  }

  #add(total: SparseTotal, histogram: EncodedHistogram): void {
    const before = total.bytes;
    total.add(histogram);
    this.#bytes += total.bytes - before;
  }

  #added(): SparseTotal {
    const total = new SparseTotal();
    this.#bytes += total.bytes;
    return total;
  }

  #slot(operation: number, phase: Phase): OperationSlot {
    const key = `${operation} ${phase}`;
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = { operation, phase, errors: 0, timeouts: 0, responseTime: this.#added(), serviceTime: this.#added() };
      this.#slots.set(key, slot);
    }
    return slot;
  }

  #timing(name: string, phase: Phase): SparseTotal {
    const key = `${phase} ${name}`;
    let timing = this.#timings.get(key);
    if (timing === undefined) {
      timing = { name, phase, histogram: this.#added() };
      this.#timings.set(key, timing);
    }
    return timing.histogram;
  }
}

function percentilesOfBoth(one: EncodedHistogram, other: EncodedHistogram | undefined): Percentiles {
  scratch.addEncoded(one);
  if (other !== undefined) scratch.addEncoded(other);
  const percentiles = percentilesOf(scratch);
  scratch.clear();
  return percentiles;
}
