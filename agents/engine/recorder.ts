import { type Outcome, PluginError, type Ratio, type Timing, type WriteTally } from '../../core/plugin.ts';
import { Histogram } from '../../core/stats/histogram.ts';
import { OTHER_NAME, ScriptNames } from '../../core/stats/script-names.ts';
import {
  type FinalTotal,
  type HostSample,
  MAX_NAME_LENGTH,
  MAX_TIMINGS,
  MAX_WINDOW_COUNT,
  type OperationWindow,
  type Phase,
  SCRIPT_TOTALS,
  type ScenarioWindow,
  type ScriptCheck,
  type ScriptRow,
  type ScriptRowWindow,
  type ScriptWindow,
  type TimingWindow,
  type Window,
  type WriteTallyEntry,
} from '../../core/stats/window.ts';
import { oneLine } from '../../core/text/printable.ts';
import type { FailureSamples } from './failure-samples.ts';
import { OperationSlot } from './operation-slot.ts';
import { RecordedRatios } from './recorded-ratios.ts';
import { ScriptChecks } from './script-checks.ts';

const SECOND_US = 1_000_000;
/** Longer than any of a run, and so short that sums of them stay exact. */
const MAX_TIMING_US = 86_400 * SECOND_US;

/** A tally, and how much of it was reported in windows so far. */
interface TallyEntry {
  readonly driver: number;
  readonly key: string;
  readonly tally: WriteTally;
  readonly refused: (sentence: string) => void;
  isTold: boolean;
  acknowledged: number;
  unknown: number;
}

/** Figures that the recorder asks for once per window, when it closes it. */
export interface WindowSources {
  scenarios(): readonly ScenarioWindow[];
  host(): HostSample;
}

/**
 * Aggregates samples into windows of one second and emits them in ascending order. The engine calls {@link start} once,
 * then {@link record} for each operation, and {@link finish} once at the end; no sample is kept. All times are microseconds
 * on one clock.
 */
export class Recorder {
  /** Two for each row: those of the plan, and after them those that scripts name. */
  readonly #slots: OperationSlot[];
  readonly #planRows: number;
  readonly #names: ScriptNames;
  readonly #checks = new ScriptChecks();
  readonly #timings = new Map<string, Record<Phase, Histogram>>();
  readonly #ratios = new RecordedRatios(() => this.#phaseNow);
  /** Tallies by driver and key. */
  readonly #tallies = new Map<number, Map<string, TallyEntry>>();
  readonly #sources: WindowSources;
  readonly #emit: (window: Window) => void;
  readonly #samples: FailureSamples | undefined;
  #startUs = 0;
  #measureFromUs = 0;
  #second = 0;
  #windowEndUs = Number.POSITIVE_INFINITY;
  #lastEndUs = 0;
  #firstStartUs: number | undefined;

  /**
   * @param operations how many operations and journeys the plan has
   * @param samples undefined when no failure is kept in full
   */
  constructor(
    operations: number,
    sources: WindowSources,
    emit: (window: Window) => void,
    samples?: FailureSamples | undefined,
  ) {
    this.#samples = samples;
    this.#slots = Array.from({ length: operations * 2 }, () => new OperationSlot());
    this.#planRows = operations;
    this.#names = new ScriptNames(operations);
    this.#sources = sources;
    this.#emit = emit;
  }

