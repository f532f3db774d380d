import type { Clock } from '../../clock.ts';

/** Addresses that are remembered; the one that was quiet for longest is forgotten first. */
const MOST_ADDRESSES = 10_000;

export interface BucketSize {
  /** An address may do it this often in a row, and then once in each interval. */
  readonly most: number;
  readonly intervalUs: number;
}

interface Bucket {
  readonly count: number;
  readonly lastUs: number;
  /** How often it was turned away since then. */
  turnedAway: number;
}

/** Slows down what anybody can do by calling: a leaky bucket for each address, and an end to how many are kept. */
export class LeakyBuckets {
  readonly #time: Pick<Clock, 'nowUs'>;
  readonly #size: BucketSize;
  /** In the order in which they were filled last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(time: Pick<Clock, 'nowUs'>, size: BucketSize) {
    this.#time = time;
    this.#size = size;
  }

  /** @returns how long until the address has room again, in microseconds; 0 when it has */
  waitUs(address: string): number {
    const bucket = this.#buckets.get(address);
    if (bucket === undefined || bucket.count < this.#size.most) return 0;
    return Math.max(0, bucket.lastUs + this.#size.intervalUs - this.#time.nowUs());
  }

  /** To be called when there was no room, by those who want to know how often that was. */
  turnAway(address: string): void {
    const bucket = this.#buckets.get(address);
    if (bucket) bucket.turnedAway++;
  }

  /** @returns how often it was turned away since it was filled last */
  fill(address: string): number {
    const nowUs = this.#time.nowUs();
    const { count, lastUs, turnedAway } = this.#buckets.get(address) ?? { count: 0, lastUs: nowUs, turnedAway: 0 };
    const leaked = Math.floor((nowUs - lastUs) / this.#size.intervalUs);
    this.#buckets.delete(address);
    const filled = Math.min(this.#size.most, Math.max(0, count - leaked) + 1);
    this.#buckets.set(address, { count: filled, lastUs: nowUs, turnedAway: 0 });
    for (const quietest of this.#buckets.keys()) {
      if (this.#buckets.size <= MOST_ADDRESSES) break;
      this.#buckets.delete(quietest);
    }
    return turnedAway;
  }

  empty(address: string): void {
    this.#buckets.delete(address);
  }
}
