import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SnapshotSchema, WatchRunResponseSchema } from '../../../proto/gen/bench/v1/run_pb.ts';
import type { Clock } from '../../clock.ts';
import { errorMessage, unexpectedStack } from '../../error.ts';
import type { Log } from '../../log.ts';
import type { RunEvent } from '../../stats/result.ts';
import { clipped } from '../../text/printable.ts';
import { MAX_RUN_TEXT } from '../limits.ts';
import { isEnded, leavesSomething, type RunState, type RunStep, reasonOf, step, wireState } from './run-state.ts';

export type WatchMessage = MessageInitShape<typeof WatchRunResponseSchema>;
export type RunSnapshot = MessageInitShape<typeof SnapshotSchema>;
type WatchEvent = Extract<NonNullable<WatchMessage['event']>, { case: string }>;

/** How many operations those who watch a run are told of in full: all of one pass, or those that fail. */
const MAX_TRACED = { all: 1000, failed: 20 } as const;
const MAX_TRACED_CHARACTERS = 32 * 1024;

/** How many notices a late watcher is sent, and how many a slow one may be behind by. */
const MAX_NOTICES = 100;

/**
 * How many events a result lists: an agent, a store or a monitor may come and go without end, and each event is stored with
 * everything that was recorded before it. Of more, the first and the last are kept.
 */
const MAX_EVENTS = 2000;
const MAX_LAST_EVENTS = 100;

/** Told of what another control process would need to know. */
export interface RunEventsListener {
  /** An event has been recorded. */
  recorded(): void;
  /** The run is in another state. */
  changed(state: RunState): void;
}

/** Somebody in this process who shows a run to others. It is told of what happens as it happens, and must not throw. */
export interface RunObserver {
  changed(state: RunState): void;
  /** An event of the result; it is notified of as well. @param us when it happens, on control's clock */
  recorded(text: string, us: number): void;
  /** One sentence for whoever watches the run. */
  notified(text: string): void;
  /** A second of the load is over. */
  ticked(): void;
}

/**
 * What happens to one run: its state, the events that its result lists, and the notices for those who watch it and for
 * control's log. There may be any number of watchers; a slow one misses snapshots and old notices, and holds up nobody.
 */
export class RunEvents {
  readonly #runId: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listener: RunEventsListener;
  readonly #recorded: { readonly us: number; readonly text: string }[] = [];
  readonly #watchers = new Set<Watcher>();
  readonly #observers = new Set<RunObserver>();
  readonly #notices: string[] = [];
  /** How many of the notices came before the run got into its present state. */
  #earlierNotices = 0;
  #state: RunState = { kind: 'queued' };
  #snapshot: RunSnapshot | undefined;
  #traced = 0;
  #hasLeftOut = false;

  constructor(runId: string, clock: Clock, log: Log, listener: RunEventsListener) {
    this.#runId = runId;
    this.#clock = clock;
    this.#log = log;
    this.#listener = listener;
  }

