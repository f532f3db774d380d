import { EMPTY_HISTOGRAM, type EncodedHistogram } from './histogram.ts';
import { countOf, mergeEncoded } from './merge-encoded.ts';
import { type MergedSecond, NO_PERCENTILES, type Percentiles, percentilesOf } from './open-second.ts';
import { figuresAt, type SecondColumns, type SecondFigures, type Timeline } from './result.ts';
import { type RunShape, requestRows } from './run-shape.ts';
import type { SettledSecond } from './second.ts';
import type { OperationWindow, Window } from './window.ts';

type Columns = { -readonly [Name in keyof SecondColumns]: number[] };

/** The run second by second. Counts are exact at any time; percentiles are known when a second is settled. */
export class TimelineTotals {
  readonly #all = emptyColumns();
  /** By row of the plan; after them those that scripts named. */
  readonly #operations: (Columns | undefined)[];
  /** By scenario, then by second. */
  readonly #vus: readonly number[][];
  /** By scenario, then by second. */
  readonly #dropped: readonly number[][];
  /** Dropped arrivals of all scenarios together, by second. */
  readonly #allDropped: number[] = [];
  readonly #responseTimes: EncodedHistogram[] = [];
  readonly #agentCpuCores: number[] = [];
  readonly #loopLagUs: number[] = [];
  readonly #cpuWaitShare: number[] = [];

  readonly #shape: RunShape;
  readonly #isRequest: (operation: number) => boolean;

  /** @param isRequest whether a row is in the sums of all operations */
  constructor(shape: RunShape, isRequest: (operation: number) => boolean) {
    this.#operations = Array.from({ length: shape.operations }, emptyColumns);
    this.#vus = Array.from({ length: shape.scenarios }, () => []);
    this.#dropped = Array.from({ length: shape.scenarios }, () => []);
    this.#shape = shape;
    this.#isRequest = isRequest;
  }

  get seconds(): number {
    return this.#all.requests.length;
  }

