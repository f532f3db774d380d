import { setImmediate } from 'node:timers/promises';
import { decodeWindow } from '../../../proto/window-codec.ts';
import { SILENCE_LIMIT_US } from '../../agent-limits.ts';
import { BenchError } from '../../error.ts';
import type { LoadChange } from '../../plan/load/load-change.ts';
import { RunTotals } from '../../stats/merge.ts';
import type { RunShape } from '../../stats/run-shape.ts';
import type { Window } from '../../stats/window.ts';
import { isNearPause } from '../../verdict/conclusion/changed-load.ts';
import { selectableRows } from '../../verdict/criterion/select.ts';
import { type Breach, ThresholdEvaluator } from '../../verdict/evaluator.ts';
import type { MonitorValues } from '../monitors/monitor-series.ts';
import { type RunSpec, shapeOf } from '../run/run-spec.ts';
import type { AgentSession, Measurements, StoredWindow } from '../store/measurements.ts';

/** When control ended, an agent may have been this far behind without being lost. */
const OPEN_SECONDS = SILENCE_LIMIT_US / 1e6;
/** How many windows are in memory at once, of all sessions together. Each session is read page by page. */
const MAX_WINDOWS_IN_MEMORY = 10_000;
const MIN_PAGE_WINDOWS = 20;

/** What the stored windows of a run add up to. */
export interface Replayed {
  /** Agents are in the order of their sessions and all count as lost. The newest seconds are not settled. */
  readonly totals: RunTotals;
  /** Has observed the seconds that are settled. */
  readonly evaluator: ThresholdEvaluator;
  /** How many windows were stored. */
  readonly windows: number;
  /** The first breach of a threshold with `abort`; undefined without one. */
  readonly breach: Breach | undefined;
}

/**
 * Merges and judges all stored windows of a run, as if each had arrived in time. Called once, when control goes on with a
 * run of a control process that has ended.
 * @param changes what operators had asked for
 * @throws {StoreError}
 */
export async function replay(
  spec: RunSpec,
  runId: string,
  sessions: readonly AgentSession[],
  monitors: MonitorValues,
  measurements: Pick<Measurements, 'windows'>,
  changes: readonly LoadChange[],
): Promise<Replayed> {
  const shape = shapeOf(spec);
  const totals = new RunTotals(shape);
  const evaluator = evaluatorOf(spec);
  // Windows are read in order: an agent without a window of a second was not there in it.
  for (const { agent } of sessions) totals.setPresence(totals.addAgent(agent), 'lost');
  const open: (readonly SessionWindow[])[] = [];
  /** Newest second of each session that has been read, which is ahead of what is settled but for an agent that was away. */
  const reached = new Map<number, number>();
  const lacksLoad = (second: number) =>
    isNearPause(changes, second) || [...reached.values()].some((newest) => newest < second);
  const add = (ofSecond: readonly SessionWindow[]) => {
    for (const { session, seq, window } of ofSecond) totals.add(session, seq, window);
    windows += ofSecond.length;
  };
  let windows = 0;
  let breach: Breach | undefined;
  for await (const ofSecond of windowsBySecond(measurements, runId, shape, sessions)) {
    for (const settled of totals.settle((second) => monitors.at(second))) {
      breach ??= evaluator.observe(settled, lacksLoad(settled.second))[0];
    }
    for (const { session, window } of ofSecond) reached.set(session, window.second);
    open.push(ofSecond);
    if (open.length > OPEN_SECONDS) add(open.shift() as readonly SessionWindow[]);
    // Calls and other runs get their turn between two seconds.
    await setImmediate();
  }
  for (const ofSecond of open) add(ofSecond);
  return { totals, evaluator, windows, breach };
}

/** Judges the thresholds of a run as its seconds are settled. */
export function evaluatorOf({ thresholds, resolved, warmupUs, plannedUs }: RunSpec): ThresholdEvaluator {
  return new ThresholdEvaluator(thresholds, selectableRows(resolved), { warmupUs, plannedUs });
}

interface SessionWindow {
  /** Index into the sessions that were asked for. */
  readonly session: number;
  readonly seq: number;
  readonly window: Window;
}

/**
 * The stored windows of these sessions, one second at a time. A run has millions of windows, and the totals need the memory
 * of a second for each second that not all agents have passed: reading session by session would need all of it.
 */
async function* windowsBySecond(
  measurements: Pick<Measurements, 'windows'>,
  runId: string,
  shape: RunShape,
  sessions: readonly AgentSession[],
): AsyncGenerator<readonly SessionWindow[]> {
  const pageSize = Math.max(MIN_PAGE_WINDOWS, Math.ceil(MAX_WINDOWS_IN_MEMORY / Math.max(1, sessions.length)));
  const readers = sessions.map((session, i) => {
    return new SessionReader(i, shape, (afterSeq) => measurements.windows(runId, session, afterSeq, pageSize));
  });
  await Promise.all(readers.map((reader) => reader.advance()));
  for (;;) {
    const second = readers.reduce((first, { next }) => Math.min(first, next?.window.second ?? first), Infinity);
    if (second === Infinity) return;
    const due = readers.filter(({ next }) => next !== undefined && next.window.second <= second);
    yield (await Promise.all(due.map((reader) => reader.takeUntil(second)))).flat();
  }
}

/** Reads the windows of one session in the order of seq. */
class SessionReader {
  /** Undefined after the last window. */
  next: SessionWindow | undefined;
  readonly #session: number;
  readonly #shape: RunShape;
  readonly #readPage: (afterSeq: number) => Promise<readonly StoredWindow[]>;
  #page: readonly StoredWindow[] = [];
  #place = 0;

  constructor(session: number, shape: RunShape, readPage: (afterSeq: number) => Promise<readonly StoredWindow[]>) {
    this.#session = session;
    this.#shape = shape;
    this.#readPage = readPage;
  }

  /** Takes the windows of this second and of those before it. */
  async takeUntil(second: number): Promise<SessionWindow[]> {
    const taken: SessionWindow[] = [];
    while (this.next !== undefined && this.next.window.second <= second) {
      taken.push(this.next);
      await this.advance();
    }
    return taken;
  }

  async advance(): Promise<void> {
    if (this.#place === this.#page.length) {
      this.#page = await this.#readPage(this.#page.at(-1)?.seq ?? 0);
      this.#place = 0;
    }
    const stored = this.#page[this.#place++];
    this.next = stored && { session: this.#session, seq: stored.seq, window: this.#decoded(stored) };
  }

  /** @throws {BenchError} */
  #decoded({ agent, seq, window }: StoredWindow): Window {
    try {
      return decodeWindow(window, this.#shape);
    } catch (error) {
      throw new BenchError('window_damaged', `window ${seq} of agent ${agent} is damaged in the store`, {
        cause: error,
      });
    }
  }
}
