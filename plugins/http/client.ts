import type { DriverContext, Timing } from '../../core/plugin.ts';
import { AbortFanout } from '../net/abort-fanout.ts';
import { DeadlineWheel } from '../net/deadline-wheel.ts';
import type { SocketTarget, SocketTls } from '../net/socket.ts';
import type { TargetAddress } from '../net/target-address.ts';
import type { TlsSettings } from '../net/tls-context.ts';

export interface HttpSettings {
  /** From handing over the last byte of the request until the last byte of the answer, in milliseconds. */
  readonly timeoutMs: number;
  /** For TCP and TLS together, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Open a new connection for each request instead of reusing one. */
  readonly connectionPerRequest: boolean;
  readonly http2: boolean;
  readonly tls: TlsSettings | undefined;
}

const READ_BUFFER_BYTES = 64 * 1024;
const TIMED_ONE_IN = 8;

/** What all HTTP connections of a driver share in one process. */
export class HttpClient implements SocketTarget {
  readonly address: TargetAddress;
  readonly settings: HttpSettings;
  readonly deadlines: DeadlineWheel;
  readonly aborts = new AbortFanout();
  readonly readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  readonly readWords = new Int32Array(this.readBuffer.buffer);
  readonly tls: SocketTls | undefined;
  readonly connectTicks: number;
  readonly answerTicks: number;
  readonly nowUs: () => number;
  readonly connectTiming: Timing;
  readonly tlsTiming: Timing | undefined;
  readonly firstByteTiming: Timing;
  readonly #timing: DriverContext['timing'];
  /** The addresses that answered when the client was opened. */
  ips: readonly string[] = [];
  /** Whether the target has accepted a connection since the client was opened. */
  reached = false;
  #busyAnswers = 0;

  /** Starts the clock for time limits, so {@link close} must be called. */
  constructor(address: TargetAddress, settings: HttpSettings, context: DriverContext, tls: SocketTls | undefined) {
    this.address = address;
    this.settings = settings;
    this.tls = tls;
    this.deadlines = new DeadlineWheel(Math.min(settings.timeoutMs, settings.connectTimeoutMs));
    this.connectTicks = this.deadlines.ticks(settings.connectTimeoutMs);
    this.answerTicks = this.deadlines.ticks(settings.timeoutMs);
    this.nowUs = context.nowUs;
    this.connectTiming = context.timing('http.connect');
    this.tlsTiming = address.secure ? context.timing('http.tls') : undefined;
    this.firstByteTiming = context.timing('http.ttfb');
    this.#timing = (name) => context.timing(name);
    this.deadlines.start();
  }

  get port(): number {
    return this.address.port;
  }

  get http2(): boolean {
    return this.settings.http2;
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
   * The address that a virtual user connects to for the whole run: users are spread evenly.
   * @param user 0-based
   */
  ipOf(user: number): string {
    return this.ips[user % this.ips.length] as string;
  }

  /** @param lostUs how long it took from the loss of a request's connection until it was sent again, in microseconds */
  recordResent(lostUs: number): void {
    this.#timing('http.resent').recordUs(lostUs);
  }

  /** Called after the last connection is closed. */
  close(): void {
    this.deadlines.stop();
  }
}
