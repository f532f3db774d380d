import { decodeWindow } from '../../../proto/window-codec.ts';
import type { RunShape } from '../../stats/merge.ts';
import type { Window } from '../../stats/window.ts';
import type { AgentSession, Measurements, StoredWindow } from '../store/measurements.ts';

/** How many windows are in memory at once, of all sessions together; each session has a page. */
const WINDOWS_AT_ONCE = 10_000;
const SMALLEST_PAGE = 20;

/** A window of one of the sessions that were asked for. */
export interface ReadWindow {
  /** Its place among the sessions. */
  readonly session: number;
  readonly seq: number;
  readonly window: Window;
}

/**
 * The stored windows of these sessions, a second at a time: a run has millions of them, and what they are merged into
 * needs a second's memory for each second that not all agents have gone beyond.
 */
export async function* inOrderOfSeconds(
  measurements: Pick<Measurements, 'windows'>,
  runId: string,
  shape: RunShape,
  sessions: readonly AgentSession[],
): AsyncGenerator<readonly ReadWindow[]> {
  const pageSize = Math.max(SMALLEST_PAGE, Math.ceil(WINDOWS_AT_ONCE / Math.max(1, sessions.length)));
  const readers = sessions.map((session, i) => {
    return new SessionReader(i, shape, (afterSeq) => measurements.windows(runId, session, afterSeq, pageSize));
  });
  await Promise.all(readers.map((reader) => reader.advance()));
  for (;;) {
    const second = readers.reduce((least, { next }) => Math.min(least, next?.window.second ?? least), Infinity);
    if (second === Infinity) return;
    const due = readers.filter(({ next }) => next !== undefined && next.window.second <= second);
    yield (await Promise.all(due.map((reader) => reader.takeUntil(second)))).flat();
  }
}

/** One session's windows in the order of seq, read page by page. */
class SessionReader {
  next: ReadWindow | undefined;
  readonly #session: number;
  readonly #shape: RunShape;
  readonly #read: (afterSeq: number) => Promise<readonly StoredWindow[]>;
  #page: readonly StoredWindow[] = [];
  #place = 0;

  constructor(session: number, shape: RunShape, read: (afterSeq: number) => Promise<readonly StoredWindow[]>) {
    this.#session = session;
    this.#shape = shape;
    this.#read = read;
  }

  /** All up to this second. */
  async takeUntil(second: number): Promise<ReadWindow[]> {
    const taken: ReadWindow[] = [];
    while (this.next !== undefined && this.next.window.second <= second) {
      taken.push(this.next);
      await this.advance();
    }
    return taken;
  }

  /** `next` is undefined after the last. */
  async advance(): Promise<void> {
    if (this.#place === this.#page.length) {
      this.#page = await this.#read(this.#page.at(-1)?.seq ?? 0);
      this.#place = 0;
    }
    const stored = this.#page[this.#place++];
    this.next = stored && {
      session: this.#session,
      seq: stored.seq,
      window: decodeWindow(stored.window, this.#shape),
    };
  }
}
