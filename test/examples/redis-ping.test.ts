import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { loadDriver } from '../../plugins/loader/load.ts';
import { type TestTarget, testDriver } from '../../testing/driver-contract.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

async function startRedis(answer: string): Promise<TestTarget> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      received.push(bytes.toString());
      if (answer !== '') socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

t.test("the example's driver does what every driver must", async (t) => {
  await testDriver((name, body) => t.test(name, body), {
    plugin: await loadDriver('./redis-ping.ts', EXAMPLES),
    options: {},
    badOptions: { answer: 7 },
    target: () => startRedis('+PONG\r\n'),
    silentTarget: () => startRedis(''),
  });
});
