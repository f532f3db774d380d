import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestTarget } from '../../testing/driver-contract.ts';

export interface RecordingProxyOptions {
  /** `tcp://127.0.0.1:6379`, for example; the target's URL is the same but for its port. */
  readonly url: string;
  /** Whether a piece that a client has sent is a request, and no part of signing in. @param piece in Latin-1 */
  readonly isRequest: (piece: string) => boolean;
  /** Whether requests reach the server; without that they are never answered. */
  readonly isSilent?: boolean;
}

/** A real server as the target of a driver's test: it tells what it was asked, and can be stopped while the server goes on. */
export async function recordingProxy({ url, isRequest, isSilent = false }: RecordingProxyOptions): Promise<TestTarget> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port: Number(new URL(url).port), noDelay: true });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    far.on('data', (bytes) => near.write(bytes));
    near.on('data', (bytes) => {
      const piece = bytes.toString('latin1');
      const isOne = isRequest(piece);
      if (isOne) received.push(piece);
      if (!isOne || !isSilent) far.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(url);
  own.port = `${(server.address() as AddressInfo).port}`;
  return {
    url: own.href,
    received: () => received,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
