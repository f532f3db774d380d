import type { Time } from '../time.ts';

/** An address may fail this often in a row, and then once in each interval. */
const MOST_FAILURES = 10;
const INTERVAL_US = 6_000_000;
/** Addresses that are remembered; the oldest is forgotten first. */
const MOST_ADDRESSES = 10_000;

interface Failures {
  count: number;
  lastUs: number;
}

/** Slows down those who guess tokens: a leaky bucket for each address. */
export class JoinLimit {
  readonly #time: Pick<Time, 'nowUs'>;
  readonly #failures = new Map<string, Failures>();

  constructor(time: Pick<Time, 'nowUs'>) {
    this.#time = time;
  }

  /** @returns how long it has to wait; 0 when it may try */
  waitUs(address: string): number {
    const failures = this.#failures.get(address);
    if (failures === undefined || failures.count < MOST_FAILURES) return 0;
    return Math.max(0, failures.lastUs + INTERVAL_US - this.#time.nowUs());
  }

  failed(address: string): void {
    const nowUs = this.#time.nowUs();
    const { count, lastUs } = this.#failures.get(address) ?? { count: 0, lastUs: nowUs };
    const forgiven = Math.floor((nowUs - lastUs) / INTERVAL_US);
    // Set anew, so that the map's order is that of the last failures.
    this.#failures.delete(address);
    this.#failures.set(address, { count: Math.min(MOST_FAILURES, Math.max(0, count - forgiven) + 1), lastUs: nowUs });
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size <= MOST_ADDRESSES) break;
      this.#failures.delete(oldest);
    }
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }
}
