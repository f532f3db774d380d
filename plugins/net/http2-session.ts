import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { StreamSocket } from './socket.ts';
import type { TargetAddress } from './target-address.ts';

/** Memory for answers that are on their way, per connection. Large answers need more than the runtime allows by itself. */
const MAX_SESSION_MEMORY_MB = 1024;
/**
 * How much of answers a server may send before it hears that they have been read: what goes through a connection in one round trip. The
 * protocol's own 64 KiB would be the limit of a target that is some milliseconds away. It is the same for one stream and for all of a
 * connection together, because Bun lets the server of one stream wait for ever where the connection's is more than twice as large.
 */
const WINDOW_BYTES = 16 << 20;

/**
 * Whether a client listens for the bytes of an answer only once it begins: Bun needs a tenth less CPU so. Deno would lose an answer that
 * comes together with the end of the connection.
 */
export const LISTENS_LATE = 'Bun' in globalThis;

/**
 * Whether an answer breaks off, asked as its stream ends, with NO_ERROR: a server may reset a stream with that code after half a body.
 * A stream that the server has ended is not closed yet then, and on Bun, which closes it first, not destroyed.
 */
export function breaksOff(stream: ClientHttp2Stream): boolean {
  return 'Bun' in globalThis ? stream.destroyed : stream.closed;
}

/** A connection of HTTP/2 over the runtime's own implementation. @param socket is ready, and nothing has been sent on it */
export function openHttp2Session({ secure, authority }: TargetAddress, socket: StreamSocket): ClientHttp2Session {
  const session = connect(`${secure ? 'https' : 'http'}://${authority}`, {
    createConnection: () => socket.stream,
    maxSessionMemory: MAX_SESSION_MEMORY_MB,
    // A virtual user asks for everything itself.
    settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
  });
  session.on('connect', () => {
    if (isUsable(session)) session.setLocalWindowSize(WINDOW_BYTES);
  });
  return session;
}

/** Whether the connection takes another stream. */
export function isUsable(session: ClientHttp2Session): boolean {
  return !session.closed && !session.destroyed;
}
