import type { WindowReport } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { decodeWindow, encodeWindow, readWindow, WireError } from '../../../proto/window-codec.ts';
import type { Clock } from '../../clock.ts';
import { errorMessage } from '../../error.ts';
import type { RunTotals } from '../../stats/merge.ts';
import { countOf } from '../../stats/merge-encoded.ts';
import { MAX_RUN_SCRIPT_NAMES, MAX_SCRIPT_NAMES, OTHER_NAME } from '../../stats/script-names.ts';
import type { Window } from '../../stats/window.ts';
import {
  COMMIT_INTERVAL_US,
  MAX_COMMIT_BYTES,
  MAX_DECODED_BYTES,
  MAX_WAITING_BYTES,
  MAX_WINDOWS_AHEAD,
  MAX_WINDOWS_PER_COMMIT,
  STORE_RETRY_US,
  WINDOWS_PER_TRIAL,
} from '../limits.ts';
import type { Measurements } from '../store/measurements.ts';
import type { CommittedWindow, MetricsSink } from '../telemetry/metrics-sink.ts';
import { Backpressure } from './backpressure.ts';
import { WindowCheck, type WindowLimits } from './window-check.ts';
import type { WindowSource } from './window-source.ts';

/** How much may wait to be stored, and how much of that is kept decoded too. */
export interface WaitingLimits {
  readonly maxWaitingBytes: number;
  readonly maxDecodedBytes: number;
}

const WAITING_LIMITS: WaitingLimits = { maxWaitingBytes: MAX_WAITING_BYTES, maxDecodedBytes: MAX_DECODED_BYTES };

export interface WindowCollectorOptions extends WindowLimits {
  readonly runId: string;
  readonly totals: RunTotals;
  readonly store: Pick<Measurements, 'addWindows'>;
  readonly clock: Clock;
  readonly metrics?: MetricsSink | undefined;
  /** Takes a sentence for the result and for those who watch the run. */
  readonly note: (text: string) => void;
  /** Default: what a control has memory for. */
  readonly waiting?: WaitingLimits;
}

type WindowPlace = Pick<Window, 'second' | 'continues'>;

interface Arrived {
  readonly source: WindowSource;
  readonly seq: number;
  /** Undefined while so much waits that decoded windows would take too much memory: it is decoded again when it is stored. */
  readonly window: Window | undefined;
  /** bench.v1.Window */
  readonly bytes: Uint8Array;
  /** Time on control's clock. */
  readonly arrivedUs: number;
}

/**
 * Takes the windows of a run: checks them, stores them in bounded batches of those that arrived close together, merges them
 * into the totals, and only then acknowledges them. A window counts once, however often it is sent.
 */
export class WindowCollector {
  readonly #options: WindowCollectorOptions;
  #startUs = Number.POSITIVE_INFINITY;
  /** Windows that are not stored yet, but for those of the commit that is under way. */
  #arrived: Arrived[] = [];
  /** Size of all windows that are not stored yet. */
  #waitingBytes = 0;
  readonly #waiting: WaitingLimits;
  readonly #backpressure: Backpressure;
  /** Where in time each window is that is not stored yet, by agent and seq. */
  readonly #underWay = new Map<number, WindowPlace>();
  readonly #check: WindowCheck;
  #cancelTimer: () => void = () => {};
  /** True from the moment the timer is set to the end of the commit. */
  #isScheduled = false;
  #isClosed = false;
  #committing: Promise<void> = Promise.resolve();
  #storeProblem: string | undefined;
  #hasToldOfNames: boolean;
  #hasToldOfCoarseness = false;

  constructor(options: WindowCollectorOptions) {
    this.#options = options;
    this.#waiting = options.waiting ?? WAITING_LIMITS;
    this.#backpressure = new Backpressure(this.#waiting.maxWaitingBytes);
    this.#check = new WindowCheck(options, options.totals);
    this.#hasToldOfNames = options.totals.script.hasOther;
  }

  /**
   * Called once, when the start time is final; a window that arrives before is refused.
   * @param startUs run start on control's clock
   */
  start(startUs: number): void {
    this.#startUs = startUs;
  }

  /** What the store said when it failed last; undefined while it can be written. */
  get storeProblem(): string | undefined {
    return this.#storeProblem;
  }

