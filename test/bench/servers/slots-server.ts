/**
 * A process: a target of a known limit. It has some slots, each of which works on one request at a time for a fixed time. These times
 * follow one another exactly, however late a timer is, so the limit is slots ÷ time to the last request. Writes its URL on stdout;
 * ends with its stdin.
 */
import { createServer } from 'node:http';
import process from 'node:process';

const [slots = 4, serviceMs = 5] = process.argv.slice(2).map(Number);
/** When each slot has done what it has been given. */
const freeAtMs = new Array<number>(slots).fill(0);

const server = createServer((_, response) => {
  const nowMs = performance.now();
  const first = freeAtMs.indexOf(Math.min(...freeAtMs));
  const doneMs = Math.max(nowMs, freeAtMs[first] as number) + serviceMs;
  freeAtMs[first] = doneMs;
  setTimeout(() => response.end('done'), doneMs - nowMs);
});

server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as { port: number }).port}\n`);
});
process.stdin.once('end', () => process.exit(0)).resume();
process.once('SIGTERM', () => process.exit(0));
