import type { DriverContext, Timing } from '../../../core/plugin.ts';
import type { AbortFanout } from '../../net/abort-fanout.ts';
import type { DeadlineWheel, Limited } from '../../net/deadline-wheel.ts';
import type { Route, SocketTarget, SocketTls } from '../../net/socket.ts';
import type { TargetAddress } from '../../net/target-address.ts';
import type { ConnectionSettings } from '../settings.ts';

/** What all connections of a run share in one agent process, whatever their origin. */
export interface ConnectionResources {
  readonly deadlines: DeadlineWheel;
  readonly aborts: AbortFanout;
  readonly readBuffer: Buffer;
  /** The same memory as `readBuffer`. */
  readonly readWords: Int32Array;
  /** Aborted when nobody needs connections any more. */
  readonly closing: AbortSignal;
}

const TIMED_ONE_IN = 8;
/** Before this time, no answer on a new connection says nothing. */
const UNANSWERED_MS = 1000;

/**
 * What the connections to one origin (scheme, host and port: RFC 6454) share in an agent process. Drivers whose
 * connections have equal settings share it, and so their virtual users share connections.
 */
export class HttpOrigin implements SocketTarget {
  readonly address: TargetAddress;
  readonly settings: ConnectionSettings;
  readonly connectionPerRequest: boolean;
  readonly deadlines: DeadlineWheel;
  readonly aborts: AbortFanout;
  readonly readBuffer: Buffer;
  readonly readWords: Int32Array;
  readonly closing: AbortSignal;
  readonly tls: SocketTls | undefined;
  readonly tunnelTo: string | undefined;
  readonly nowUs: () => number;
  readonly connectTiming: Timing;
  readonly tlsTiming: Timing | undefined;
  readonly firstByteTiming: Timing;
  readonly #timing: DriverContext['timing'];
  /** The addresses that connections go to, in the order in which they were looked up; never empty once it is open. */
  ips: readonly string[] = [];
  /** How many connections the server answered on in a tick of {@link deadlines}. */
  #served = { tick: 0, count: 0 };
  #busyAnswers = 0;
  #turns = 0;

  constructor(
    address: TargetAddress,
    settings: ConnectionSettings,
    resources: ConnectionResources,
    context: DriverContext,
    tls: SocketTls | undefined,
  ) {
    this.address = address;
    this.settings = settings;
    this.connectionPerRequest = settings.connections === 'per-request';
    this.tls = tls;
    const { host, isIp, port, secure } = address;
    const hasTunnel = settings.proxy !== undefined && (secure || settings.http2);
    this.tunnelTo = hasTunnel ? `${isIp && host.includes(':') ? `[${host}]` : host}:${port}` : undefined;
    this.deadlines = resources.deadlines;
    this.aborts = resources.aborts;
    this.readBuffer = resources.readBuffer;
    this.readWords = resources.readWords;
    this.closing = resources.closing;
    this.nowUs = context.nowUs;
    this.connectTiming = context.timing('http.connect');
    this.tlsTiming = address.secure ? context.timing('http.tls') : undefined;
    this.firstByteTiming = context.timing('http.ttfb');
    this.#timing = (name) => context.timing(name);
  }

  /** Where its connections go to: the proxy, if there is one. */
  get nextHop(): TargetAddress {
    return this.settings.proxy ?? this.address;
  }

  get port(): number {
    return this.nextHop.port;
  }

  /**
   * Whether to time the first byte of the next answer. Every answer is timed for sessions that pause between requests;
   * for sessions that do not pause, one in eight is, because reading the clock twice would cost 2 % of the rate.
   * @param usedTick the tick of {@link deadlines} in which the connection was last in use
   */
  timesNextAnswer(usedTick: number): boolean {
    this.#busyAnswers += 1;
    return usedTick !== this.deadlines.tick || this.#busyAnswers % TIMED_ONE_IN === 0;
  }

  /**
   * For a request that has failed for want of an answer, on a connection on which none has come. A server with a limit of
   * connections leaves those beyond it to the system, which accepts them: nothing ever comes on them.
   * @param answerMs how long an answer may take
   * @param deadlineTick the tick in which that will be, or is, over
   * @param isServed whether it is a connection to this origin on which the server answers
   * @returns continues the reason of the failure; empty where a limit is not likely
   */
  hintAtLimit(answerMs: number, deadlineTick: number, isServed: (member: Limited) => boolean): string {
    const { tick, tickMs } = this.deadlines;
    if (answerMs - (deadlineTick - tick) * tickMs < UNANSWERED_MS) return '';
    // When thousands of requests fail together, each of them asks.
    if (this.#served.tick !== tick) this.#served = { tick, count: this.deadlines.count(isServed) };
    const { count } = this.#served;
    if (count === 0) return '';
    return `; the server answers on ${count} other connections, and never has on this one: they may be all that it serves at a time`;
  }

  /**
   * The way that the next connection takes.
   * @param n 0-based number of its virtual user, or of the connection in its pool
   */
  route(n: number): Route {
    const { localIps } = this.settings;
    return { ip: this.ips[this.#place(n) % this.ips.length] as string, localIp: localIps[n % localIps.length] };
  }

  /** @param lostUs how long it took from the loss of a request's connection until it was sent again, in microseconds */
  recordResent(lostUs: number): void {
    this.#timing('http.resent').recordUs(lostUs);
  }

  /** @param waitedUs how long a request has waited for a free connection of a pool, in microseconds */
  recordPoolWait(waitedUs: number): void {
    this.#timing('http.pool_wait').recordUs(waitedUs);
  }

  /** Among the addresses, counted on beyond the last of them. */
  #place(n: number): number {
    switch (this.settings.dns.select) {
      case 'per-user':
        return n;
      case 'first':
        return 0;
      case 'round-robin':
        return this.#turns++;
      case 'random':
        return Math.floor(Math.random() * this.ips.length);
    }
  }
}
