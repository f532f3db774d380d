import { isTimeout } from './error-kinds.ts';
import type { EncodedHistogram } from './histogram.ts';
import { Distribution, mergeEncoded } from './merge-encoded.ts';
import type { SecondOperation } from './second.ts';
import { SparseTotal } from './totals/sparse-total.ts';
import type { OperationWindow, Phase, TimingWindow, Window } from './window.ts';

/** The memory for all rows of open seconds; what comes beyond it counts as late. Of 1,000 agents with 50 operations, a tenth is used. */
const MAX_OPEN_BYTES = 96 * 1024 * 1024;

/** Percentiles of response times. */
export interface Percentiles {
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
}

export const NO_PERCENTILES: Percentiles = { p50Us: 0, p95Us: 0, p99Us: 0 };

export function percentilesOf(responseTimes: EncodedHistogram): Percentiles {
  const distribution = new Distribution(responseTimes);
  return {
    p50Us: distribution.valueAtQuantileUs(0.5),
    p95Us: distribution.valueAtQuantileUs(0.95),
    p99Us: distribution.valueAtQuantileUs(0.99),
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
  /** By agent; none of an agent that sent no window of the second. */
  readonly vus: ReadonlyMap<number, AgentVus>;
}

interface AgentVus {
  readonly seq: number;
  /** The highest number of virtual users in the second, by scenario. */
  readonly vus: readonly number[];
}

/** A window adds no more memory than this to a second. */
function mostBytesOf(
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
class OpenSecond {
  /** By row and phase. */
  readonly #slots = new Map<number, OperationSlot>();
  readonly #timings = new Map<string, { name: string; phase: Phase; histogram: SparseTotal }>();
  /** The response times of windows that count only in the sum of all operations. */
  readonly #sumOnly = new SparseTotal();
  #vus = new Map<number, AgentVus>();
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
      for (const { kind, count } of errorKinds) if (isTimeout(kind)) slot.timeouts += count;
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

  /**
   * @param isRequest whether a row is in the sums of all operations
   * @returns what was added. This object is empty then, and another second can be added to it, for which it keeps the memory
   */
  close(isRequest: (operation: number) => boolean): MergedSecond {
    this.#forgetUnused();
    const slots = [...this.#slots.values()].sort((a, b) => a.operation - b.operation || (a.phase < b.phase ? 1 : -1));
    const operations = slots.map(taken);
    const percentiles: (Percentiles | undefined)[] = [];
    const all = this.#sumOnly;
    operations.forEach(({ operation, responseTime }, i) => {
      if (isRequest(operation)) all.add(responseTime);
      // An operation has samples of both phases in the second in which the warm-up ends; they are neighbours here.
      const next = operations[i + 1];
      const both = next?.operation === operation ? mergeEncoded(responseTime, next.responseTime) : responseTime;
      percentiles[operation] ??= percentilesOf(both);
    });
    const allResponseTimes = all.take();
    const merged = {
      operations,
      timings: [...this.#timings.values()].map(({ histogram, ...timing }) => ({
        ...timing,
        histogram: histogram.take(),
      })),
      droppedArrivals: this.#droppedArrivals,
      percentiles,
      allPercentiles: percentilesOf(allResponseTimes),
      allResponseTimes,
      vus: this.#vus,
    };
    this.#vus = new Map();
    this.#droppedArrivals = 0;
    this.#bytes = this.#keptBytes();
    return merged;
  }

  /** Rows of the second before which have no samples in this one. */
  #forgetUnused(): void {
    for (const [key, { responseTime }] of this.#slots) if (responseTime.count === 0) this.#slots.delete(key);
    for (const [key, { histogram }] of this.#timings) if (histogram.count === 0) this.#timings.delete(key);
  }

  #keptBytes(): number {
    let bytes = 0;
    for (const { responseTime, serviceTime } of this.#slots.values()) bytes += responseTime.bytes + serviceTime.bytes;
    for (const { histogram } of this.#timings.values()) bytes += histogram.bytes;
    return bytes;
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
    // A text as key would be made anew for each row of each window.
    const key = 2 * operation + (phase === 'warmup' ? 0 : 1);
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

/** All seconds that windows are still added to, with a limit of the memory that they have together. */
export class OpenSeconds {
  readonly #open = new Map<number, OpenSecond>();
  /** The second that was closed last, until the next one takes over its memory: it will mostly need as much. */
  #closed: OpenSecond | undefined;
  #bytes = 0;

  /** About how much memory their rows take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is memory for the rows of this window; if not, they are added with {@link addSum}. */
  hasRoomFor(window: Pick<Window, 'timings'>, operations: readonly OperationWindow[]): boolean {
    return this.#bytes + mostBytesOf(window, operations) < MAX_OPEN_BYTES;
  }

  add(
    agent: number,
    seq: number,
    window: Pick<Window, 'second' | 'timings' | 'scenarios'>,
    operations: readonly OperationWindow[],
    vus: readonly number[],
  ): void {
    const open = this.#at(window.second);
    const bytesBefore = open.bytes;
    open.add(agent, seq, window, operations, vus);
    this.#bytes += open.bytes - bytesBefore;
  }

  addSum(
    agent: number,
    seq: number,
    window: Pick<Window, 'second' | 'scenarios'>,
    responseTimes: EncodedHistogram,
    vus: readonly number[],
  ): void {
    this.#at(window.second).addSum(agent, seq, window, responseTimes, vus);
  }

  close(second: number, isRequest: (operation: number) => boolean): MergedSecond {
    const open = this.#at(second);
    this.#open.delete(second);
    this.#bytes -= open.bytes + (this.#closed?.bytes ?? 0);
    const merged = open.close(isRequest);
    // Where memory is short, none is kept: what comes next may be of other rows.
    this.#closed = this.#bytes + open.bytes < MAX_OPEN_BYTES / 2 ? open : undefined;
    this.#bytes += this.#closed?.bytes ?? 0;
    return merged;
  }

  #at(second: number): OpenSecond {
    let open = this.#open.get(second);
    if (open === undefined) {
      open = this.#closed ?? new OpenSecond();
      this.#closed = undefined;
      this.#open.set(second, open);
    }
    return open;
  }
}

function taken(slot: OperationSlot): SecondOperation {
  const { operation, phase, errors, timeouts, responseTime, serviceTime } = slot;
  slot.errors = 0;
  slot.timeouts = 0;
  const requests = responseTime.count;
  return {
    operation,
    phase,
    requests,
    errors,
    timeouts,
    responseTime: responseTime.take(),
    serviceTime: serviceTime.take(),
  };
}
