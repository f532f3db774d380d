import { lookup } from 'node:dns/promises';
import { type DriverContext, PluginError, type Timing } from '../../core/plugin.ts';
import { AbortWatch } from '../net/abort-fanout.ts';
import { Sweep } from '../net/deadline-wheel.ts';
import { networkFailure } from '../net/network-error.ts';
import type { SocketTarget, SocketTls } from '../net/socket.ts';
import type { TargetAddress } from '../net/target-address.ts';
import { openTlsContext, type TlsSettings } from '../net/tls-context.ts';
import { Http1Connection } from './http1-connection.ts';
import { Http2Connection } from './http2-connection.ts';

export interface HttpSettings {
  /** From the request's last byte given to the network to the answer's last byte, in milliseconds. */
  readonly timeoutMs: number;
  /** TCP and TLS together, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** A new connection for each request, instead of one that is kept. */
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
  readonly sweep: Sweep;
  readonly aborts = new AbortWatch();
  readonly readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  readonly readWords = new Int32Array(this.readBuffer.buffer);
  readonly tls: SocketTls | undefined;
  readonly connectTicks: number;
  readonly answerTicks: number;
  readonly nowUs: () => number;
  readonly connectTiming: Timing;
  readonly tlsTiming: Timing | undefined;
  readonly firstByteTiming: Timing;
  /** The address that answered when the client was opened. */
  ip: string;
  /** It has answered once. */
  reached = false;
  #busyAnswers = 0;

  /**
   * Resolves the target's name, and connects once to each of its addresses until one answers.
   * @throws {PluginError} when none does, or a TLS file cannot be read
   */
  static async open(address: TargetAddress, settings: HttpSettings, context: DriverContext): Promise<HttpClient> {
    const ips = await resolve(address, context);
    const tls = address.secure ? openTlsContext(address, settings.tls, context.baseDirectory) : undefined;
    const client = new HttpClient(address, settings, context, tls);
    client.sweep.start();
    let failure = '';
    for (const ip of ips) {
      client.ip = ip;
      const probe = new (settings.http2 ? Http2Connection : Http1Connection)(client, { judge: () => {} });
      await probe.open(new AbortController().signal);
      probe.close();
      client.reached = probe.exchange.ok;
      if (client.reached) return client;
      failure = failure === '' ? probe.exchange.message : failure;
    }
    client.close();
    throw unreachable(address, failure);
  }

  private constructor(
    address: TargetAddress,
    settings: HttpSettings,
    context: DriverContext,
    tls: SocketTls | undefined,
  ) {
    this.address = address;
    this.settings = settings;
    this.tls = tls;
    this.ip = '';
    this.sweep = new Sweep(Math.min(settings.timeoutMs, settings.connectTimeoutMs));
    this.connectTicks = this.sweep.ticks(settings.connectTimeoutMs);
    this.answerTicks = this.sweep.ticks(settings.timeoutMs);
    this.nowUs = context.nowUs;
    this.connectTiming = context.timing('http.connect');
    this.tlsTiming = address.secure ? context.timing('http.tls') : undefined;
    this.firstByteTiming = context.timing('http.ttfb');
  }

  get port(): number {
    return this.address.port;
  }

  get http2(): boolean {
    return this.settings.http2;
  }

  /**
   * Whether to time the first byte of the next answer: of all answers to sessions that pause between requests, and of
   * one in eight where they do not, because there two looks at the clock would cost 2 % of the rate.
   * @param usedTick the sweep's tick in which the connection was last in use
   */
  timesNextAnswer(usedTick: number): boolean {
    this.#busyAnswers += 1;
    return usedTick !== this.sweep.tick || this.#busyAnswers % TIMED_ONE_IN === 0;
  }

  /** After the last connection is closed. */
  close(): void {
    this.sweep.stop();
  }
}

async function resolve(address: TargetAddress, context: DriverContext): Promise<readonly string[]> {
  if (address.isIp) return [address.host];
  const startedUs = context.nowUs();
  try {
    const found = await lookup(address.host, { all: true, verbatim: true });
    context.timing('http.dns').recordUs(context.nowUs() - startedUs);
    return found.map((entry) => entry.address);
  } catch (error) {
    throw unreachable(address, networkFailure(error).reason);
  }
}

function unreachable(address: TargetAddress, reason: string): PluginError {
  return new PluginError(
    `target ${address.url} cannot be reached: ${reason}. Start it, or name another one with --host`,
  );
}