  get state(): RunState {
    return this.#state;
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  /** Tells those who watch, and the log; the result does not list it. */
  notify(said: string): void {
    const text = clipped(said, MAX_RUN_TEXT);
    this.#log(`run ${this.#runId}: ${text}`, { runId: this.#runId });
    this.#notices.push(text);
    if (this.#notices.length > MAX_NOTICES) {
      this.#notices.shift();
      this.#earlierNotices = Math.max(0, this.#earlierNotices - 1);
    }
    this.#send({ case: 'notice', value: text });
    for (const observer of this.#observers) observer.notified(text);
  }

  /**
   * Puts an event into the result, and notifies of it now.
   * @param us when it happens, on control's clock; may lie ahead
   */
  record(said: string, us = this.#clock.nowUs()): void {
    const text = clipped(said, MAX_RUN_TEXT);
    if (this.#recorded.length >= MAX_EVENTS) this.#leaveOut(us);
    this.#recorded.push({ us, text });
    this.notify(text);
    for (const observer of this.#observers) observer.recorded(text, us);
    this.#listener.recorded();
  }

  /** {@link record}, unless it is recorded already. */
  recordOnce(text: string): void {
    if (!this.#recorded.some((event) => event.text === text)) this.record(text);
  }

  /** Tells those who watch now of an operation in full. It is in no log and in no result. */
  trace(text: string, mode: keyof typeof MAX_TRACED): void {
    if (this.#traced++ < MAX_TRACED[mode]) this.#send({ case: 'traced', value: text.slice(0, MAX_TRACED_CHARACTERS) });
  }

  /** Logs the stack of a failure that nobody foresaw; does nothing for any other. */
  logUnexpected(error: unknown): void {
    const stack = unexpectedStack(error);
    if (stack === undefined) return;
    const fields = { level: 'error', runId: this.#runId, stack } as const;
    this.#log(`run ${this.#runId}: unexpected error: ${errorMessage(error)}`, fields);
  }

  /**
   * Adds the events that another control process recorded of this run.
   * @param startUs the run start on control's clock
   */
  recover(events: readonly RunEvent[], startUs: number): void {
    this.#recorded.push(...events.map(({ atUs, text }) => ({ us: startUs + atUs, text })));
  }

  /**
   * All recorded events in order of time: some are recorded after they happened. Those of one instant keep the order in
   * which they were recorded.
   * @param startUs the run start on control's clock
   */
  list(startUs: number): RunEvent[] {
    return this.#recorded.map(({ us, text }) => ({ atUs: us - startUs, text })).toSorted((a, b) => a.atUs - b.atUs);
  }

  /** @throws {RangeError} when the step is not possible in the run's state */
  take(taken: RunStep): void {
    const state = step(this.#state, taken);
    if (state === this.#state) return;
    this.#state = state;
    this.#earlierNotices = this.#notices.length;
    this.#send(stateEvent(state));
    for (const observer of this.#observers) observer.changed(state);
    this.#listener.changed(state);
  }

  /** Tells observers that a second of the load is over. */
  tick(): void {
    for (const observer of this.#observers) observer.ticked();
  }

  /** @returns ends it */
  observe(observer: RunObserver): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Shows the run's figures to those who watch. */
  show(snapshot: RunSnapshot): void {
    this.#snapshot = snapshot;
    this.#send({ case: 'snapshot', value: snapshot });
  }

  /**
   * Yields the last notices, with the run's state where it came among them, and the last snapshot; then all that comes.
   * Returns when the run has ended or the signal is aborted.
   */
  async *watch(signal: AbortSignal): AsyncGenerator<WatchMessage, void, undefined> {
    const watcher = new Watcher();
    if (isEnded(this.#state)) watcher.add(stateEvent(this.#state));
    else {
      const notices = this.#notices.map((value): WatchEvent => ({ case: 'notice', value }));
      const at = this.#earlierNotices;
      for (const event of [...notices.slice(0, at), stateEvent(this.#state), ...notices.slice(at)]) watcher.add(event);
      if (this.#snapshot) watcher.add({ case: 'snapshot', value: this.#snapshot });
    }
    this.#watchers.add(watcher);
    const wake = () => watcher.wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const event = watcher.next();
        if (event === undefined) {
          if (isEnded(this.#state)) return;
          await watcher.news();
        } else yield { event };
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#watchers.delete(watcher);
      // Snapshots are made only while somebody watches: the next watcher would take this old one for news.
      if (!this.isWatched) this.#snapshot = undefined;
    }
  }

  /** Makes room for an event. */
  #leaveOut(us: number): void {
    const at = MAX_EVENTS - MAX_LAST_EVENTS;
    if (this.#hasLeftOut) this.#recorded.splice(at, 1);
    else
      this.#recorded.splice(at - 1, 2, {
        us,
        text: 'more happened than a result lists: the log of control has it all',
      });
    this.#hasLeftOut = true;
  }

  #send(event: WatchEvent): void {
    for (const watcher of this.#watchers) watcher.add(event);
  }
}

class Watcher {
  readonly #waiting: WatchEvent[] = [];
  #wake: (() => void) | undefined;

  add(event: WatchEvent): void {
    if (event.case === 'snapshot') this.#dropOldest('snapshot');
    if (this.#waiting.length > 2 * MAX_NOTICES) this.#dropOldest(event.case === 'traced' ? 'traced' : 'notice');
    this.#waiting.push(event);
    this.wake();
  }

  next(): WatchEvent | undefined {
    return this.#waiting.shift();
  }

  wake(): void {
    this.#wake?.();
  }

  async news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  #dropOldest(kind: WatchEvent['case']): void {
    const at = this.#waiting.findIndex((waiting) => waiting.case === kind);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}

function stateEvent(state: RunState): WatchEvent {
  const leftBehind = leavesSomething(state);
  return { case: 'state', value: { state: wireState(state.kind), reason: reasonOf(state), leftBehind } };
}
