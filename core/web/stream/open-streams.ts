import type { Clock } from '../../clock.ts';
import { ApiError } from '../api-error.ts';
import { EventClient, type EventSink } from './event-client.ts';
import { COMMENT, RETRY } from './sse-frame.ts';

const MAX_STREAMS = 200;
const MAX_OF_A_SESSION = 20;
const TICK_US = 1e6;
const COMMENT_TICKS = 15;
const RECHECK_TICKS = 5;

/** Who reads a stream. */
export interface StreamReader {
  /** What its streams are counted by; undefined where nobody logs in. */
  readonly session: string | undefined;
  /** Asked again while the stream is open. @returns whether the reader is no longer let in */
  readonly isWithdrawn: () => boolean;
}

interface Open {
  readonly client: EventClient;
  readonly reader: StreamReader;
}

/** All streams of events that this server has open: their number is limited, and each is looked after. */
export class OpenStreams {
  readonly #clock: Clock;
  readonly #open = new Set<Open>();
  #ticks = 0;
  #cancelTick: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws {ApiError} when there are too many */
  admit({ session }: Pick<StreamReader, 'session'>): void {
    const own = session === undefined ? 0 : [...this.#open].filter(({ reader }) => reader.session === session).length;
    if (this.#open.size < MAX_STREAMS && own < MAX_OF_A_SESSION) return;
    const whose =
      own < MAX_OF_A_SESSION ? `${MAX_STREAMS} streams are` : `${MAX_OF_A_SESSION} streams of this session are`;
    throw new ApiError(503, `${whose} open, which is the most: close some of them`, {
      headers: { 'retry-after': '5' },
    });
  }

  /** @param sink whose head has been sent */
  open(sink: EventSink, reader: StreamReader): EventClient {
    const client = new EventClient(sink);
    const open = { client, reader };
    this.#open.add(open);
    client.onClose(() => this.#closed(open));
    client.send(RETRY);
    this.#cancelTick ??= this.#clock.after(TICK_US, () => this.#tick());
    return client;
  }

  /** Ends all streams; what was sent still arrives. */
  close(): void {
    for (const { client } of this.#open) client.end();
  }

  #closed(open: Open): void {
    this.#open.delete(open);
    if (this.#open.size > 0) return;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }

  #tick(): void {
    this.#ticks++;
    const nowUs = this.#clock.nowUs();
    this.#cancelTick = this.#clock.after(TICK_US, () => this.#tick());
    for (const { client, reader } of this.#open) {
      if (this.#ticks % RECHECK_TICKS === 0 && reader.isWithdrawn()) client.end();
      if (this.#ticks % COMMENT_TICKS === 0) client.send(COMMENT, true);
      client.check(nowUs);
    }
  }
}
