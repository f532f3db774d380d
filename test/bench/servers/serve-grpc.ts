import { createServer } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import process from 'node:process';

const HEAD = { ':status': 200, 'content-type': 'application/grpc' };
const TRAILERS = { 'grpc-status': '0' };

/** Takes the request of a call to that path, and gives the answer, behind its prefix. */
type Answer = (stream: ServerHttp2Stream, path: string) => Buffer | Promise<Buffer>;

/** Serves gRPC as a process: writes its URL and that of its counters on stdout, and ends with its stdin. */
export function serveGrpc(answer: Answer): void {
  let served = 0;
  let connections = 0;
  const server = createHttp2();
  server.on('session', (session) => {
    connections++;
    session.on('error', () => {});
    session.on('close', () => {
      connections--;
    });
  });
  const send = (stream: ServerHttp2Stream, message: Buffer) => {
    if (stream.destroyed) return;
    stream.respond(HEAD, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      served++;
      stream.sendTrailers(TRAILERS);
    });
    stream.end(message);
  };
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    const message = answer(stream, String(headers[':path']));
    if (message instanceof Promise) message.then((read) => send(stream, read)).catch(() => stream.close());
    else send(stream, message);
  });

  const counters = createServer((_request, response) => response.end(JSON.stringify({ served, connections })));
  const urlOf = (address: string | AddressInfo | null) => `http://127.0.0.1:${(address as AddressInfo).port}`;
  server.listen(0, '127.0.0.1', () => {
    counters.listen(0, '127.0.0.1', () => {
      const told = { url: urlOf(server.address()), counters: urlOf(counters.address()) };
      process.stdout.write(`${JSON.stringify(told)}\n`);
    });
  });
  process.stdin.once('end', () => process.exit(0)).resume();
  process.once('SIGTERM', () => process.exit(0));
}
