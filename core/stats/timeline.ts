import { EMPTY_HISTOGRAM, type EncodedHistogram, Histogram } from './histogram.ts';
import { countOf, mergeEncoded } from './merge-encoded.ts';
import { type MergedSecond, NO_PERCENTILES, type Percentiles, percentilesOf } from './open-second.ts';
import type { SecondColumns, Timeline } from './result.ts';
import { type RunShape, requestRows } from './run-shape.ts';
import type { Window } from './window.ts';

type Columns = { -readonly [Name in keyof SecondColumns]: number[] };

/** The run second by second. Counts are exact at any time; percentiles are known when a second is settled. */
export class TimelineTotals {
  readonly #all = emptyColumns();
  readonly #operations: readonly Columns[];
  /** By scenario, then by second. */
  readonly #vus: readonly number[][];
  readonly #droppedArrivals: number[] = [];
  readonly #responseTimes: EncodedHistogram[] = [];
  readonly #agentCpuCores: number[] = [];
  readonly #loopLagUs: number[] = [];

  readonly #requestRows: number;

  constructor(shape: RunShape) {
    this.#operations = Array.from({ length: shape.operations }, emptyColumns);
    this.#vus = Array.from({ length: shape.scenarios }, () => []);
    this.#requestRows = requestRows(shape);
  }

  get seconds(): number {
    return this.#all.requests.length;
  }

  add(window: Window): void {
    this.#reach(window.second);
    const { second } = window;
    for (const { operation, errors, responseTime } of window.operations) {
      const own = this.#operations[operation] as Columns;
      for (const columns of operation < this.#requestRows ? [this.#all, own] : [own]) {
        increase(columns.requests, second, countOf(responseTime));
        increase(columns.errors, second, errors);
        increase(columns.sumUs, second, responseTime.sumUs);
        raise(columns.maxUs, second, responseTime.maxUs);
      }
    }
    for (const { droppedArrivals } of window.scenarios) increase(this.#droppedArrivals, second, droppedArrivals);
    raise(this.#agentCpuCores, second, window.host.processCpuCores);
    raise(this.#loopLagUs, second, window.host.loopLagMaxUs);
  }

  settle(second: number, merged: MergedSecond): void {
    this.#reach(second);
    setPercentiles(this.#all, second, merged.allPercentiles);
    merged.percentiles.forEach((percentiles, operation) => {
      if (percentiles) setPercentiles(this.#operations[operation] as Columns, second, percentiles);
    });
    this.#responseTimes[second] = merged.allResponseTimes;
  }

  /** Adds a window that came after its second was settled. The percentiles of single operations stay as they were. */
  addLate(second: number, responseTimes: EncodedHistogram): void {
    const merged = mergeEncoded(this.#responseTimes[second] ?? EMPTY_HISTOGRAM, responseTimes);
    this.#responseTimes[second] = merged;
    setPercentiles(this.#all, second, percentilesOf(Histogram.decode(merged)));
  }

  addVus(second: number, scenario: number, change: number): void {
    this.#reach(second);
    increase(this.#vus[scenario] as number[], second, change);
  }

  maxVus(scenario: number): number {
    return (this.#vus[scenario] ?? []).reduce((most, vus) => Math.max(most, vus), 0);
  }

  vusAt(second: number): number {
    return this.#vus.reduce((sum, column) => sum + (column[second] ?? 0), 0);
  }

  loopLagUsAt(second: number): number {
    return this.#loopLagUs[second] ?? 0;
  }

  /** @param operation default: all operations */
  requestsAt(second: number, operation?: number): number {
    const columns = operation === undefined ? this.#all : this.#operations[operation];
    return columns?.requests[second] ?? 0;
  }

  /** The result shares its arrays with this object, which may go on adding. */
  result(): Timeline {
    return {
      vus: this.#all.requests.map((_, second) => this.vusAt(second)),
      droppedArrivals: this.#droppedArrivals,
      all: this.#all,
      operations: this.#operations.slice(0, this.#requestRows),
      journeys: this.#operations.slice(this.#requestRows),
      responseTimes: this.#responseTimes,
      agentCpuCores: this.#agentCpuCores,
      loopLagUs: this.#loopLagUs,
    };
  }

  #reach(second: number): void {
    while (this.seconds <= second) {
      for (const columns of [this.#all, ...this.#operations]) {
        columns.requests.push(0);
        columns.errors.push(0);
        columns.sumUs.push(0);
        columns.maxUs.push(0);
        setPercentiles(columns, columns.requests.length - 1, NO_PERCENTILES);
      }
      for (const column of this.#vus) column.push(0);
      this.#droppedArrivals.push(0);
      this.#responseTimes.push(EMPTY_HISTOGRAM);
      this.#agentCpuCores.push(0);
      this.#loopLagUs.push(0);
    }
  }
}

function emptyColumns(): Columns {
  return { requests: [], errors: [], sumUs: [], p50Us: [], p95Us: [], p99Us: [], maxUs: [] };
}

function setPercentiles(columns: Columns, second: number, { p50Us, p95Us, p99Us }: Percentiles): void {
  columns.p50Us[second] = p50Us;
  columns.p95Us[second] = p95Us;
  columns.p99Us[second] = p99Us;
}

function increase(column: number[], second: number, by: number): void {
  column[second] = (column[second] ?? 0) + by;
}

function raise(column: number[], second: number, to: number): void {
  if (to > (column[second] ?? 0)) column[second] = to;
}
