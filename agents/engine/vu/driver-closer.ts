import type { Clock } from '../../../core/clock.ts';
import { errorMessage } from '../../../core/error.ts';
import { withTimeout } from '../../../core/timeout.ts';

/** How long a driver, or one of its sessions, may take to close. */
const CLOSE_LIMIT_US = 5_000_000;
const NOT_CLOSED = `it took longer than ${CLOSE_LIMIT_US / 1e6} s`;

/** Closes sessions and drivers. A failed or hanging close does not end the run: it is logged, once per driver and kind. */
export class DriverCloser {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #warn: (text: string) => void;
  readonly #told = new Set<string>();

  constructor(clock: Pick<Clock, 'after'>, warn: (text: string) => void) {
    this.#clock = clock;
    this.#warn = warn;
  }

  /** Never rejects. @param what names the closable in the log, such as `driver http` */
  async close(what: string, closable: { close(): void | Promise<void> }): Promise<void> {
    try {
      const closed = closable.close();
      if (closed !== undefined) await withTimeout(this.#clock, CLOSE_LIMIT_US, NOT_CLOSED, () => closed);
    } catch (error) {
      if (this.#told.has(what)) return;
      this.#told.add(what);
      this.#warn(`${what} could not be closed: ${errorMessage(error)}`);
    }
  }
}
