import type { EncodedHistogram } from '../histogram.ts';
import { countOf } from '../merge-encoded.ts';
import type { AgentResult, Summary } from '../result.ts';
import { type RunShape, requestRows } from '../run-shape.ts';
import {
  type FinalTotal,
  type HostSample,
  type Phase,
  type RowFigures,
  SCRIPT_TOTALS,
  type Window,
} from '../window.ts';
import { SparseTotal } from './sparse-total.ts';

/** What the windows of an agent add up to, as the agent reports at its end. */
export interface FinalTotals {
  readonly totals: readonly FinalTotal[];
  readonly acknowledged: number;
  readonly unknown: number;
}

/** The part of an {@link AgentResult} that comes from its windows. */
export type AgentFigures = Pick<
  AgentResult,
  'requests' | 'errors' | 'processCpuCores' | 'hostCpuShare' | 'hostMemoryShare' | 'processMemoryBytes' | 'loopLagUs'
>;

const HOST_FIGURES = [
  'processCpuCores',
  'hostCpuShare',
  'hostMemoryShare',
  'processMemoryBytes',
  'loopLagMaxUs',
] as const satisfies readonly (keyof HostSample)[];

/** What the newest window of an agent says of its host and its virtual users. */
export type NewestSecond = Pick<Window, 'second' | 'host' | 'scenarios'>;

interface Counted {
  readonly operation: number;
  count: number;
  errors: number;
  responseSumUs: number;
  serviceSumUs: number;
}

/** The totals of one agent. There may be thousands of agents, so this holds no dense histogram. */
export class AgentTotals {
  /** By {@link slotOf}. */
  readonly #counted = new Map<number, Counted>();
  readonly #host = new Map(HOST_FIGURES.map((name) => [name, new SummaryOf()]));
  /** Measured phase only. */
  readonly #responseTime = new SparseTotal();
  #acknowledged = 0;
  #unknown = 0;
  #firstSecond = Number.POSITIVE_INFINITY;
  #windows = 0;
  #newest: NewestSecond | undefined;
  readonly #shape: Pick<RunShape, 'operations' | 'journeys'>;

  constructor(shape: Pick<RunShape, 'operations' | 'journeys'>) {
    this.#shape = shape;
  }

  /** The number of windows that were added. */
  get windows(): number {
    return this.#windows;
  }

  add(window: Window): void {
    this.#windows++;
    const { second, host, scenarios } = window;
    if (this.#newest === undefined || second >= this.#newest.second) this.#newest = { second, host, scenarios };
    this.#firstSecond = Math.min(this.#firstSecond, second);
    for (const operation of window.operations) this.#addRow(operation.operation, operation);
    for (const { row, ...figures } of window.script?.rows ?? []) this.#addRow(this.#scriptTotal(row.kind), figures);
    for (const { phase, passes, fails } of window.script?.checks ?? []) {
      const counted = this.#countedOf(this.#scriptTotal('check'), phase);
      counted.count += passes + fails;
      counted.errors += fails;
    }
    for (const { acknowledged, unknown } of window.writes) {
      this.#acknowledged += acknowledged;
      this.#unknown += unknown;
    }
    for (const [name, summary] of this.#host) summary.add(window.host[name]);
  }

  #addRow(operation: number, { phase, errors, responseTime, serviceTime }: RowFigures): void {
    const counted = this.#countedOf(operation, phase);
    counted.count += countOf(responseTime);
    counted.errors += errors;
    counted.responseSumUs += responseTime.sumUs;
    counted.serviceSumUs += serviceTime.sumUs;
    if (phase === 'measure' && this.#isRequest(operation)) this.#responseTime.add(responseTime);
  }

  #countedOf(operation: number, phase: Phase): Counted {
    const slot = slotOf(operation, phase);
    let counted = this.#counted.get(slot);
    if (counted === undefined) {
      counted = { operation, count: 0, errors: 0, responseSumUs: 0, serviceSumUs: 0 };
      this.#counted.set(slot, counted);
    }
    return counted;
  }

  /** The number of this sum in the agent's final totals. */
  #scriptTotal(kind: (typeof SCRIPT_TOTALS)[number]): number {
    return this.#shape.operations + SCRIPT_TOTALS.indexOf(kind);
  }

