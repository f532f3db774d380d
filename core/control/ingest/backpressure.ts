import { MAX_WAITING_BYTES, RESEND_INTERVAL_US } from '../limits.ts';
import type { WindowSource } from './window-source.ts';

/**
 * Agents with windows that control could not take, because too many waited for the store. Nothing more is taken of such an
 * agent until it is called back: it keeps what is not acknowledged, and sends all of that on its next stream.
 */
export class HeldBack {
  /** How much each has sent in vain. */
  readonly #bytes = new Map<WindowSource, number>();
  #calledUs = Number.NEGATIVE_INFINITY;

  get isEmpty(): boolean {
    return this.#bytes.size === 0;
  }

  has(source: WindowSource): boolean {
    return this.#bytes.has(source);
  }

  /** A window of this size was not taken. */
  add(source: WindowSource, bytes: number): void {
    this.#bytes.set(source, (this.#bytes.get(source) ?? 0) + bytes);
  }

  /**
   * Calls as many back as there is room for, when that is due: what they send is on its way for a while. Half of the room
   * is left to the others.
   */
  callBack(nowUs: number, waitingBytes: number): void {
    const roomBytes = MAX_WAITING_BYTES / 2 - waitingBytes;
    if (roomBytes <= 0 || nowUs - this.#calledUs < RESEND_INTERVAL_US) return;
    this.#calledUs = nowUs;
    let calledBytes = 0;
    for (const [source, bytes] of this.#bytes) {
      if (calledBytes > 0 && calledBytes + bytes > roomBytes) return;
      calledBytes += bytes;
      this.#bytes.delete(source);
      source.requestResend();
    }
  }
}
