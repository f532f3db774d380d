/** A window on its way to control. */
export interface KeptWindow {
  /** 1, 2, 3 … within one run of one agent process. */
  readonly seq: number;
  /** bench.v1.Window: it is sent again as it was. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** When, on the agent's clock. */
  readonly madeUs: number;
}

/** Windows that control has not acknowledged yet: kept, and sent again after a reconnect. */
export class Outbox {
  readonly #unacked: KeptWindow[] = [];
  #lastSeq = 0;

  add(bytes: Uint8Array<ArrayBuffer>, nowUs: number): KeptWindow {
    const kept = { seq: ++this.#lastSeq, bytes, madeUs: nowUs };
    this.#unacked.push(kept);
    return kept;
  }

  /** Control has stored every window up to and including this one. @returns those that were kept until now */
  acknowledge(seq: number): readonly KeptWindow[] {
    let count = 0;
    while (count < this.#unacked.length && (this.#unacked[count] as KeptWindow).seq <= seq) count++;
    return this.#unacked.splice(0, count);
  }

  get unacked(): readonly KeptWindow[] {
    return this.#unacked;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }
}
