import { type AddressInfo, createServer } from 'node:net';
import type * as grpc from '@grpc/grpc-js';
import { BenchError, type ErrorDetails, errorMessage } from '../error.ts';
import { TOO_MANY_FILES } from '../text/system-reason.ts';
import type { Connections } from './security/connections.ts';

/** Control cannot start; the message is one sentence. */
export class ControlError extends BenchError {
  override readonly name = 'ControlError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('control_failed', message, details);
  }
}

interface Place {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface Listener {
  readonly port: number;
  /** Accepts no more connections; those that are open stay. */
  close(): void;
}

/**
 * Listens on an address for a gRPC server. The server gets its connections from here, because its own listener has no
 * limit on them.
 * @param port 0 takes a free one
 * @throws {ControlError} when the address cannot be listened on
 */
export async function listen(
  server: grpc.Server,
  credentials: grpc.ServerCredentials,
  connections: Connections,
  { host, port }: Place,
): Promise<Listener> {
  const injector = server.createConnectionInjector(credentials);
  const listener = createServer((socket) => {
    if (connections.accept(socket)) injector.injectConnection(socket);
  });
  await listening(listener, { host, port }, { host: '--host', port: '--port' });
  return {
    port: (listener.address() as AddressInfo).port,
    close: () => void listener.close(),
  };
}

/** What a server of Node's is asked here, whatever it speaks. */
export interface Listening {
  listen(port: number, host: string, listening: () => void): unknown;
  once(event: 'error', failed: (error: Error) => void): unknown;
  on(event: 'error', failed: (error: Error) => void): unknown;
  removeAllListeners(event: 'error'): unknown;
}

/** Which flags say where it listens. */
export interface ListenFlags {
  readonly host: string;
  readonly port: string;
}

/** Resolves when the server listens. @throws {ControlError} that names the flags to change */
export function listening(server: Listening, place: Place, flags: ListenFlags): Promise<void> {
  const { host, port } = place;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new ControlError(listenProblem(error, place, flags), { cause: error }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      resolve();
    });
  });
}

/** By the code: Bun has words of its own for some servers. */
function listenProblem(error: NodeJS.ErrnoException, { host, port }: Place, flags: ListenFlags): string {
  const { code } = error;
  if (code === 'EADDRINUSE') {
    return `port ${port} on ${host} is in use: stop the process that listens there, or choose another port with ${flags.port} (0 takes a free one)`;
  }
  if (code === 'EACCES') {
    return `this user may not listen on port ${port}: choose one above 1023 with ${flags.port}`;
  }
  if (code === 'EMFILE' || code === 'ENFILE') {
    return `control cannot listen on port ${port}: ${TOO_MANY_FILES}`;
  }
  return `control cannot listen on ${host} (${errorMessage(error)}): give an address of this host with ${flags.host}`;
}
