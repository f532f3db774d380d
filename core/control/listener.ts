import { type AddressInfo, createServer, type Server } from 'node:net';
import type * as grpc from '@grpc/grpc-js';
import { BenchError, type ErrorDetails, errorMessage } from '../error.ts';
import type { Connections } from './security/connections.ts';

/** Control cannot start; the message is one sentence. */
export class ControlError extends BenchError {
  override readonly name = 'ControlError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('control_failed', message, details);
  }
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
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listener> {
  const injector = server.createConnectionInjector(credentials);
  const listener = createServer((socket) => {
    if (connections.accept(socket)) injector.injectConnection(socket);
  });
  await listening(listener, host, port);
  return {
    port: (listener.address() as AddressInfo).port,
    close: () => void listener.close(),
  };
}

function listening(listener: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', (error) => {
      reject(new ControlError(listenProblem(errorMessage(error), host, port), { cause: error }));
    });
    listener.listen({ host, port }, () => {
      listener.removeAllListeners('error').on('error', () => {});
      resolve();
    });
  });
}

function listenProblem(message: string, host: string, port: number): string {
  if (message.includes('EADDRINUSE')) {
    return `port ${port} on ${host} is in use: stop the process that listens there, or choose another port with --port (0 takes a free one)`;
  }
  if (message.includes('EACCES')) return `this user may not listen on port ${port}: choose one above 1023 with --port`;
  return `control cannot listen on ${host} (${message}): give an address of this host with --host`;
}
