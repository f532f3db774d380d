import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { TestTarget } from '../../testing/driver-contract.ts';

/** @param echoes whether it sends back what it gets */
export async function startWebSocketServer(echoes = true): Promise<TestTarget> {
  const received: string[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('connection', (socket) => {
    socket.on('message', (message, isBinary) => {
      received.push(message.toString());
      if (echoes) socket.send(message, { binary: isBinary });
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received: () => received,
    async stop() {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