  /**
   * Begins with the second of `nowUs`: when the run started earlier, the seconds before are not reported by this recorder.
   * @param startUs start of the run
   */
  start(startUs: number, warmupUs: number, nowUs: number): void {
    this.#startUs = startUs;
    this.#measureFromUs = startUs + warmupUs;
    this.#second = Math.max(0, Math.floor((nowUs - startUs) / SECOND_US));
    this.#windowEndUs = startUs + (this.#second + 1) * SECOND_US;
    this.#lastEndUs = Math.max(startUs, nowUs);
    if (this.#lastEndUs >= this.#measureFromUs) return;
    this.#ratios.startInWarmup();
    // Timings from before the start, such as those of the first connects, belong to the first phase.
    for (const { warmup, measure } of this.#timings.values()) {
      warmup.add(measure);
      measure.clear();
    }
  }

  /**
   * Records one sample. Its phase is that of its intended start, and its second is that of its end.
   * @param operation index among the operations and journeys of the plan, or what {@link scriptRow} gave
   * @param pausedUs time within a journey that the plan has it wait; it is not in the service time
   */
  record(operation: number, intendedUs: number, startUs: number, endUs: number, outcome: Outcome, pausedUs = 0): void {
    if (endUs >= this.#windowEndUs) this.#rotate(endUs);
    this.#lastEndUs = endUs;
    this.#firstStartUs ??= startUs;
    const place = operation * 2 + (intendedUs < this.#measureFromUs ? 0 : 1);
    const slot = this.#slots[place] as OperationSlot;
    slot.responseTime.record(endUs - intendedUs);
    slot.serviceTime.record(endUs - startUs - pausedUs);
    slot.sendDelay.record(startUs - intendedUs);
    slot.bytesSent += outcome.bytesSent;
    slot.bytesReceived += outcome.bytesReceived;
    if (!outcome.ok) slot.fail(outcome, this.#samples?.take(place, outcome, endUs - this.#startUs, endUs - startUs));
  }

  /** Keeps a sample that has just been recorded, and was among the slowest so far. */
  protected keepSlow(place: number, endUs: number, responseTimeUs: number, traceId: string): void {
    const atUs = Math.max(0, Math.round(endUs - this.#startUs));
    this.#slots[place]?.keepSlow({ atUs, responseTimeUs: Math.max(0, Math.round(responseTimeUs)), traceId });
  }

  /** Rows times phases. @param operation as {@link record} gets it */
  protected placeOf(operation: number, intendedUs: number): number {
    return operation * 2 + (intendedUs < this.#measureFromUs ? 0 : 1);
  }

  /** Whether a failure of this kind that ends now would be kept in full. @param operation undefined when it is not known */
  wantsDetail(operation: number | undefined, errorKind: string): boolean {
    const phase = this.#lastEndUs < this.#measureFromUs ? 0 : 1;
    return this.#samples?.wants(operation === undefined ? undefined : operation * 2 + phase, errorKind) ?? false;
  }

  /** A row under a name that comes at run time. @returns its number for {@link record}: the same row gives the same one */
  scriptRow(row: ScriptRow): number {
    const number = this.#names.row(row);
    while (this.#slots.length <= 2 * number) this.#slots.push(new OperationSlot(), new OperationSlot());
    return number;
  }

  /** Whether this row counts what comes after too many names. */
  isOtherRow(number: number): boolean {
    return this.#names.rowAt(number)?.name === OTHER_NAME;
  }

  /** @returns the number of a check for {@link countCheck}: the same check gives the same one */
  scriptCheck(check: ScriptCheck): number {
    return this.#names.check(check);
  }

  /** Whether this check counts what comes after too many names. */
  isOtherCheck(number: number): boolean {
    return this.#names.checks[number]?.name === OTHER_NAME;
  }

  /** @param dueUs when the pass that checks was due: its phase is that of the check */
  countCheck(check: number, dueUs: number, ok: boolean): void {
    this.#checks.count(check, dueUs < this.#measureFromUs ? 'warmup' : 'measure', ok);
  }

  /**
   * The same name gives the same timing. A duration belongs to the phase in which the latest sample ended, or in which the
   * run started when there is no sample yet.
   * @param refused called with a sentence for the first value that is no duration, and is left out; without it each one throws
   * @throws {PluginError} when the name is too long, or when there are too many names
   */
  timing(name: string, refused?: (sentence: string) => void): Timing {
    let histograms = this.#timings.get(name);
    if (histograms === undefined) {
      checkLength(name, "a timing's name");
      if (this.#timings.size === MAX_TIMINGS) {
        throw new PluginError(
          `there are ${MAX_TIMINGS} timings already, and an agent may have no more: use fewer names than ${name}, without ids in them`,
        );
      }
      histograms = { warmup: new Histogram(), measure: new Histogram() };
      this.#timings.set(name, histograms);
    }
    const { warmup, measure } = histograms;
    let isTold = false;
    return {
      recordUs: (durationUs) => {
        if (!(typeof durationUs === 'number' && Number.isFinite(durationUs) && durationUs <= MAX_TIMING_US)) {
          const sentence = noDuration(name, durationUs);
          if (refused === undefined) throw new PluginError(sentence);
          if (!isTold) refused(`${sentence}; it is left out, as all others like it`);
          isTold = true;
          return;
        }
        const histogram = this.#phaseNow === 'warmup' ? warmup : measure;
        histogram.record(Math.round(durationUs));
      },
    };
  }

  /**
   * The same name gives the same ratio. Attempts belong to a phase as the durations of a {@link timing} do.
   * @throws {PluginError} when the name is too long, or when there are too many names
   */
  ratio(name: string): Ratio {
    checkLength(name, "a ratio's name");
    if (name.trim() === '') throw new PluginError('a ratio has no name: criteria could not name it');
    return this.#ratios.ratio(name);
  }

  /**
   * The same driver and key give the same tally; the driver counts in it.
   * @param driver index among the plan's drivers
   * @param refused called with a sentence for the first count that is none, and is left out
   * @throws {PluginError} when the key is too long
   */
  tally(driver: number, key: string, refused: (sentence: string) => void = () => {}): WriteTally {
    checkLength(key, "a tally's key");
    let ofDriver = this.#tallies.get(driver);
    if (ofDriver === undefined) {
      ofDriver = new Map();
      this.#tallies.set(driver, ofDriver);
    }
    let entry = ofDriver.get(key);
    if (entry === undefined) {
      const tally = { acknowledged: 0, unknown: 0 };
      entry = { driver, key, tally, refused, isTold: false, acknowledged: 0, unknown: 0 };
      ofDriver.set(key, entry);
    }
    return entry.tally;
  }

  /** Emits the open window if its second is over. Called about once per second, so that idle seconds are reported too. */
  closeSeconds(nowUs: number): void {
    if (nowUs >= this.#windowEndUs) this.#rotate(nowUs);
  }

  /** Emits the open window at the end of the load. Samples that are recorded later are in no window and in no total. */
  finish(): void {
    this.#close();
    this.#windowEndUs = Number.POSITIVE_INFINITY;
  }

  /** Sums over all windows that were emitted, per operation and phase; those that scripts named are summed up by kind. */
  finalTotals(): FinalTotal[] {
    const totals = new Map<number, FinalTotal>();
    this.#slots.forEach(({ total }, i) => {
      if (total.count === 0) return;
      const operation = this.#totalOf(i >> 1);
      const key = 2 * operation + (i & 1);
      const before = totals.get(key) ?? { operation, phase: phaseOf(i), ...NO_TOTAL };
      totals.set(key, {
        ...before,
        count: before.count + total.count,
        errors: before.errors + total.errors,
        responseSumUs: before.responseSumUs + total.responseSumUs,
        serviceSumUs: before.serviceSumUs + total.serviceSumUs,
      });
    });
    return [...totals.values(), ...this.#checks.totals(this.#planRows + SCRIPT_TOTALS.indexOf('check'))];
  }

  #totalOf(row: number): number {
    const named = this.#names.rowAt(row);
    return named === undefined ? row : this.#planRows + SCRIPT_TOTALS.indexOf(named.kind);
  }

  /** Sum of all tallies since the start, without what was refused. */
  tallied(): WriteTally {
    const sum = { acknowledged: 0, unknown: 0 };
    for (const entry of this.#tallyEntries()) {
      const { acknowledged, unknown } = entry.isTold ? entry : entry.tally;
      sum.acknowledged += acknowledged;
      sum.unknown += unknown;
    }
    return sum;
  }

  /** Microseconds from the run's start to the start of the first operation that ended; 0 when none has. */
  get firstStartDelayUs(): number {
    return this.#firstStartUs === undefined ? 0 : this.#firstStartUs - this.#startUs;
  }

  /** The phase of what is neither a sample nor part of a pass. */
  get #phaseNow(): Phase {
    return this.#lastEndUs < this.#measureFromUs ? 'warmup' : 'measure';
  }

  #rotate(nowUs: number): void {
    this.#close();
    // Seconds during which the event loop was blocked have no samples and get no window.
    this.#second = Math.floor((nowUs - this.#startUs) / SECOND_US);
    this.#windowEndUs = this.#startUs + (this.#second + 1) * SECOND_US;
  }

  #close(): void {
    const taken = this.#slots.flatMap((slot, i) => slot.take(i >> 1, phaseOf(i)) ?? []);
    const script = this.#takeScript(taken);
    const ratios = this.#ratios.take();
    this.#emit({
      second: this.#second,
      operations: script === undefined ? taken : taken.filter(({ operation }) => operation < this.#planRows),
      scenarios: this.#sources.scenarios(),
      writes: this.#takeWrites(),
      timings: this.#takeTimings(),
      ...(ratios.length > 0 && { ratios }),
      host: this.#sources.host(),
      ...(script !== undefined && { script }),
    });
  }

  /** Undefined when scripts recorded nothing. @param taken of all rows */
  #takeScript(taken: readonly OperationWindow[]): ScriptWindow | undefined {
    const { checks: named } = this.#names;
    if (this.#names.rows.length === 0 && named.length === 0) return undefined;
    const rows = taken.flatMap(({ operation, ...figures }): ScriptRowWindow[] => {
      const row = this.#names.rowAt(operation);
      return row === undefined ? [] : [{ row, ...figures }];
    });
    const checks = this.#checks.take(named);
    return rows.length + checks.length === 0 ? undefined : { rows, checks };
  }

  #takeWrites(): WriteTallyEntry[] {
    const changed: WriteTallyEntry[] = [];
    for (const entry of this.#tallyEntries()) {
      const acknowledged = entry.tally.acknowledged - entry.acknowledged;
      const unknown = entry.tally.unknown - entry.unknown;
      if (acknowledged === 0 && unknown === 0) continue;
      if (!isGrowth(acknowledged) || !isGrowth(unknown)) {
        if (!entry.isTold) entry.refused(noCount(entry));
        entry.isTold = true;
        continue;
      }
      entry.acknowledged += acknowledged;
      entry.unknown += unknown;
      changed.push({ driver: entry.driver, key: entry.key, acknowledged, unknown });
    }
    return changed;
  }

  *#tallyEntries(): Generator<TallyEntry> {
    for (const ofDriver of this.#tallies.values()) yield* ofDriver.values();
  }

  #takeTimings(): TimingWindow[] {
    const taken: TimingWindow[] = [];
    for (const [name, histograms] of this.#timings) {
      for (const phase of ['warmup', 'measure'] as const) {
        if (histograms[phase].count === 0) continue;
        taken.push({ name, phase, histogram: histograms[phase].encode() });
        histograms[phase].clear();
      }
    }
    return taken;
  }
}

function checkLength(name: string, what: string): void {
  if (typeof name !== 'string') throw new PluginError(`${what} is no text: ${String(name)}`);
  if (name.length <= MAX_NAME_LENGTH) return;
  throw new PluginError(
    `${what} has ${name.length} characters, at most ${MAX_NAME_LENGTH} are allowed: ${name.slice(0, 40)}…`,
  );
}

function isGrowth(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0 && count <= MAX_WINDOW_COUNT;
}

function noCount({ key, tally: { acknowledged, unknown } }: TallyEntry): string {
  return `the tally of ${oneLine(key, 80)} was set to ${acknowledged} acknowledged and ${unknown} unknown rows, which is left out: both are whole numbers that only grow, by at most ${MAX_WINDOW_COUNT.toLocaleString('en')} in a second`;
}

function noDuration(name: string, given: unknown): string {
  const limit = Number.isFinite(given) ? ", at most a day's" : '';
  return `the timing ${name} was given ${oneLine(String(given), 40)}: it must be a number of microseconds${limit}`;
}

function phaseOf(slot: number): Phase {
  return slot % 2 === 0 ? 'warmup' : 'measure';
}

const NO_TOTAL = { count: 0, errors: 0, responseSumUs: 0, serviceSumUs: 0 };
