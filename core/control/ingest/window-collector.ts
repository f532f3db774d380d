import type { WindowReport } from '../../../proto/gen/bench/v1/agent_pb.ts';
import { decodeWindow, WireError } from '../../../proto/window-codec.ts';
import type { Clock } from '../../clock.ts';
import { errorMessage } from '../../error.ts';
import type { RunShape, RunTotals } from '../../stats/merge.ts';
import { MAX_TIMINGS, type Window } from '../../stats/window.ts';
import {
  COMMIT_INTERVAL_US,
  MAX_COMMIT_BYTES,
  MAX_DECODED_BYTES,
  MAX_WAITING_BYTES,
  MAX_WINDOWS_AHEAD,
  MAX_WINDOWS_PER_COMMIT,
  SECONDS_AHEAD,
  STORE_RETRY_US,
  WINDOWS_PER_TRIAL,
} from '../limits.ts';
import type { Measurements } from '../store/measurements.ts';
import type { Meter, MeteredWindow } from '../telemetry/metrics-sink.ts';
import { HeldBack } from './backpressure.ts';
import type { WindowSource } from './window-source.ts';

export interface CollectorOptions {
  readonly runId: string;
  readonly shape: RunShape;
  readonly totals: RunTotals;
  readonly store: Pick<Measurements, 'addWindows'>;
  readonly clock: Clock;
  readonly meter?: Meter | undefined;
  /** Something that a person may want to know of. */
  readonly note: (text: string) => void;
}

interface Arrived {
  readonly source: WindowSource;
  readonly seq: number;
  /** Undefined when much waits: then it is read again. */
  readonly window: Window | undefined;
  /** bench.v1.Window */
  readonly bytes: Uint8Array;
  /** On control's clock. */
  readonly arrivedUs: number;
}

/**
 * Takes the windows of a run: checks them, stores those that came close together at once, in batches that are bounded
 * however many wait, merges them, and only then acknowledges them. Each counts once, however often it comes.
 */
