import { errorMessage } from '../../../core/error.ts';
import type { Outcome } from '../../../core/plugin.ts';
import type { Abortable } from '../../net/abort-fanout.ts';
import { failedOutcome, type Judge, type RequestShape, type TimeLimits } from '../exchange.ts';
import type { Connection } from './connection.ts';
import { newConnection } from './new-connection.ts';
import type { HttpOrigin } from './origin.ts';
import type { Sender, WireRequest } from './sender.ts';

/** A request that waits for a connection. */
interface Waiter extends Abortable {
  readonly signal: AbortSignal;
  /** Ends the wait, without a connection when the request has been cut off. */
  readonly resolve: (connection: Connection | undefined) => void;
}

/** Connections that the virtual users of an agent process share. Requests get them in the order in which they asked. */
export class ConnectionPool implements Sender {
  readonly #origin: HttpOrigin;
  readonly #size: number;
  readonly #connections: Connection[] = [];
  readonly #free: Connection[] = [];
  /** In the order of arrival. A session waits with one request at most. */
  readonly #waiting = new Map<Judge, Waiter>();

  constructor(origin: HttpOrigin, size: number) {
    this.#origin = origin;
    this.#size = size;
  }

  async open(limits: TimeLimits, signal: AbortSignal): Promise<void> {
    const connection = this.#added();
    if (connection === undefined) return;
    await connection.open(limits, signal);
    this.#release(connection);
  }

  async send(
    judge: Judge,
    shape: RequestShape,
    request: WireRequest,
    bodyBytes: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const connection = this.#free.pop() ?? this.#added() ?? (await this.#turn(judge, signal));
    if (connection === undefined) {
      return failedOutcome('aborted', `${shape.label}: the run has cut it off while it waited for a connection`);
    }
    try {
      // The next request on this connection begins before this outcome has been read.
      return { ...(await connection.send(judge, shape, request, bodyBytes, signal)) };
    } finally {
      this.#release(connection);
    }
  }

  start(
    judge: Judge,
    shape: RequestShape,
    request: WireRequest,
    bodyBytes: number,
    signal: AbortSignal,
    ended: (outcome: Outcome) => void,
  ): void {
    const threw = (error: unknown) => ended(failedOutcome('driver_threw', `${shape.label}: ${errorMessage(error)}`));
    this.send(judge, shape, request, bodyBytes, signal).then(ended, threw);
  }

  abandon(judge: Judge): void {
    this.#waiting.get(judge)?.cutOff();
    for (const connection of this.#connections) connection.abandon(judge);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Another connection, if there may be one more. */
  #added(): Connection | undefined {
    const count = this.#connections.length;
    if (count === this.#size) return undefined;
    const connection = newConnection(this.#origin, () => this.#origin.route(count));
    this.#connections.push(connection);
    return connection;
  }

  /** Waits for the connection that is released next. */
  async #turn(judge: Judge, signal: AbortSignal): Promise<Connection | undefined> {
    if (signal.aborted) return undefined;
    const { aborts, nowUs } = this.#origin;
    const fromUs = nowUs();
    const connection = await new Promise<Connection | undefined>((resolve) => {
      const cutOff = () => this.#endWait(judge, undefined);
      const waiter = { signal, resolve, cutOff };
      this.#waiting.set(judge, waiter);
      aborts.follow(signal, waiter);
    });
    this.#origin.recordPoolWait(nowUs() - fromUs);
    return connection;
  }

  #release(connection: Connection): void {
    const [next] = this.#waiting.keys();
    if (next === undefined) this.#free.push(connection);
    else this.#endWait(next, connection);
  }

  #endWait(judge: Judge, connection: Connection | undefined): void {
    const waiter = this.#waiting.get(judge);
    if (waiter === undefined) return;
    this.#waiting.delete(judge);
    this.#origin.aborts.leave(waiter.signal, waiter);
    waiter.resolve(connection);
  }
}
