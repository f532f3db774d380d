import type { Clock } from '../../../core/clock.ts';
import type { Driver, Session, VirtualUserContext } from '../../../core/plugin.ts';
import { withTimeout } from '../../../core/timeout.ts';
import { LimitedSession, type SessionSource } from './limited-session.ts';
import { checkedSession } from './open-driver.ts';

/** How long an operation may take where neither the plan nor the driver limits it. */
export const DEFAULT_OPERATION_LIMIT_US = 60_000_000;
/** How long a driver may take to open a session. */
const CONNECT_LIMIT_US = 30_000_000;

/** A driver that nobody vouches for: whatever its sessions do, an operation ends, and its virtual user goes on. */
export class LimitedDriver implements Driver {
  readonly #driver: Driver;
  readonly #source: SessionSource;

  /** @param clock for the time that a session may take to open */
  constructor(driver: Driver, source: Omit<SessionSource, 'open'> & { readonly clock: Clock }) {
    this.#driver = driver;
    this.#source = { ...source, open: (user, signal) => this.#open(user, signal, source.clock) };
  }

  async connect(user: VirtualUserContext, signal: AbortSignal): Promise<Session> {
    return new LimitedSession(this.#source, await this.#source.open(user, signal), user, signal);
  }

  close(): void | Promise<void> {
    return this.#driver.close();
  }

  async #open(user: VirtualUserContext, signal: AbortSignal, clock: Clock): Promise<Session> {
    const { name, closer } = this.#source;
    const connected = this.#driver.connect(user, signal);
    if (!(connected instanceof Promise)) return checkedSession(name, connected);
    try {
      const message = `driver ${name} had opened no session after ${CONNECT_LIMIT_US / 1e6} s`;
      return checkedSession(name, await withTimeout(clock, CONNECT_LIMIT_US, message, () => connected, signal));
    } catch (error) {
      // One that opens too late is closed again.
      void connected.then((late) => closer.closeSession(name, late)).catch(() => {});
      throw error;
    }
  }
}
