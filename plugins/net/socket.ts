import type { Socket as TcpSocket } from 'node:net';
import type { SecureContext } from 'node:tls';

/** A TCP or TLS connection, whichever runtime made it. */
export interface Socket {
  /** @param data bytes, which must not change until the answer has arrived, or a string with one character per byte */
  write(data: string | Buffer): void;
  /** How many bytes the system has not accepted yet. */
  readonly writableLength: number;
  /** A write has failed: what the server sent before can still be read, but the socket carries no further request. */
  readonly writeFailed: boolean;
  destroy(): void;
  /** Calls the listener once the socket is closed; at once if it already is. */
  onceClosed(listener: () => void): void;
}

/** A socket that something else than its events may read, such as an HTTP/2 session. */
export interface StreamSocket extends Socket {
  /** The runtime's own socket. */
  readonly stream: TcpSocket;
}

/** What happens to a socket. The socket's own events call it; it is never called while the socket is being created. */
export interface SocketEvents {
  /** TCP is connected; TLS, if wanted, is not ready yet. */
  socketConnected(socket: Socket): void;
  /** The TLS handshake has succeeded. */
  socketSecured(socket: Socket): void;
  /** The first `length` bytes of {@link SocketTarget.readBuffer} are new; they are valid during this call only. */
  socketData(socket: Socket, length: number): void;
  /** The server closed its side. */
  socketEnded(socket: Socket): void;
  socketFailed(socket: Socket, error: Error): void;
  socketClosed(socket: Socket): void;
  /** The server sent a TLS ticket, which shortens the next handshake. */
  tlsSession(session: Buffer): void;
}

/** Where a socket connects to, and from where. */
export interface Route {
  readonly ip: string;
  /** Undefined: the system chooses. */
  readonly localIp: string | undefined;
}

/** What all sockets to a target share. */
export interface SocketTarget {
  readonly port: number;
  /** Undefined for plain TCP. */
  readonly tls: SocketTls | undefined;
  /** Host and port that an HTTP proxy is asked for; undefined without a tunnel through one. */
  readonly tunnelTo: string | undefined;
  /** All sockets read into this one buffer; each read is processed before the next one arrives. */
  readonly readBuffer: Buffer;
}

export interface SocketTls {
  readonly context: SecureContext;
  /** Name for SNI and for checking the certificate; empty for an IP address. */
  readonly serverName: string;
  /** Accept any certificate. */
  readonly insecure: boolean;
}
