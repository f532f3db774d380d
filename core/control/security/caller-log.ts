import type { Log } from '../../log.ts';
import type { Time } from '../time.ts';

/** Lines that a caller gets at once, and then one in each interval. */
const MOST_LINES = 10;
const INTERVAL_US = 10_000_000;
/** Callers that are remembered; the one that was quiet for longest is forgotten first. */
const MOST_CALLERS = 10_000;

interface Said {
  lines: number;
  lastUs: number;
  leftOut: number;
}

/** Lines that anybody can cause by calling: no caller fills control's log, or its memory. */
export class CallerLog {
  readonly #time: Pick<Time, 'nowUs'>;
  readonly #log: Log;
  readonly #callers = new Map<string, Said>();

  constructor(time: Pick<Time, 'nowUs'>, log: Log) {
    this.#time = time;
    this.#log = log;
  }

  /** @param peer `address:port` */
  line(peer: string, text: string): void {
    const address = addressOf(peer);
    const nowUs = this.#time.nowUs();
    const said = this.#callers.get(address) ?? { lines: 0, lastUs: nowUs, leftOut: 0 };
    const forgiven = Math.floor((nowUs - said.lastUs) / INTERVAL_US);
    if (said.lines - forgiven >= MOST_LINES) {
      said.leftOut++;
      return;
    }
    this.#log(
      said.leftOut === 0 ? text : `${text} (${said.leftOut} lines of ${address} were left out before this one)`,
      { level: 'warn' },
    );
    // Set anew, so that the map's order is that of the last lines.
    this.#callers.delete(address);
    this.#callers.set(address, { lines: Math.max(0, said.lines - forgiven) + 1, lastUs: nowUs, leftOut: 0 });
    for (const quietest of this.#callers.keys()) {
      if (this.#callers.size <= MOST_CALLERS) break;
      this.#callers.delete(quietest);
    }
  }
}

/** Without the port, which is another for each connection. */
export function addressOf(peer: string): string {
  const colon = peer.lastIndexOf(':');
  return colon < 0 ? peer : peer.slice(0, colon);
}
