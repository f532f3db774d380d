import { BunTcpSocket, HAS_BUN_SOCKETS } from './bun-socket.ts';
import { NodeSocket } from './node-socket.ts';
import type { Socket, SocketEvents, SocketTarget } from './socket.ts';

/**
 * Connects with the fastest kind of socket that the runtime has.
 * @param ip names are resolved once, not with each connection
 * @param session a TLS ticket of an earlier connection
 */
export function openSocket(
  target: SocketTarget,
  ip: string,
  events: SocketEvents,
  session: Buffer | undefined,
): Socket {
  if (HAS_BUN_SOCKETS && !target.tls) return new BunTcpSocket(target, ip, events);
  return new NodeSocket(target, ip, events, session);
}
