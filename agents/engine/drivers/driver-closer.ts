import type { Clock } from '../../../core/clock.ts';
import { errorMessage } from '../../../core/error.ts';
import { withTimeout } from '../../../core/timeout.ts';

/** How long a driver, or one of its sessions, may take to close. */
const CLOSE_LIMIT_US = 5_000_000;
const NOT_CLOSED = `it took longer than ${CLOSE_LIMIT_US / 1e6} s`;

type Closable = { close(): void | Promise<void> };

/** Closes sessions and drivers. A failed or hanging close does not end the run: it is told of, once per driver and kind. */
export class DriverCloser {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #warn: (text: string) => void;
  readonly #told = new Set<string>();
  /** How many sessions could not be closed, by driver. */
  readonly #left = new Map<string, number>();

  constructor(clock: Pick<Clock, 'after'>, warn: (text: string) => void) {
    this.#clock = clock;
    this.#warn = warn;
  }

  /** Never rejects. @param name of the driver in the plan */
  async closeDriver(name: string, driver: Closable): Promise<void> {
    await this.#close(`driver ${name}`, driver);
  }

  /** Never rejects. @param driver its name in the plan */
  async closeSession(driver: string, session: Closable): Promise<void> {
    if (await this.#close(`a session of driver ${driver}`, session)) return;
    this.#left.set(driver, (this.#left.get(driver) ?? 0) + 1);
  }

  /**
   * Tells how many sessions each driver has left open, where they may have piled up: what they hold, such as connections and
   * memory, is then more than the virtual users need.
   * @param users how many sessions each driver has in use at the most
   */
  tellLeft(users: ReadonlyMap<string, number>): void {
    for (const [driver, left] of this.#left) {
      if (left < 2) continue;
      const most = users.get(driver) ?? 0;
      this.#warn(
        `driver ${driver} leaks sessions: ${left} could not be closed, so up to ${left + most} were open for ${most} virtual ${most === 1 ? 'user' : 'users'}`,
      );
    }
    this.#left.clear();
  }

  /** @returns whether it is closed */
  async #close(what: string, closable: Closable): Promise<boolean> {
    try {
      const closed = closable.close();
      if (closed !== undefined) await withTimeout(this.#clock, CLOSE_LIMIT_US, NOT_CLOSED, () => closed);
      return true;
    } catch (error) {
      if (!this.#told.has(what)) this.#warn(`${what} could not be closed: ${errorMessage(error)}`);
      this.#told.add(what);
      return false;
    }
  }
}
