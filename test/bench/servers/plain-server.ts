/** A process: answers every request at once, and notes when they arrive. Writes its URL on stdout; ends with its stdin. */
import { createServer, type Socket } from 'node:net';
import process from 'node:process';
import { Histogram } from '../../../core/stats/histogram.ts';
import { RequestScan } from './request-scan.ts';
import { ANSWER, COUNT_PATH, COUNTERS_PATH, NO_ROWS, SESSION_ANSWER, SESSION_COOKIE, SESSION_PATH } from './server.ts';

const gaps = new Histogram();
let served = 0;
let connections = 0;
let lastArrivalUs = Number.NaN;

const ANSWER_BYTES = response(ANSWER);
const NO_ROWS_BYTES = response(NO_ROWS);
const SESSION_BYTES = response(SESSION_ANSWER, `Set-Cookie: ${SESSION_COOKIE}\r\n`);

function response(body: string, headers = ''): Buffer {
  const length = Buffer.byteLength(body);
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: keep-alive\r\n${headers}\r\n${body}`,
  );
}

function answer(socket: Socket, path: string): void {
  if (path === COUNTERS_PATH) {
    socket.write(response(JSON.stringify({ served, connections: connections - 1, gaps: gaps.encode() })));
    return;
  }
  const nowUs = performance.now() * 1000;
  if (served++ > 0) gaps.record(Math.round(nowUs - lastArrivalUs));
  lastArrivalUs = nowUs;
  if (path === SESSION_PATH) socket.write(SESSION_BYTES);
  else socket.write(path.startsWith(COUNT_PATH) ? NO_ROWS_BYTES : ANSWER_BYTES);
}

const server = createServer({ noDelay: true }, (socket) => {
  const scan = new RequestScan((path) => answer(socket, path));
  connections++;
  socket.on('data', (bytes) => scan.read(bytes as Buffer));
  socket.on('error', () => {});
  socket.on('close', () => {
    connections--;
  });
});

server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as { port: number }).port}\n`);
});
process.stdin.once('end', () => process.exit(0)).resume();
process.once('SIGTERM', () => process.exit(0));