  #isRequest(operation: number): boolean {
    return operation < requestRows(this.#shape) || operation === this.#scriptTotal('request');
  }

  /** Undefined without any window. */
  get newest(): NewestSecond | undefined {
    return this.#newest;
  }

  /** The first second with a window; infinite without any. */
  get firstSecond(): number {
    return this.#firstSecond;
  }

  /** Measured phase, all operations merged. */
  responseTime(): EncodedHistogram {
    return this.#responseTime.encode();
  }

  figures(): AgentFigures {
    let requests = 0;
    let errors = 0;
    for (const counted of this.#counted.values()) {
      if (!this.#isRequest(counted.operation)) continue;
      requests += counted.count;
      errors += counted.errors;
    }
    return {
      requests,
      errors,
      processCpuCores: this.#summary('processCpuCores'),
      hostCpuShare: this.#summary('hostCpuShare'),
      hostMemoryShare: this.#summary('hostMemoryShare'),
      processMemoryBytes: this.#summary('processMemoryBytes'),
      loopLagUs: this.#summary('loopLagMaxUs'),
    };
  }

  /**
   * Compares the agent's own totals with what was merged from its windows.
   * @returns a clause for each figure that differs
   */
  differences(told: FinalTotals): string[] {
    const said = new Map(told.totals.map((total) => [slotOf(total.operation, total.phase), total]));
    const differences: string[] = [];
    const compare = (what: string, agent: number, merged: number) => {
      if (agent !== merged) differences.push(`${what}: ${agent} at the agent, ${merged} merged`);
    };
    for (const slot of new Set([...said.keys(), ...this.#counted.keys()])) {
      for (const figure of ['count', 'errors', 'responseSumUs', 'serviceSumUs'] as const) {
        compare(
          `${figure} of ${this.#slotName(slot)}`,
          said.get(slot)?.[figure] ?? 0,
          this.#counted.get(slot)?.[figure] ?? 0,
        );
      }
    }
    compare('acknowledged writes', told.acknowledged, this.#acknowledged);
    compare('writes without an answer', told.unknown, this.#unknown);
    return differences;
  }

  #slotName(slot: number): string {
    const operation = Math.floor(slot / 2);
    const phase: Phase = slot % 2 === 0 ? 'warmup' : 'measure';
    const kind = SCRIPT_TOTALS[operation - this.#shape.operations];
    return `${kind === undefined ? `operation ${operation}` : `each ${kind} of scripts`} (${phase})`;
  }

  #summary(name: (typeof HOST_FIGURES)[number]): Summary {
    return (this.#host.get(name) as SummaryOf).summary();
  }
}

/** One number for each sum and phase: a text would be made anew for every row of every window. */
function slotOf(operation: number, phase: Phase): number {
  return 2 * operation + (phase === 'warmup' ? 0 : 1);
}

class SummaryOf {
  #count = 0;
  #sum = 0;
  #max = 0;

  add(value: number): void {
    this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  summary(): Summary {
    return { mean: this.#count === 0 ? 0 : this.#sum / this.#count, max: this.#max };
  }
}

/** Tracks which of an agent's windows, numbered 1, 2, 3 …, have been taken, in whatever order and however often they come. */
export class SequenceTracker {
  /** Numbers that were taken beyond the first gap. */
  readonly #ahead = new Set<number>();
  #contiguous = 0;

  /** All numbers up to and including this one have been taken. */
  get contiguous(): number {
    return this.#contiguous;
  }

  has(seq: number): boolean {
    return seq <= this.#contiguous || this.#ahead.has(seq);
  }

  /** @returns false when it had been taken before */
  take(seq: number): boolean {
    if (this.has(seq)) return false;
    this.#ahead.add(seq);
    while (this.#ahead.delete(this.#contiguous + 1)) this.#contiguous++;
    return true;
  }
}
