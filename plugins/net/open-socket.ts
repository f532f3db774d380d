import { BunTcpSocket, HAS_BUN_SOCKETS } from './bun-socket.ts';
import { NodeSocket } from './node-socket.ts';
import type { Socket, SocketEvents, SocketTarget } from './socket.ts';

/**
 * Connects with the fastest kind of socket that the runtime has.
 * @param session a TLS ticket of an earlier connection
 */
export function openSocket(target: SocketTarget, events: SocketEvents, session: Buffer | undefined): Socket {
  return HAS_BUN_SOCKETS && !target.tls ? new BunTcpSocket(target, events) : new NodeSocket(target, events, session);
}