  /** @param operations of the window, with those that scripts named */
  add(window: Pick<Window, 'second' | 'scenarios' | 'host'>, operations: readonly OperationWindow[]): void {
    this.#reach(window.second);
    const { second } = window;
    for (const { operation, errors, responseTime } of operations) {
      const requests = countOf(responseTime);
      addRow(this.#columnsOf(operation), second, requests, errors, responseTime);
      if (this.#isRequest(operation)) addRow(this.#all, second, requests, errors, responseTime);
    }
    for (const { scenario, droppedArrivals } of window.scenarios) {
      increase(this.#dropped[scenario] as number[], second, droppedArrivals);
      increase(this.#allDropped, second, droppedArrivals);
    }
    raise(this.#agentCpuCores, second, window.host.processCpuCores);
    raise(this.#loopLagUs, second, window.host.loopLagMaxUs);
    raise(this.#cpuWaitShare, second, window.host.cpuWaitShare);
  }

  settle(second: number, merged: MergedSecond): void {
    this.#reach(second);
    setPercentiles(this.#all, second, merged.allPercentiles);
    merged.percentiles.forEach((percentiles, operation) => {
      const columns = this.#operations[operation];
      if (percentiles && columns) setPercentiles(columns, second, percentiles);
    });
    this.#responseTimes[second] = merged.allResponseTimes;
  }

  /** Adds a window that came after its second was settled. The percentiles of single operations stay as they were. */
  addLate(second: number, responseTimes: EncodedHistogram): void {
    const merged = mergeEncoded(this.#responseTimes[second] ?? EMPTY_HISTOGRAM, responseTimes);
    this.#responseTimes[second] = merged;
    setPercentiles(this.#all, second, percentilesOf(merged));
  }

  addVus(second: number, scenario: number, change: number): void {
    this.#reach(second);
    increase(this.#vus[scenario] as number[], second, change);
  }

  maxVus(scenario: number): number {
    return (this.#vus[scenario] ?? []).reduce((most, vus) => Math.max(most, vus), 0);
  }

  vusAt(second: number): number {
    return sumAt(this.#vus, second);
  }

  /** The load of one scenario. */
  scenarioAt(second: number, scenario: number): { readonly vus: number; readonly droppedArrivals: number } {
    return { vus: this.#vus[scenario]?.[second] ?? 0, droppedArrivals: this.#dropped[scenario]?.[second] ?? 0 };
  }

  /** Undefined without samples of that row. */
  rowAt(second: number, operation: number): SecondFigures | undefined {
    return figuresAt(this.#operations[operation], second);
  }

  /** How busy the agents were, the busiest of them. */
  generatorAt(second: number): Pick<SettledSecond, 'loopLagUs' | 'agentCpuCores' | 'cpuWaitShare'> {
    const at = (column: readonly number[]) => column[second] ?? 0;
    return {
      loopLagUs: at(this.#loopLagUs),
      agentCpuCores: at(this.#agentCpuCores),
      cpuWaitShare: at(this.#cpuWaitShare),
    };
  }

  /** The columns of a row, which may grow; undefined for one without samples. @param operation default: all operations */
  columns(operation?: number): SecondColumns | undefined {
    return operation === undefined ? this.#all : this.#operations[operation];
  }

  /** Response times of all requests of this second. */
  responseTimesAt(second: number): EncodedHistogram {
    return this.#responseTimes[second] ?? EMPTY_HISTOGRAM;
  }

  /** @param operation default: all operations */
  requestsAt(second: number, operation?: number): number {
    const columns = operation === undefined ? this.#all : this.#operations[operation];
    return columns?.requests[second] ?? 0;
  }

  /**
   * The result shares its arrays with this object, which may go on adding.
   * @param named rows of requests that scripts named, in the order of the result
   * @param measured rows of the spans that scripts measured, in the order of the result
   */
  result(named: readonly number[] = [], measured: readonly number[] = []): Timeline {
    const requests = requestRows(this.#shape);
    return {
      vus: this.#all.requests.map((_, second) => this.vusAt(second)),
      droppedArrivals: this.#allDropped,
      all: this.#all,
      operations: [...range(0, requests), ...named].map((operation) => this.#columnsOf(operation)),
      journeys: range(requests, this.#shape.operations).map((operation) => this.#columnsOf(operation)),
      ...(measured.length > 0 && { measures: measured.map((operation) => this.#columnsOf(operation)) }),
      responseTimes: this.#responseTimes,
      agentCpuCores: this.#agentCpuCores,
      loopLagUs: this.#loopLagUs,
    };
  }

  #columnsOf(operation: number): Columns {
    let columns = this.#operations[operation];
    if (columns === undefined) {
      columns = emptyColumns();
      while (columns.requests.length < this.seconds) addSecond(columns);
      this.#operations[operation] = columns;
    }
    return columns;
  }

  #reach(second: number): void {
    while (this.seconds <= second) {
      addSecond(this.#all);
      for (const columns of this.#operations) if (columns) addSecond(columns);
      for (const column of [...this.#vus, ...this.#dropped, this.#allDropped]) column.push(0);
      this.#responseTimes.push(EMPTY_HISTOGRAM);
      this.#agentCpuCores.push(0);
      this.#loopLagUs.push(0);
      this.#cpuWaitShare.push(0);
    }
  }
}

function addRow(
  { requests, errors, sumUs, maxUs }: Columns,
  second: number,
  count: number,
  failed: number,
  responseTime: EncodedHistogram,
): void {
  increase(requests, second, count);
  increase(errors, second, failed);
  increase(sumUs, second, responseTime.sumUs);
  raise(maxUs, second, responseTime.maxUs);
}

function addSecond(columns: Columns): void {
  columns.requests.push(0);
  columns.errors.push(0);
  columns.sumUs.push(0);
  columns.maxUs.push(0);
  setPercentiles(columns, columns.requests.length - 1, NO_PERCENTILES);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function emptyColumns(): Columns {
  return { requests: [], errors: [], sumUs: [], p50Us: [], p95Us: [], p99Us: [], maxUs: [] };
}

function setPercentiles(columns: Columns, second: number, { p50Us, p95Us, p99Us }: Percentiles): void {
  columns.p50Us[second] = p50Us;
  columns.p95Us[second] = p95Us;
  columns.p99Us[second] = p99Us;
}

function sumAt(columns: readonly number[][], second: number): number {
  return columns.reduce((sum, column) => sum + (column[second] ?? 0), 0);
}

function increase(column: number[], second: number, by: number): void {
  column[second] = (column[second] ?? 0) + by;
}

function raise(column: number[], second: number, to: number): void {
  if (to > (column[second] ?? 0)) column[second] = to;
}
