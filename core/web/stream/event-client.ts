/** The part of a response that events are written to. */
export interface EventSink {
  write(bytes: Uint8Array): unknown;
  end(): unknown;
  destroy(): unknown;
  /** Bytes that were written and have not left this process. */
  readonly writableLength: number;
}

/** Where more than this waits, a client misses what it can do without. */
const SLOW_BYTES = 64 * 1024;
/** Where more than this waits, it is cut off. */
const MAX_BYTES = 1024 * 1024;
const STALLED_US = 30e6;

/** One reader of a stream of events. A slow one misses figures, a stalled one is cut off, and nobody waits for either. */
export class EventClient {
  readonly #sink: EventSink;
  readonly #closed: (() => void)[] = [];
  /** What waits at most. */
  #most = MAX_BYTES;
  #sentBytes = 0;
  /** Bytes that had left when that last changed, and when it was. */
  #left = { bytes: 0, us: Number.NEGATIVE_INFINITY };
  #isOpen = true;

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Sends what it begins with: nothing of that can have left before all of it is written, however fast it reads. */
  begin(frames: readonly Uint8Array[]): void {
    this.#most += frames.reduce((sum, { length }) => sum + length, 0);
    for (const frame of frames) this.send(frame);
  }

  /** @param mayMiss whether a client that is slow can do without it */
  send(bytes: Uint8Array, mayMiss = false): void {
    if (!this.#isOpen || bytes.length === 0) return;
    const waiting = this.#sink.writableLength;
    if (mayMiss && waiting > SLOW_BYTES) return;
    if (waiting > this.#most) {
      this.cutOff();
      return;
    }
    this.#sentBytes += bytes.length;
    this.#sink.write(bytes);
  }

  /** Cuts off a client that has taken nothing for 30 s although there is something. To be called each second. */
  check(nowUs: number): void {
    const backlog = this.#sink.writableLength;
    const bytes = this.#sentBytes - backlog;
    if (backlog === 0 || bytes !== this.#left.bytes) this.#left = { bytes, us: nowUs };
    else if (nowUs - this.#left.us >= STALLED_US) this.cutOff();
  }

  /** Calls back once, when the client has gone or was sent away. */
  onClose(callback: () => void): void {
    if (this.#isOpen) this.#closed.push(callback);
    else callback();
  }

  /** What was sent still arrives. */
  end(): void {
    if (!this.#isOpen) return;
    this.#sink.end();
    this.closed();
  }

  cutOff(): void {
    if (!this.#isOpen) return;
    this.#sink.destroy();
    this.closed();
  }

  /** Called when the connection is gone. */
  closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const callback of this.#closed) callback();
  }
}
