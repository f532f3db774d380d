import { BunTcpSocket, HAS_BUN_SOCKETS } from './bun-socket.ts';
import type { DeadlineWheel, Limited } from './deadline-wheel.ts';
import { NodeSocket } from './node-socket.ts';
import type { Route, Socket, SocketEvents, SocketTarget, StreamSocket } from './socket.ts';
import { TunnelSocket } from './tunnel-socket.ts';

/**
 * Connects with the fastest kind of socket that the runtime has.
 * @param session a TLS ticket of an earlier connection
 */
export function openSocket(
  target: SocketTarget,
  route: Route,
  events: SocketEvents,
  session: Buffer | undefined,
): Socket {
  if (target.tunnelTo !== undefined) return new TunnelSocket(target, target.tunnelTo, route, events, session, true);
  if (HAS_BUN_SOCKETS && !target.tls) return new BunTcpSocket(target, route, events);
  return new NodeSocket(target, route, events, session);
}

/** Connects with a socket that an HTTP/2 session can read. @param session a TLS ticket of an earlier connection */
export function openStreamSocket(
  target: SocketTarget,
  route: Route,
  events: SocketEvents,
  session: Buffer | undefined,
): StreamSocket {
  if (target.tunnelTo === undefined) return new NodeSocket(target, route, events, session, false);
  return new TunnelSocket(target, target.tunnelTo, route, events, session, false);
}

const LINGER_MS = 1000;

/**
 * Waits for the server to close first, so that the port that stays in TIME_WAIT is the server's and not one of the few
 * that this host has. Closes the socket after one second in any case.
 */
export function lingerUntilClosed(socket: Socket, deadlines: DeadlineWheel): void {
  const member: Limited = {
    deadlineTick: deadlines.after(LINGER_MS),
    wheelIndex: -1,
    overTime: () => socket.destroy(),
  };
  deadlines.add(member);
  socket.onceClosed(() => deadlines.remove(member));
}