  /**
   * Takes a window as it arrived. It is acknowledged later, when it is stored and merged.
   * @throws {WireError} when it cannot be a window of this run
   */
  receive(source: WindowSource, { seq, window: bytes }: Pick<WindowReport, 'seq' | 'window'>): void {
    const { totals } = this.#options;
    if (this.#isClosed) return;
    if (seq < 1 || seq > totals.contiguous(source.index) + MAX_WINDOWS_AHEAD) {
      throw new WireError(`it sent window ${seq} when window ${totals.contiguous(source.index) + 1} was due`);
    }
    // The agent sends it again because the acknowledgement was lost with the connection.
    if (totals.has(source.index, seq)) {
      this.#options.metrics?.duplicate();
      source.acknowledge();
      return;
    }
    const key = keyOf(source, seq);
    if (this.#underWay.has(key)) {
      this.#options.metrics?.duplicate();
      return;
    }
    if (bytes.length === 0) throw new WireError(`window ${seq} is empty`);
    if (this.#backpressure.has(source) || this.#waitingBytes + bytes.length > this.#waiting.maxWaitingBytes) {
      this.#holdBack(source, bytes.length);
      return;
    }
    const now = this.#second();
    this.#check.checkAmount(source, seq, bytes.length, now);
    const { window, hasUnknownFields } = readWindow(bytes, this.#options.shape);
    this.#check.check(source, window, now);
    checkOrder(seq, window, this.#placeBefore(source, seq), this.#underWay.get(key + 1));
    this.#check.checkSamples(source, window);
    // Nobody would ever read what is not known here, and an agent could fill the store with it.
    const stored = hasUnknownFields ? encodeWindow(window) : bytes;
    this.#underWay.set(key, { second: window.second, continues: window.continues });
    this.#waitingBytes += stored.length;
    const kept = this.#waitingBytes <= this.#waiting.maxDecodedBytes ? window : undefined;
    this.#arrived.push({ source, seq, window: kept, bytes: stored, arrivedUs: this.#options.clock.nowUs() });
    this.#schedule(COMMIT_INTERVAL_US);
  }

  /** Stores what has arrived, if the store can be written. Nothing is stored or merged after this has settled. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#committing;
    if (this.#arrived.length > 0) await this.#commit();
  }

  /** Of the window before this one, or of the newest before a gap. */
  #placeBefore(source: WindowSource, seq: number): WindowPlace {
    return this.#underWay.get(keyOf(source, seq - 1)) ?? { second: this.#options.totals.completeSecond(source.index) };
  }

  /** Leaves a window with its agent, which sends it again later. */
  #holdBack(source: WindowSource, bytes: number): void {
    if (this.#backpressure.isEmpty) {
      this.#options.note(
        `${this.#waiting.maxWaitingBytes / 1024 / 1024} MB of windows wait to be stored: control takes no more for now, and agents keep theirs until there is room`,
      );
    }
    this.#backpressure.add(source, bytes);
  }

