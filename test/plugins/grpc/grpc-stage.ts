import { once } from 'node:events';
import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { z } from 'zod';
import { type GrpcClient, openGrpcClient } from '../../../plugins/grpc/grpc-client.ts';
import { messageFrame } from '../../../plugins/grpc/message-frame.ts';
import type { UnaryRequest } from '../../../plugins/grpc/unary-call.ts';
import { connectionOptions, httpSettings } from '../../../plugins/http/settings.ts';
import { targetAddress } from '../../../plugins/net/target-address.ts';
import { type FakeContext, fakeContext } from '../../../testing/fake-context.ts';

/** A call as it came in. */
export interface StubCall {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  /** With its prefix. */
  readonly body: Buffer;
  /** From 0, in the order of arrival. */
  readonly connection: number;
  /** From 0. */
  readonly index: number;
}

export interface Stub {
  readonly server: Http2Server;
  readonly url: string;
  readonly port: number;
  readonly sessions: readonly ServerHttp2Session[];
  readonly calls: readonly StubCall[];
  /** Ends it as a killed process does. */
  kill(): Promise<void>;
}

/** A server that is told what to do on each call. */
export async function startStub(
  t: Test,
  answer: (call: StubCall) => void,
  options: ServerOptions = {},
  port = 0,
): Promise<Stub> {
  const sessions: ServerHttp2Session[] = [];
  const calls: StubCall[] = [];
  const server = createServer(options);
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const parts: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      const connection = sessions.indexOf(stream.session as ServerHttp2Session);
      const call = { stream, headers, body: Buffer.concat(parts), connection, index: calls.length };
      calls.push(call);
      answer(call);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  let isOver = false;
  const kill = async () => {
    if (isOver) return;
    isOver = true;
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  t.teardown(kill);
  const bound = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${bound}`, port: bound, server, sessions, calls, kill };
}

/** Answers as a server of gRPC does. */
export function reply({ stream }: StubCall, message: Buffer | undefined, trailers: Record<string, string> = {}): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', ...trailers }));
  if (message === undefined) stream.end();
  else stream.end(message);
}

export const echo = (call: StubCall) => reply(call, call.body);

const PATH = '/test.Echo/Echo';

/** A client of a server, and a request to it. */
export async function startClient(
  t: Test,
  url: string,
  options: object = {},
): Promise<{
  client: GrpcClient;
  context: FakeContext;
  request(text: string, given?: Partial<UnaryRequest>): UnaryRequest;
}> {
  const context = fakeContext({ target: url });
  const checked = z.object(connectionOptions).parse(options);
  const client = await openGrpcClient(targetAddress(url, 'grpc'), httpSettings(checked, true), context);
  t.teardown(() => client.close());
  const request = (text: string, given: Partial<UnaryRequest> = {}): UnaryRequest => ({
    headers: client.headers(PATH, given.deadlineMs ?? 30_000, { 'x-test': 'yes' }),
    frame: messageFrame(Buffer.from(text)),
    deadlineMs: 30_000,
    keepMessage: true,
    maxAnswerBytes: 64 << 20,
    answerLimit: 'maxAnswerBytes allows',
    ...given,
  });
  return { client, context, request };
}
