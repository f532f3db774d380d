/**
 * A process: answers every call of gRPC at once with the same message, as a server that is healthy does. Writes its URL and that
 * of its counters on stdout; ends with its stdin.
 */
import { createServer } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import process from 'node:process';

/** `status: SERVING`, behind the prefix of a message. */
const SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
const HEAD = { ':status': 200, 'content-type': 'application/grpc' };
const TRAILERS = { 'grpc-status': '0' };

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
server.on('stream', (stream: ServerHttp2Stream) => {
  stream.on('error', () => {});
  stream.resume();
  stream.respond(HEAD, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    served++;
    stream.sendTrailers(TRAILERS);
  });
  stream.end(SERVING);
});

const counters = createServer((_request, response) => response.end(JSON.stringify({ served, connections })));
const urlOf = (address: string | AddressInfo | null) => `http://127.0.0.1:${(address as AddressInfo).port}`;

server.listen(0, '127.0.0.1', () => {
  counters.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ url: urlOf(server.address()), counters: urlOf(counters.address()) })}\n`);
  });
});
process.stdin.once('end', () => process.exit(0)).resume();
process.once('SIGTERM', () => process.exit(0));