  #schedule(delayUs: number): void {
    if (this.#isClosed || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#cancelTimer = this.#options.clock.after(delayUs, () => {
      this.#committing = this.#commit().then(() => {
        this.#isScheduled = false;
        if (this.#isClosed) return;
        this.#backpressure.requestResend(this.#options.clock.nowUs(), this.#waitingBytes);
        if (this.#arrived.length > 0 || !this.#backpressure.isEmpty) {
          this.#schedule(this.#storeProblem === undefined ? COMMIT_INTERVAL_US : STORE_RETRY_US);
        }
      });
    });
  }

  /** Stores all that waits, batch by batch. When the store fails, the rest goes on waiting. */
  async #commit(): Promise<void> {
    const waiting = this.#arrived;
    this.#arrived = [];
    for (let from = 0; from < waiting.length; ) {
      // A store that failed is tried with a few windows first: a full batch would only time out again.
      const batch = batchFrom(
        waiting,
        from,
        this.#storeProblem === undefined ? MAX_WINDOWS_PER_COMMIT : WINDOWS_PER_TRIAL,
      );
      if (!(await this.#commitBatch(batch))) {
        this.#arrived = [...waiting.slice(from), ...this.#arrived];
        return;
      }
      from += batch.length;
    }
  }

  /** @returns whether the batch is stored; then it is merged and acknowledged too */
  async #commitBatch(batch: readonly Arrived[]): Promise<boolean> {
    const { runId, store, totals, note, clock, metrics } = this.#options;
    const rows = batch.map(({ source, seq, bytes }) => ({
      runId,
      agent: source.name,
      epoch: source.epoch,
      seq,
      window: bytes,
    }));
    const beganUs = clock.nowUs();
    try {
      await store.addWindows(rows);
    } catch (error) {
      const problem = errorMessage(error);
      if (problem !== this.#storeProblem) note(`${problem}; windows wait, and control tries again every second`);
      this.#storeProblem = problem;
      return false;
    }
    const storedUs = clock.nowUs();
    if (this.#storeProblem !== undefined) note('control can write to the store again');
    this.#storeProblem = undefined;
    const windows = batch.map(({ window, bytes }) => window ?? decodeWindow(bytes, this.#options.shape));
    for (const [i, { source, seq, bytes }] of batch.entries()) {
      totals.add(source.index, seq, windows[i] as Window);
      this.#underWay.delete(keyOf(source, seq));
      this.#waitingBytes -= bytes.length;
    }
    this.#tellOfNames();
    this.#tellOfCoarseness();
    for (const source of new Set(batch.map((arrived) => arrived.source))) {
      source.acknowledge();
    }
    metrics?.committed(
      batch.map((arrived, i) => committedWindow(arrived, windows[i] as Window, clock.nowUs())),
      storedUs - beganUs,
    );
    return true;
  }

  #tellOfNames(): void {
    if (this.#hasToldOfNames || !this.#options.totals.script.hasOther) return;
    this.#hasToldOfNames = true;
    this.#options.note(
      `scripts gave too many names to requests, spans and checks, of which an agent may have ${MAX_SCRIPT_NAMES} and a run ${MAX_RUN_SCRIPT_NAMES}: what comes after is counted under ${OTHER_NAME}. Name a request by its kind, without ids in the name`,
    );
  }

  #tellOfCoarseness(): void {
    if (this.#hasToldOfCoarseness || !this.#options.totals.isCoarse) return;
    this.#hasToldOfCoarseness = true;
    this.#options.note(
      'so many different response times came, in so many rows, that percentiles may be up to 6 % too high from now on; counts and sums stay exact',
    );
  }

  /** The second that the run is in; minus infinity before the start time is known. */
  #second(): number {
    return Math.floor((this.#options.clock.nowUs() - this.#startUs) / 1e6);
  }
}

/**
 * The windows of an agent are of seconds that only rise, however late they come and however often; those that continue have the
 * rest of their second in the next one. @throws {WireError} for one that would change what was reported before
 */
function checkOrder(seq: number, window: WindowPlace, before: WindowPlace, after: WindowPlace | undefined): void {
  const isAfter = (one: WindowPlace, other: WindowPlace) =>
    one.continues ? other.second >= one.second : other.second > one.second;
  if (isAfter(before, window) && (after === undefined || isAfter(window, after))) return;
  throw new WireError(
    `it sent window ${seq} of second ${window.second} beside one of second ${isAfter(before, window) ? after?.second : before.second}: the seconds of an agent rise with its windows`,
  );
}

/** A seq has 32 bits. Texts as keys take Node 0.8 µs for each window. */
function keyOf({ index }: WindowSource, seq: number): number {
  return index * 2 ** 32 + seq;
}

/** The next windows that fit one commit; at least one, so that a window of any size is stored. */
function batchFrom(waiting: readonly Arrived[], from: number, max: number): readonly Arrived[] {
  let to = from;
  let bytes = 0;
  while (to < waiting.length && to - from < max) {
    bytes += (waiting[to] as Arrived).bytes.length;
    if (bytes > MAX_COMMIT_BYTES && to > from) break;
    to++;
  }
  return waiting.slice(from, to);
}

function committedWindow({ bytes, arrivedUs }: Arrived, window: Window, ackedUs: number): CommittedWindow {
  let samples = 0;
  let errors = 0;
  for (const rows of [window.operations, window.script?.rows ?? []]) {
    for (const row of rows) {
      samples += countOf(row.responseTime);
      errors += row.errors;
    }
  }
  return { bytes: bytes.length, samples, errors, ackUs: ackedUs - arrivedUs };
}
