import type { ClientHttp2Session } from 'node:http2';
import type { Goaway } from '../net/http2-error.ts';
import { isUsable } from '../net/http2-session.ts';
import type { Socket } from '../net/socket.ts';
import type { UnaryCall } from './unary-call.ts';

/** Until the server has said how many calls it takes at a time: what the runtime assumes too. */
const ASSUMED_STREAMS = 100;

/** A connection that is ready, and the calls under way on it. */
export class SessionCalls {
  readonly session: ClientHttp2Session;
  readonly underWay = new Set<UnaryCall>();
  /** How many calls the server takes at a time. */
  mostStreams = ASSUMED_STREAMS;
  /** Undefined until the server says that it will close the connection. */
  goaway: Goaway | undefined;
  readonly #socket: Socket;

  constructor(session: ClientHttp2Session, socket: Socket) {
    this.session = session;
    this.#socket = socket;
  }

  get isUsable(): boolean {
    return isUsable(this.session);
  }

  get hasRoom(): boolean {
    return this.underWay.size < this.mostStreams;
  }

  start(call: UnaryCall): void {
    this.underWay.add(call);
    call.start(this.session);
  }

  /** Whether the server has said that it has not processed the call. */
  leavesOut({ streamId }: UnaryCall): boolean {
    return this.goaway !== undefined && streamId > this.goaway.lastStream;
  }

  destroy(): void {
    this.session.destroy();
    this.#socket.destroy();
  }
}
