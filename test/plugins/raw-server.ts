import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestTarget } from '../../testing/driver-contract.ts';

/** One connection of a raw server. */
export interface RawConnection {
  /** From 0, in the order of arrival. */
  readonly index: number;
  readonly socket: Socket;
  /** Requests on this connection so far, this one included. */
  readonly requests: number;
}

export interface RawServer extends TestTarget {
  readonly port: number;
  /** Connections so far. */
  connections(): number;
  /** Sends to all that are connected. */
  broadcast(text: string): void;
  /** Breaks all connections. */
  reset(): void;
  /** Resolves when the next whole request is there. */
  nextRequest(): Promise<void>;
  /** Resolves when the next connection is closed. */
  nextClose(): Promise<void>;
}

/**
 * A server on bytes: calls `answer` for each whole HTTP/1.1 request (a head, and a body as its Content-Length says), one
 * after another; what it does with the socket is its own affair.
 */
export async function startRawServer(
  answer: (request: string, connection: RawConnection) => void,
  connected: (connection: RawConnection) => void = () => {},
): Promise<RawServer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  const events = new EventEmitter();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      events.emit('close');
    });
    socket.on('error', () => {});
    const connection = { index: connections++, socket, requests: 0 };
    let pending = '';
    connected(connection);
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1');
      for (let length = requestLength(pending); length > 0; length = requestLength(pending)) {
        const request = pending.slice(0, length);
        pending = pending.slice(length);
        received.push(request);
        connection.requests += 1;
        answer(request, connection);
        events.emit('request');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    received: () => received,
    connections: () => connections,
    broadcast: (text) => {
      for (const socket of sockets) socket.write(text);
    },
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    nextRequest: async () => void (await once(events, 'request')),
    nextClose: async () => void (await once(events, 'close')),
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** 0 while it is not whole. */
function requestLength(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return 0;
  const length = end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  return text.length >= length ? length : 0;
}

/** A whole answer with this body. */
export function answerOf(body: string, status = 200, headers = ''): string {
  return `HTTP/1.1 ${status} X\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

/** Answers every request with this body and status 200. */
export function startAnswering(body = '{"status":"ok"}'): Promise<RawServer> {
  return startRawServer((_request, { socket }) => socket.write(answerOf(body)));
}

export function startSilent(): Promise<RawServer> {
  return startRawServer(() => {});
}
