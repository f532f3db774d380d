/**
 * `node first-requests.ts <host>`: a target that says when each connection brought its first request, in milliseconds, a
 * line each; the first line is its address. One process hears all, so it is one clock.
 */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

const seen = new WeakSet<Socket>();
const server = createServer((request, response) => {
  if (!seen.has(request.socket)) console.log(performance.now());
  seen.add(request.socket);
  response.end();
});
server.listen(0, process.argv[2], () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(`http://${address}:${port}`);
});
