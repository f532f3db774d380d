import { addressOf } from '../../../proto/rpc/caller.ts';
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { LeakyBuckets } from './leaky-buckets.ts';

const LINES = { max: 10, intervalUs: 10_000_000 };

/** Writes log lines that any caller can cause, with a rate limit per address, so that no caller can fill the log or the memory. */
export class CallerLog {
  readonly #log: Log;
  readonly #lines: LeakyBuckets;

  constructor(clock: Pick<Clock, 'nowUs'>, log: Log) {
    this.#log = log;
    this.#lines = new LeakyBuckets(clock, LINES);
  }

  /** @param peer `address:port` of the caller */
  line(peer: string, text: string): void {
    const address = addressOf(peer);
    if (this.#lines.waitUs(address) > 0) {
      this.#lines.turnAway(address);
      return;
    }
    const leftOut = this.#lines.fill(address);
    this.#log(leftOut === 0 ? text : `${text} (${leftOut} lines about ${address} were left out before this one)`, {
      level: 'warn',
    });
  }
}
