/** What all calls together hold of messages that are being read, or that wait for their handlers. */
export const ALL_MESSAGES_BYTES = 256 * 1024 * 1024;

/** A call that holds bytes of messages. */
export interface MessageHolder {
  /** Whose call it is. */
  readonly caller: string;
  /** Ends the call, and lets go of all that it holds. */
  crowdOut(): void;
}

/** Bounds the memory that the messages of all calls of a server take: beyond it, who holds most of it loses the largest of its calls. */
export class MessageMemory {
  readonly #limitBytes: number;
  readonly #held = new Map<MessageHolder, number>();
  #bytes = 0;

  constructor(limitBytes = ALL_MESSAGES_BYTES) {
    this.#limitBytes = limitBytes;
  }

  /** What is held at the moment. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Tells how much a call holds from now on; 0 when it holds nothing more. */
  hold(holder: MessageHolder, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(holder) ?? 0);
    if (bytes > 0) this.#held.set(holder, bytes);
    else this.#held.delete(holder);
    while (this.#bytes > this.#limitBytes) {
      const largest = this.#largest();
      this.hold(largest, 0);
      largest.crowdOut();
    }
  }

  #largest(): MessageHolder {
    const callers = [...Map.groupBy(this.#held, ([{ caller }]) => caller).values()];
    const sumOf = (calls: readonly [MessageHolder, number][]) => calls.reduce((sum, [, bytes]) => sum + bytes, 0);
    const [most] = callers.map((calls) => ({ calls, bytes: sumOf(calls) })).sort((a, b) => b.bytes - a.bytes);
    return (most?.calls ?? []).reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  }
}
