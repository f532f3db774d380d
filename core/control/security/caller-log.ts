import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { LeakyBuckets } from './leaky-buckets.ts';

const LINES = { most: 10, intervalUs: 10_000_000 };

/** Lines that anybody can cause by calling: no caller fills control's log, or its memory. */
export class CallerLog {
  readonly #log: Log;
  readonly #lines: LeakyBuckets;

  constructor(time: Pick<Clock, 'nowUs'>, log: Log) {
    this.#log = log;
    this.#lines = new LeakyBuckets(time, LINES);
  }

  /** @param peer `address:port` */
  line(peer: string, text: string): void {
    const address = addressOf(peer);
    if (this.#lines.waitUs(address) > 0) {
      this.#lines.turnAway(address);
      return;
    }
    const leftOut = this.#lines.fill(address);
    this.#log(leftOut === 0 ? text : `${text} (${leftOut} lines of ${address} were left out before this one)`, {
      level: 'warn',
    });
  }
}

/** Without the port, which is another for each connection. */
export function addressOf(peer: string): string {
  const colon = peer.lastIndexOf(':');
  return colon < 0 ? peer : peer.slice(0, colon);
}
