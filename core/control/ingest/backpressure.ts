import { RESEND_INTERVAL_US } from '../limits.ts';
import type { WindowSource } from './window-source.ts';

/**
 * Agents that sent windows while too many others waited for the store. Control takes no more windows of such an agent until
 * it has asked the agent to send again: the agent keeps what is not acknowledged, and sends all of it on its next stream.
 */
export class Backpressure {
  readonly #maxWaitingBytes: number;
  /** How many bytes of each agent were not taken. */
  readonly #bytes = new Map<WindowSource, number>();
  #requestedUs = Number.NEGATIVE_INFINITY;

  /** @param maxWaitingBytes how much may wait for the store */
  constructor(maxWaitingBytes: number) {
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  get isEmpty(): boolean {
    return this.#bytes.size === 0;
  }

  has(source: WindowSource): boolean {
    return this.#bytes.has(source);
  }

  /** Counts a window of this size that was not taken. */
  add(source: WindowSource, bytes: number): void {
    this.#bytes.set(source, (this.#bytes.get(source) ?? 0) + bytes);
  }

  /**
   * Asks as many agents to send again as there is room for. What they send takes a while to arrive, so this happens once per
   * interval, and half of the room is left to the other agents.
   * @param waitingBytes how much waits for the store now
   */
  requestResend(nowUs: number, waitingBytes: number): void {
    const roomBytes = this.#maxWaitingBytes / 2 - waitingBytes;
    if (roomBytes <= 0 || nowUs - this.#requestedUs < RESEND_INTERVAL_US) return;
    this.#requestedUs = nowUs;
    let requestedBytes = 0;
    for (const [source, bytes] of this.#bytes) {
      if (requestedBytes > 0 && requestedBytes + bytes > roomBytes) return;
      requestedBytes += bytes;
      this.#bytes.delete(source);
      source.requestResend();
    }
  }
}
