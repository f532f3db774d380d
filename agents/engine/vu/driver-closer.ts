import type { Clock } from '../../../core/clock.ts';
import { errorMessage } from '../../../core/error.ts';
import { withTimeout } from '../../../core/timeout.ts';

/** How long a driver may take to close, or one of its sessions. */
const CLOSE_LIMIT_US = 5_000_000;
const NOT_CLOSED = `it was not done after ${CLOSE_LIMIT_US / 1e6} s`;

/** Closes what drivers have opened. A close that fails or hangs ends nothing: it is told, once for all of its kind. */
export class Closing {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #warn: (text: string) => void;
  readonly #told = new Set<string>();

  constructor(clock: Pick<Clock, 'after'>, warn: (text: string) => void) {
    this.#clock = clock;
    this.#warn = warn;
  }

  /** Never throws. @param what it is, for the sentence */
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
