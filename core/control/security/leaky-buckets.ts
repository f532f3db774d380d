import type { Clock } from '../../clock.ts';

/** Limit of buckets in memory; beyond it the bucket that was filled least recently is dropped. */
const MAX_ADDRESSES = 10_000;

export interface BucketSize {
  /** How many events of one address are let through in a row. */
  readonly max: number;
  /** After that, one event is let through in each interval of this many microseconds. */
  readonly intervalUs: number;
}

/** Failed attempts per address, against guessing tokens. */
export const FAILED_TOKENS: BucketSize = { max: 10, intervalUs: 6_000_000 };

interface Bucket {
  readonly count: number;
  readonly lastUs: number;
  /** Events that were rejected since the bucket was filled last. */
  turnedAway: number;
}

/** Limits the rate of something that any caller can cause: one leaky bucket per address, with a limit on the number of buckets. */
export class LeakyBuckets {
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #size: BucketSize;
  /** Least recently filled first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Pick<Clock, 'nowUs'>, size: BucketSize) {
    this.#clock = clock;
    this.#size = size;
  }

  /** @returns how long the address has to wait until its next event, in microseconds; 0 when it need not wait */
  waitUs(address: string): number {
    const bucket = this.#buckets.get(address);
    if (bucket === undefined || bucket.count < this.#size.max) return 0;
    return Math.max(0, bucket.lastUs + this.#size.intervalUs - this.#clock.nowUs());
  }

  /** Counts an event that was rejected, for the next {@link fill} to report. */
  turnAway(address: string): void {
    const bucket = this.#buckets.get(address);
    if (bucket) bucket.turnedAway++;
  }

  /**
   * Counts an event that was let through.
   * @returns how many events were rejected since the last one
   */
  fill(address: string): number {
    const nowUs = this.#clock.nowUs();
    const { count, lastUs, turnedAway } = this.#buckets.get(address) ?? { count: 0, lastUs: nowUs, turnedAway: 0 };
    const leaked = Math.floor((nowUs - lastUs) / this.#size.intervalUs);
    this.#buckets.delete(address);
    const filled = Math.min(this.#size.max, Math.max(0, count - leaked) + 1);
    this.#buckets.set(address, { count: filled, lastUs: nowUs, turnedAway: 0 });
    for (const quietest of this.#buckets.keys()) {
      if (this.#buckets.size <= MAX_ADDRESSES) break;
      this.#buckets.delete(quietest);
    }
    return turnedAway;
  }

  /** Forgets all events of the address. */
  empty(address: string): void {
    this.#buckets.delete(address);
  }
}
