import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { Socket, SocketEvents, SocketTls } from './socket.ts';

/**
 * Begins TLS, and tells a socket's events of it.
 * @param options where to connect to, or a socket that is connected
 * @param protocol for ALPN
 * @param session a TLS ticket of an earlier connection
 */
export function openTls(
  options: ConnectionOptions,
  { context, serverName, insecure }: SocketTls,
  protocol: 'http/1.1' | 'h2',
  session: Buffer | undefined,
  events: SocketEvents,
  socket: Socket,
): TLSSocket {
  const stream = connect({
    ...options,
    secureContext: context,
    servername: serverName,
    rejectUnauthorized: !insecure,
    ALPNProtocols: [protocol],
    ...(session && { session }),
  });
  stream.on('secureConnect', () => events.socketSecured(socket));
  stream.on('session', (ticket) => events.tlsSession(ticket));
  return stream;
}
