/** A queue between a producer that calls {@link push} and one consumer that reads in a `for await`. */
export class MessageQueue<Message> implements AsyncIterable<Message> {
  readonly #waiting: Message[] = [];
  readonly #onTaken: ((waiting: number, taken: Message) => void) | undefined;
  readonly #onAbandoned: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #ending: { readonly error?: unknown } | undefined;

  /**
   * @param onTaken called with each message that the consumer takes, and the number of messages left
   * @param onAbandoned called when the consumer leaves its loop before the end
   */
  constructor(onTaken?: (waiting: number, taken: Message) => void, onAbandoned?: () => void) {
    this.#onTaken = onTaken;
    this.#onAbandoned = onAbandoned;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether what is pushed from now on is ignored. */
  get hasEnded(): boolean {
    return this.#ending !== undefined;
  }

  /** Ignored after the end. */
  push(message: Message): void {
    if (this.#ending) return;
    this.#waiting.push(message);
    this.#wake?.();
  }

  /** Ends the consumer's loop after the messages that are left. Later calls of any method have no effect. */
  end(): void {
    this.#ending ??= {};
    this.#wake?.();
  }

  /** Makes the consumer's loop throw this error after the messages that are left. */
  fail(error: unknown): void {
    this.#ending ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    try {
      for (;;) {
        while (this.#waiting.length > 0) {
          const message = this.#waiting.shift() as Message;
          this.#onTaken?.(this.#waiting.length, message);
          yield message;
        }
        if (this.#ending) break;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
      if ('error' in this.#ending) throw this.#ending.error;
    } finally {
      this.#waiting.length = 0;
      if (!this.#ending) this.#onAbandoned?.();
    }
  }
}
