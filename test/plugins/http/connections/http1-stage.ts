import type { Test } from 'tap';
import { openHttpClient } from '../../../../plugins/http/connections/client.ts';
import { Http1Connection } from '../../../../plugins/http/connections/http1-connection.ts';
import { type Judge, judgeStatus, requestShape } from '../../../../plugins/http/exchange.ts';
import type { ConnectionSettings } from '../../../../plugins/http/settings.ts';
import { targetAddress } from '../../../../plugins/net/target-address.ts';
import { type FakeContext, fakeContext } from '../../../../testing/fake-context.ts';
import { CONNECTION_SETTINGS } from '../../../kit/connection-settings.ts';
import { type RawConnection, type RawServer, startRawServer } from '../../raw-server.ts';

export const LIMITS = { answerMs: 1000, connectMs: 1000 };
export const GET = requestShape('GET', '/', LIMITS);
export const POST = requestShape('POST', '/', LIMITS);
export const GET_BYTES = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
export const POST_BYTES = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi';
/** The client's own first connection, which sends nothing. */
export const PROBES = 1;
export const judge: Judge = {
  judge: (exchange, _answer, shape) => judgeStatus(exchange, shape),
  wantsDetail: () => false,
  isTraced: false,
};

export interface Http1Stage {
  readonly server: RawServer;
  readonly connection: Http1Connection;
  readonly context: FakeContext;
  readonly signal: AbortSignal;
  get(): ReturnType<Http1Connection['send']>;
  post(): ReturnType<Http1Connection['send']>;
  /** The deadlines' clock goes on by so many milliseconds. */
  pass(ms: number): void;
  /** Resolves when the client has seen that the server closed its connection. */
  closed(): Promise<void>;
}

/** A server that answers as told and a connection to it, whose time stands still but for `pass`. */
export async function http1Stage(
  t: Test,
  answer: (connection: RawConnection, request: string) => void,
  settings: Partial<ConnectionSettings> = {},
): Promise<Http1Stage> {
  const server = await startRawServer((request, connection) => answer(connection, request));
  const context = fakeContext({ target: server.url });
  const connectionSettings = { ...CONNECTION_SETTINGS, ...settings };
  const address = targetAddress(server.url, 'test');
  const client = await openHttpClient(address, { limits: LIMITS, connection: connectionSettings }, context);
  const { deadlines } = client.origin;
  deadlines.stop();
  const connection = new Http1Connection(client.origin, () => client.origin.route(0));
  const { signal } = new AbortController();
  await connection.open(LIMITS, signal);
  t.teardown(async () => {
    connection.close();
    client.close();
    await server.stop();
  });
  return {
    server,
    connection,
    context,
    signal,
    get: () => connection.send(judge, GET, GET_BYTES, 0, signal),
    post: () => connection.send(judge, POST, POST_BYTES, 2, signal),
    pass: (ms) => {
      for (let i = 0; i < ms / deadlines.tickMs; i++) deadlines.advance();
    },
    closed: async () => {
      const { socketEnded } = connection;
      await new Promise<void>((resolve) => {
        connection.socketEnded = (socket) => {
          socketEnded.call(connection, socket);
          resolve();
        };
      });
      connection.socketEnded = socketEnded;
    },
  };
}

export const OK = { ok: true, errorKind: '', status: 200 };