export class Collector {
  readonly #options: CollectorOptions;
  #startUs = Number.POSITIVE_INFINITY;
  /** Not stored yet. */
  #arrived: Arrived[] = [];
  /** Of all that is not stored yet. */
  #waitingBytes = 0;
  readonly #heldBack = new HeldBack();
  readonly #underWay = new Set<string>();
  /** Of all windows that were taken. */
  readonly #timingNames: Set<string>;
  #cancelTimer: () => void = () => {};
  /** From the timer to the end of the commit. */
  #isScheduled = false;
  #isClosed = false;
  #committing: Promise<void> = Promise.resolve();
  #storeProblem: string | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#timingNames = new Set(options.totals.timingResults().map(({ name }) => name));
  }

  /** @param startUs second 0 on control's clock */
  start(startUs: number): void {
    this.#startUs = startUs;
  }

  /** Why windows wait to be stored; undefined when they do not. */
  get storeProblem(): string | undefined {
    return this.#storeProblem;
  }

  /** @throws {WireError} when it cannot be a window of this run */
  receive(source: WindowSource, { seq, window: bytes }: WindowReport): void {
    const { totals } = this.#options;
    if (this.#isClosed) return;
    if (seq < 1 || seq > totals.contiguous(source.index) + MAX_WINDOWS_AHEAD) {
      throw new WireError(`window ${seq} where ${totals.contiguous(source.index) + 1} is due`);
    }
    // Its acknowledgement was lost with the connection.
    if (totals.has(source.index, seq)) {
      this.#options.meter?.duplicate();
      source.acknowledge();
      return;
    }
    const key = `${source.index} ${seq}`;
    if (this.#underWay.has(key)) {
      this.#options.meter?.duplicate();
      return;
    }
    if (bytes.length === 0) throw new WireError(`window ${seq} is empty`);
    if (this.#heldBack.has(source) || this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.#holdBack(source, bytes.length);
      return;
    }
    const window = decodeWindow(bytes, this.#options.shape);
    this.#check(window);
    this.#underWay.add(key);
    this.#waitingBytes += bytes.length;
    const kept = this.#waitingBytes <= MAX_DECODED_BYTES ? window : undefined;
    this.#arrived.push({ source, seq, window: kept, bytes, arrivedUs: this.#options.clock.nowUs() });
    this.#schedule(COMMIT_INTERVAL_US);
  }

  /** Stores what has come, if the store can be written. Nothing is stored or merged after this has settled. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#committing;
    if (this.#arrived.length > 0) await this.#commit();
  }

  /** Its window is not taken: it counts when it comes again. */
  #holdBack(source: WindowSource, bytes: number): void {
    if (this.#heldBack.isEmpty) {
      this.#options.note(
        `${MAX_WAITING_BYTES / 1024 / 1024} MB of windows wait to be stored, and control takes no more: agents keep theirs until there is room`,
      );
    }
    this.#heldBack.add(source, bytes);
  }

  #schedule(delayUs: number): void {
    if (this.#isClosed || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#cancelTimer = this.#options.clock.after(delayUs, () => {
      this.#committing = this.#commit().then(() => {
        this.#isScheduled = false;
        if (this.#isClosed) return;
        this.#heldBack.callBack(this.#options.clock.nowUs(), this.#waitingBytes);
        if (this.#arrived.length > 0 || !this.#heldBack.isEmpty) {
          this.#schedule(this.#storeProblem === undefined ? COMMIT_INTERVAL_US : STORE_RETRY_US);
        }
      });
    });
  }

  /** All that waits, batch by batch; when the store fails, what is left waits on. */
  async #commit(): Promise<void> {
    const waiting = this.#arrived;
    this.#arrived = [];
    for (let from = 0; from < waiting.length; ) {
      // A store that failed is asked with little first: what would only time out again need not be sent.
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

  /** @returns whether it is stored; then it is merged and acknowledged too */
  async #commitBatch(batch: readonly Arrived[]): Promise<boolean> {
    const { runId, store, totals, note, clock, meter } = this.#options;
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
      if (problem !== this.#storeProblem) note(`${problem}; windows wait, and it is tried again each second`);
      this.#storeProblem = problem;
      return false;
    }
    const storedUs = clock.nowUs();
    if (this.#storeProblem !== undefined) note('the store can be written again');
    this.#storeProblem = undefined;
    const windows = batch.map(({ window, bytes }) => window ?? decodeWindow(bytes, this.#options.shape));
    for (const [i, { source, seq, bytes }] of batch.entries()) {
      totals.add(source.index, seq, windows[i] as Window);
      this.#underWay.delete(`${source.index} ${seq}`);
      this.#waitingBytes -= bytes.length;
    }
    for (const source of new Set(batch.map((arrived) => arrived.source))) {
      source.acknowledge();
    }
    meter?.committed(
      batch.map((arrived, i) => metered(arrived, windows[i] as Window, clock.nowUs())),
      storedUs - beganUs,
    );
    return true;
  }

  #check({ second, operations, scenarios, writes, timings }: Window): void {
    const { shape, clock } = this.#options;
    const now = Math.floor((clock.nowUs() - this.#startUs) / 1e6);
    if (!(second <= now + SECONDS_AHEAD)) {
      throw new WireError(
        `a window of second ${second}, which is not there yet (it is second ${now}): its clock may have jumped`,
      );
    }
    for (const { operation } of operations) {
      if (operation >= shape.operations) {
        throw new WireError(`operation ${operation} of a plan that has ${shape.operations}`);
      }
    }
    for (const { driver } of writes) {
      if (driver >= shape.drivers)
        throw new WireError(`writes of driver ${driver} of a plan that has ${shape.drivers}`);
    }
    for (const { scenario } of scenarios) {
      if (scenario >= shape.scenarios)
        throw new WireError(`scenario ${scenario} of a plan that has ${shape.scenarios}`);
    }
    this.#checkTimings(timings);
  }

  #checkTimings(timings: Window['timings']): void {
    const added = new Set(timings.map(({ name }) => name).filter((name) => !this.#timingNames.has(name)));
    if (this.#timingNames.size + added.size > MAX_TIMINGS) {
      throw new WireError(
        `timings by ${this.#timingNames.size + added.size} names, where a run may have ${MAX_TIMINGS}: a driver must not put ids into the names of its timings`,
      );
    }
    for (const name of added) this.#timingNames.add(name);
  }
}

/** At least one, so that a window of any size is stored. */
function batchFrom(waiting: readonly Arrived[], from: number, most: number): readonly Arrived[] {
  let to = from;
  let bytes = 0;
  while (to < waiting.length && to - from < most) {
    bytes += (waiting[to] as Arrived).bytes.length;
    if (bytes > MAX_COMMIT_BYTES && to > from) break;
    to++;
  }
  return waiting.slice(from, to);
}

function metered({ bytes, arrivedUs }: Arrived, { operations }: Window, ackedUs: number): MeteredWindow {
  let samples = 0;
  let errors = 0;
  for (const operation of operations) {
    for (const count of operation.responseTime.counts) samples += count;
    errors += operation.errors;
  }
  return { bytes: bytes.length, samples, errors, ackUs: ackedUs - arrivedUs };
}
