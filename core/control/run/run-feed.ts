import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SnapshotSchema, WatchRunResponseSchema } from '../../../proto/gen/bench/v1/run_pb.ts';
import { isEnded, type RunState, reasonOf, wireState } from './run-state.ts';

export type WatchMessage = MessageInitShape<typeof WatchRunResponseSchema>;
type WatchEvent = Extract<NonNullable<WatchMessage['event']>, { case: string }>;

/** What a late watcher gets told of, and what a slow one may be behind by. */
const MAX_NOTICES = 100;

/** One run's news for any number of watchers. A slow watcher misses snapshots and old notices, and holds up nobody. */
export class RunFeed {
  readonly #watchers = new Set<Watcher>();
  readonly #notices: string[] = [];
  /** How many of them came before the state as it is. */
  #earlierNotices = 0;
  #state: RunState = { kind: 'queued' };
  #snapshot: MessageInitShape<typeof SnapshotSchema> | undefined;

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  state(state: RunState): void {
    this.#state = state;
    this.#earlierNotices = this.#notices.length;
    this.#tell(stateEvent(state));
  }

  notice(text: string): void {
    this.#notices.push(text);
    if (this.#notices.length > MAX_NOTICES) {
      this.#notices.shift();
      this.#earlierNotices = Math.max(0, this.#earlierNotices - 1);
    }
    this.#tell({ case: 'notice', value: text });
  }

  snapshot(snapshot: MessageInitShape<typeof SnapshotSchema>): void {
    this.#snapshot = snapshot;
    this.#tell({ case: 'snapshot', value: snapshot });
  }

  /**
   * What was noticed so far, with the state as it is where it came, the last snapshot, and then all that comes; ends with
   * the run.
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
      // No more are made: the next watcher would take it for news.
      if (!this.isWatched) this.#snapshot = undefined;
    }
  }

  #tell(event: WatchEvent): void {
    for (const watcher of this.#watchers) watcher.add(event);
  }
}

class Watcher {
  readonly #waiting: WatchEvent[] = [];
  #wake: (() => void) | undefined;

  add(event: WatchEvent): void {
    if (event.case === 'snapshot') this.#drop((waiting) => waiting.case === 'snapshot');
    if (this.#waiting.length > 2 * MAX_NOTICES) this.#drop((waiting) => waiting.case === 'notice');
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

  /** The oldest of this kind. */
  #drop(isOfKind: (event: WatchEvent) => boolean): void {
    const at = this.#waiting.findIndex(isOfKind);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}

function stateEvent(state: RunState): WatchEvent {
  return { case: 'state', value: { state: wireState(state.kind), reason: reasonOf(state) } };
}
