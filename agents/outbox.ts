/** A window on its way to control. */
export interface KeptWindow {
  /** 1, 2, 3, … within one run of one agent process. */
  readonly seq: number;
  /** An encoded bench.v1.Window. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** When the window was closed, on the agent's clock. */
  readonly madeUs: number;
}

/** The windows of one run that control has not acknowledged yet. They are kept to be sent again after a reconnect. */
export class Outbox {
  readonly #unacked: KeptWindow[] = [];
  #lastSeq = 0;

  add(bytes: Uint8Array<ArrayBuffer>, nowUs: number): KeptWindow {
    const kept = { seq: ++this.#lastSeq, bytes, madeUs: nowUs };
    this.#unacked.push(kept);
    return kept;
  }

  /** Called when control has stored every window up to and including `seq`. @returns the windows that this removes */
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
