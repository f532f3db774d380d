import type { DriverContext } from '../../core/plugin.ts';
import { type HttpClient, openHttpClient } from '../http/connections/client.ts';
import type { HttpSettings } from '../http/settings.ts';
import type { TargetAddress } from '../net/target-address.ts';
import { GrpcConnection } from './grpc-connection.ts';
import { UnaryCall, type UnaryRequest } from './unary-call.ts';

/** The longest time that eight digits of milliseconds can say. */
const MAX_DEADLINE_MS = 99_999_999;

/**
 * Sends calls of gRPC with one message each way: bytes in, bytes out. It knows no messages and no services. Opened once for a
 * driver in an agent process.
 */
export class GrpcClient {
  readonly #client: HttpClient;
  readonly #address: TargetAddress;
  /** Those that virtual users share; undefined where each has its own. */
  readonly #pool: readonly GrpcConnection[] | undefined;

  constructor(client: HttpClient, address: TargetAddress) {
    this.#client = client;
    this.#address = address;
    const { connections } = client.settings.connection;
    this.#pool =
      typeof connections === 'string'
        ? undefined
        : Array.from({ length: connections.pool }, (_, n) => this.#newConnection(n));
  }

  /** What carries the calls of a virtual user. @param n its 0-based number */
  join(n: number): GrpcCaller {
    if (this.#pool === undefined) return new GrpcCaller(this.#newConnection(n), true);
    return new GrpcCaller(this.#pool[n % this.#pool.length] as GrpcConnection, false);
  }

  /**
   * The headers of all calls of a method.
   * @param path such as `/greeter.Greeter/SayHello`
   * @param metadata names are in lower case; values of names that end in `-bin` are base64
   */
  headers(path: string, deadlineMs: number, metadata: Readonly<Record<string, string>>): Record<string, string> {
    const { secure, authority, basePath } = this.#address;
    return {
      ':method': 'POST',
      ':scheme': secure ? 'https' : 'http',
      ':authority': authority,
      ':path': `${basePath}${path}`,
      te: 'trailers',
      'content-type': 'application/grpc',
      'user-agent': 'bench',
      'grpc-timeout': `${Math.min(Math.ceil(deadlineMs), MAX_DEADLINE_MS)}m`,
      ...metadata,
    };
  }

  /** Called once, after the last caller is closed. */
  close(): void {
    for (const connection of this.#pool ?? []) connection.close();
    this.#client.close();
  }

  #newConnection(n: number): GrpcConnection {
    const { origin, settings } = this.#client;
    return new GrpcConnection(origin, settings.limits.connectMs, () => origin.route(n));
  }
}

/** What one virtual user calls with. */
export class GrpcCaller {
  readonly #connection: GrpcConnection;
  readonly #isOwn: boolean;
  #underWay: UnaryCall | undefined;

  constructor(connection: GrpcConnection, isOwn: boolean) {
    this.#connection = connection;
    this.#isOwn = isOwn;
  }

  /** Connects ahead of the first call; it may fail, and the call then says why. */
  open(): Promise<void> {
    return this.#connection.open();
  }

  /** Sends one call. Calls of one caller do not overlap. @returns the call when it has ended, also when it has failed */
  call(request: UnaryRequest, signal: AbortSignal): Promise<UnaryCall> {
    return new Promise((resolve) => {
      const call = new UnaryCall(request, signal, this.#connection, (ended) => {
        // Its answer may be large, and the next call a long time away.
        this.#underWay = undefined;
        resolve(ended);
      });
      this.#underWay = call;
      this.#connection.send(call);
    });
  }

  /** Cuts off a call that is under way. */
  close(): void {
    this.#underWay?.fail('aborted', 'the session was closed', 'CANCELLED');
    if (this.#isOwn) this.#connection.close();
  }
}

/**
 * Looks the server's name up and connects once to each of its addresses.
 * @param settings with `http2`
 * @throws {PluginError} when no address of it answers, or a TLS file cannot be read
 */
export async function openGrpcClient(
  address: TargetAddress,
  settings: HttpSettings,
  context: DriverContext,
): Promise<GrpcClient> {
  return new GrpcClient(await openHttpClient(address, settings, context), address);
}
