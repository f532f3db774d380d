import type { Window } from '../core/stats/window.ts';

/** A window with its place in the order: 1, 2, 3 … within one run of one agent process. */
export interface NumberedWindow {
  readonly seq: number;
  readonly window: Window;
}

/** Windows that control has not acknowledged yet: kept, and sent again after a reconnect. */
export class Outbox {
  readonly #unacked: NumberedWindow[] = [];
  #lastSeq = 0;

  add(window: Window): NumberedWindow {
    const numbered = { seq: ++this.#lastSeq, window };
    this.#unacked.push(numbered);
    return numbered;
  }

  /** Control has stored every window up to and including this one. */
  acknowledge(seq: number): void {
    let count = 0;
    while (count < this.#unacked.length && (this.#unacked[count] as NumberedWindow).seq <= seq) count++;
    this.#unacked.splice(0, count);
  }

  get unacked(): readonly NumberedWindow[] {
    return this.#unacked;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }
}
