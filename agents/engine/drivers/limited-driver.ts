import type { Clock } from '../../../core/clock.ts';
import { errorMessage } from '../../../core/error.ts';
import type { Driver, Outcome, Session, VirtualUserContext } from '../../../core/plugin.ts';
import type { Http } from '../../../core/script/http.ts';
import type { RequestRecorder } from '../../../core/script/request-recorder.ts';
import { withTimeout } from '../../../core/timeout.ts';
import { NO_BYTES, outcomeOfThrown } from '../vu/outcome.ts';
import { failedAgain, type StartRetry } from '../vu/pass-runner.ts';
import type { DriverCalls } from './driver-calls.ts';
import type { DriverCloser } from './driver-closer.ts';
import { InFlight } from './in-flight.ts';
import { checkedSession } from './open-driver.ts';
import type { OperationSweep, Swept } from './operation-sweep.ts';
import { ReplacedHttp } from './replaced-http.ts';

/** How long an operation may take where neither the plan nor the driver limits it. */
export const DEFAULT_OPERATION_LIMIT_US = 60_000_000;
/** How long a driver may take to open a session. */
const CONNECT_LIMIT_US = 30_000_000;

/** A driver that nobody vouches for: whatever its sessions do, an operation ends, and its virtual user goes on. */
export class LimitedDriver implements Driver {
  readonly #driver: Driver;
  readonly #source: SessionSource;
  readonly #clock: Clock;

  /** @param clock for the time that a session may take to open */
  constructor(driver: Driver, source: SessionSource & { readonly clock: Clock }) {
    this.#driver = driver;
    this.#source = source;
    this.#clock = source.clock;
  }

  async connect(user: VirtualUserContext, signal: AbortSignal, operations?: ReadonlySet<string>): Promise<Session> {
    const open = () => this.#open(user, signal, operations);
    return new LimitedSession(this.#source, await open(), open);
  }

  close(): void | Promise<void> {
    return this.#driver.close();
  }

  async #open(user: VirtualUserContext, signal: AbortSignal, operations?: ReadonlySet<string>): Promise<Session> {
    const { name, closer } = this.#source;
    const connected = this.#driver.connect(user, signal, operations);
    if (!(connected instanceof Promise)) return checkedSession(name, connected);
    try {
      const message = `driver ${name} had opened no session after ${CONNECT_LIMIT_US / 1e6} s`;
      return checkedSession(name, await withTimeout(this.#clock, CONNECT_LIMIT_US, message, () => connected, signal));
    } catch (error) {
      // One that opens too late is closed again.
      void connected.then((late) => closer.closeSession(name, late)).catch(() => {});
      throw error;
    }
  }
}

/** What all sessions of a driver share. */
interface SessionSource {
  /** The driver's in the plan. */
  readonly name: string;
  /** Microseconds. */
  readonly operationLimitUs: number;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly sweep: OperationSweep;
  readonly closer: DriverCloser;
  readonly calls: DriverCalls;
}

/**
 * One virtual user's session with a driver of somebody else. An operation that is over its time limit ends as failed; its
 * session is closed, and another one stands in its place before the user goes on.
 */
class LimitedSession implements Session, Swept {
  /** Present where the driver's sessions have it. */
  readonly http?: (requests: RequestRecorder) => Http;
  readonly #driver: SessionSource;
  readonly #openAnother: () => Promise<Session>;
  /** What is in use: the driver's own session, or what stands for it while there is none. */
  #session: Session;
  /** Another one for each session, so that what a session says too late is not taken for what its successor says. */
  #inFlight = new InFlight();
  #retry: StartRetry | undefined;
  readonly #closing = new Set<Promise<void>>();
  #reopening: Promise<void> | undefined;
  #isClosed = false;

  /**
   * @param session the first one, open
   * @param open opens another one of the driver itself. Rejects when it takes too long, and with what the driver throws
   */
  constructor(driver: SessionSource, session: Session, open: () => Promise<Session>) {
    this.#driver = driver;
    this.#session = session;
    this.#openAnother = open;
    if (session.http !== undefined) this.http = (requests) => new ReplacedHttp(requests, () => this.#session);
    driver.sweep.add(this);
  }

  get finished(): boolean | Promise<unknown> {
    return this.#ask((session) => session.finished);
  }

  finishedFor(operation: string): boolean | Promise<unknown> {
    return this.#ask((session) => (session.finishedFor ? session.finishedFor(operation) : session.finished));
  }

  /** A driver that cannot say whether its data are used up fails its own operations, and not the load. */
  #ask(question: (session: Session) => boolean | Promise<unknown> | undefined): boolean | Promise<unknown> {
    try {
      return question(this.#session) ?? false;
    } catch (error) {
      this.#giveUp();
      this.#retryLater(outcomeOfThrown(error));
      return false;
    }
  }

  send(operation: string, signal: AbortSignal): Outcome | Promise<Outcome> {
    const { calls, clock } = this.#driver;
    calls.begin(operation);
    let sent: Outcome | Promise<Outcome>;
    try {
      sent = this.#session.send(operation, signal);
    } finally {
      calls.end();
    }
    return sent instanceof Promise ? this.#inFlight.limited(sent, clock.nowUs()) : sent;
  }

  look(nowUs: number): void {
    const flight = this.#inFlight;
    if (this.#reopening !== undefined || !flight.isUnderWaySince(nowUs - this.#driver.operationLimitUs)) return;
    const end = flight.forget();
    this.#inFlight = new InFlight();
    const outcome = this.#timedOut();
    // The time that another session takes to open must not be in the user's next operation.
    void this.#replace().then(() => end(outcome));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#driver.sweep.remove(this);
    await Promise.all([this.#session.close(), ...this.#closing]);
  }

  #timedOut(): Outcome {
    const { name, operationLimitUs } = this.#driver;
    return {
      ok: false,
      errorKind: 'operation_timeout',
      message: `driver ${name} had not ended the operation after ${operationLimitUs / 1e6} s; the virtual user goes on with a new session`,
      ...NO_BYTES,
    };
  }

  async #replace(): Promise<void> {
    this.#giveUp();
    await this.#reopen();
  }

  /** The time that it takes does not count in the limit of an operation that waits for it. */
  #reopen(): Promise<void> {
    this.#reopening ??= this.#open().finally(() => {
      this.#reopening = undefined;
      this.#inFlight.beginsAt(this.#driver.clock.nowUs());
    });
    return this.#reopening;
  }

  #giveUp(): void {
    const { name, closer } = this.#driver;
    const closing = closer.closeSession(name, this.#session).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async #open(): Promise<void> {
    const { name, closer } = this.#driver;
    try {
      const session = await this.#openAnother();
      this.#retry = undefined;
      if (this.#isClosed) await closer.closeSession(name, session);
      else this.#session = session;
    } catch (error) {
      this.#retryLater({
        ...outcomeOfThrown(error),
        message: `no new session could be opened: ${errorMessage(error)}`,
      });
    }
  }

  /** There is no session: each operation comes to this, until it is time to try again. */
  #retryLater(outcome: Outcome): void {
    const { clock } = this.#driver;
    const retry = failedAgain(this.#retry, clock.nowUs());
    this.#retry = retry;
    const send = (operation: string, signal: AbortSignal) => {
      if (clock.nowUs() < retry.atUs) return outcome;
      return this.#reopen().then(() => this.#session.send(operation, signal));
    };
    this.#session = { send, close: () => {} };
  }
}
