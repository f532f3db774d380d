import { type ClientHttp2Session, connect } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { HttpOrigin } from '../http/connections/origin.ts';
import type { Limited } from '../net/deadline-wheel.ts';
import { http2ErrorName } from '../net/http2-error.ts';
import { networkFailure } from '../net/network-error.ts';
import { openStreamSocket } from '../net/open-socket.ts';
import type { Route, Socket, SocketEvents, StreamSocket } from '../net/socket.ts';
import type { CallCarrier, UnaryCall } from './unary-call.ts';

/** Of answers that are on their way, per connection: more than what the runtime takes by itself, which large answers need. */
const MAX_SESSION_MEMORY_MB = 1024;
/** How much of an answer a server may send before it is read. */
const WINDOW_BYTES = 1024 * 1024;
/** Until the server has said how many calls it takes at a time: what the runtime assumes too. */
const ASSUMED_STREAMS = 100;

/** A server's announcement that it will close the connection. */
interface Goaway {
  readonly code: number;
  /** The server has not processed streams with a higher id. */
  readonly lastStream: number;
}

const CLOSED_EARLY = 'the server closed the connection before the answer was complete';

/**
 * One HTTP/2 connection for calls of gRPC, any number at a time, over the runtime's own implementation. It connects with the
 * first call, and again when the connection is gone. Calls beyond what the server takes at a time wait for those before them.
 */
export class GrpcConnection implements SocketEvents, CallCarrier, Limited {
  deadlineTick = 0;
  wheelIndex = -1;
  readonly #origin: HttpOrigin;
  readonly #connectMs: number;
  readonly #nextRoute: () => Route;
  /** What calls wait for a connection, or for others to end. */
  readonly #waiting = new Set<UnaryCall>();
  readonly #underWay = new Set<UnaryCall>();
  #opened: (() => void)[] = [];
  #socket: Socket | undefined;
  /** Undefined until it is ready. */
  #session: ClientHttp2Session | undefined;
  /** What servers have said of connections that they are about to close. */
  readonly #goaways = new WeakMap<ClientHttp2Session, Goaway>();
  #mostStreams = ASSUMED_STREAMS;
  #tlsSession: Buffer | undefined;
  #sinceUs = 0;
  #isClosed = false;

  /** @param nextRoute called each time it connects */
  constructor(origin: HttpOrigin, connectMs: number, nextRoute: () => Route) {
    this.#origin = origin;
    this.#connectMs = connectMs;
    this.#nextRoute = nextRoute;
    origin.deadlines.add(this);
  }

  /** Connects ahead of the first call. Resolves also when that fails: the next call then connects again, and says why it cannot. */
  open(): Promise<void> {
    if (this.#session !== undefined || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#opened.push(resolve);
      if (this.#socket === undefined) this.#connect();
    });
  }

  /** Its end is told by {@link UnaryCall}. */
  send(call: UnaryCall): void {
    const { deadlines } = this.#origin;
    call.deadlineTick = deadlines.after(call.request.deadlineMs);
    deadlines.add(call);
    this.#origin.aborts.follow(call.signal, call);
    this.#carry(call);
  }

  /** Cuts off what is under way; every later call fails. May be called twice. */
  close(): void {
    this.#isClosed = true;
    const underWay = [...this.#underWay];
    this.#failWaiting('aborted', 'the session was closed');
    for (const call of underWay) call.fail('aborted', 'the session was closed');
    this.#origin.deadlines.remove(this);
  }

  ended(call: UnaryCall): void {
    this.#origin.deadlines.remove(call);
    this.#origin.aborts.leave(call.signal, call);
    this.#waiting.delete(call);
    if (this.#underWay.delete(call) && this.#waiting.size > 0) this.#startWaiting();
  }

  resend(call: UnaryCall): boolean {
    if (call.isResent || this.#isClosed) return false;
    call.isResent = true;
    this.#underWay.delete(call);
    if (call.forget()) return true;
    const lostUs = this.#origin.nowUs();
    // The stream that was refused has not quite ended yet.
    setImmediate(() => {
      if (call.failure !== '') return;
      this.#origin.recordResent(this.#origin.nowUs() - lostUs);
      this.#carry(call);
    });
    return true;
  }

  connectionFailed(session: ClientHttp2Session, error: NodeJS.ErrnoException): void {
    const { code = '' } = error;
    const goaway = this.#goaways.get(session);
    if (goaway !== undefined || code === 'ERR_HTTP2_SESSION_ERROR') {
      const name = goaway === undefined ? '' : ` (GOAWAY, ${http2ErrorName(goaway.code)})`;
      this.#lose(session, 'connection_closed', `the server closed the connection${name}`);
    } else if (code === 'ERR_HTTP2_INVALID_SESSION') {
      this.connectionClosed(session);
    } else if (code.startsWith('ERR_HTTP2')) {
      this.#lose(session, 'protocol_error', 'what the server sent is not HTTP/2');
    } else {
      const { kind, reason } = networkFailure(error);
      this.#lose(session, kind, reason);
    }
  }

  connectionClosed(session: ClientHttp2Session): void {
    this.#lose(session, 'connection_closed', CLOSED_EARLY);
  }

  overTime(): void {
    this.#failWaiting('connect_timeout', `no connection within ${this.#connectMs} ms`);
  }

  socketConnected(socket: Socket): void {
    if (socket !== this.#socket) return;
    const nowUs = this.#origin.nowUs();
    this.#origin.connectTiming.recordUs(nowUs - this.#sinceUs);
    this.#sinceUs = nowUs;
    if (!this.#origin.address.secure) this.#ready(socket as StreamSocket);
  }

  socketSecured(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#origin.tlsTiming?.recordUs(this.#origin.nowUs() - this.#sinceUs);
    const { stream } = socket as StreamSocket;
    if ((stream as TLSSocket).alpnProtocol === 'h2') this.#ready(socket as StreamSocket);
    else this.#failWaiting('protocol_error', 'the server does not offer HTTP/2');
  }

  /** The HTTP/2 session reads the socket. */
  socketData(): void {}

  socketEnded(socket: Socket): void {
    if (socket !== this.#socket) return;
    if (this.#session !== undefined) this.connectionClosed(this.#session);
    else this.#failWaiting('connection_closed', 'the server closed the connection before it was ready');
  }

  socketFailed(socket: Socket, error: Error): void {
    if (socket !== this.#socket) return;
    const { kind, reason } = networkFailure(error);
    if (this.#session !== undefined) this.#lose(this.#session, kind, reason);
    else this.#failWaiting(kind, reason);
  }

  socketClosed(socket: Socket): void {
    this.socketEnded(socket);
  }

  tlsSession(session: Buffer): void {
    if (this.#origin.settings.tls?.resumption ?? true) this.#tlsSession = session;
  }

  #carry(call: UnaryCall): void {
    if (this.#isClosed || call.signal.aborted) {
      call.fail('aborted', this.#isClosed ? 'the session was closed' : 'the run was stopped', 'CANCELLED');
      return;
    }
    const session = this.#session;
    if (session !== undefined && !isUsable(session)) this.#retire();
    if (this.#session !== undefined && this.#underWay.size < this.#mostStreams) {
      this.#start(call, this.#session);
      return;
    }
    this.#waiting.add(call);
    if (this.#socket === undefined) this.#connect();
  }

  #start(call: UnaryCall, session: ClientHttp2Session): void {
    this.#underWay.add(call);
    call.start(session);
  }

  #startWaiting(): void {
    for (const call of this.#waiting) {
      const session = this.#session;
      if (session === undefined || this.#underWay.size >= this.#mostStreams) return;
      if (!isUsable(session)) {
        this.#retire();
        this.#connect();
        return;
      }
      this.#waiting.delete(call);
      this.#start(call, session);
    }
  }

  #connect(): void {
    this.deadlineTick = this.#origin.deadlines.after(this.#connectMs);
    this.#sinceUs = this.#origin.nowUs();
    this.#mostStreams = ASSUMED_STREAMS;
    this.#socket = openStreamSocket(this.#origin, this.#nextRoute(), this, this.#tlsSession);
  }

  #ready(socket: StreamSocket): void {
    const { address } = this.#origin;
    this.deadlineTick = 0;
    const session = connect(`${address.secure ? 'https' : 'http'}://${address.authority}`, {
      createConnection: () => socket.stream,
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    });
    this.#session = session;
    session.on('remoteSettings', ({ maxConcurrentStreams }) => {
      if (session !== this.#session || maxConcurrentStreams === undefined) return;
      this.#mostStreams = Math.max(1, maxConcurrentStreams);
      this.#startWaiting();
    });
    session.on('error', (error) => this.connectionFailed(session, error));
    session.on('goaway', (code, lastStream) => {
      this.#goaways.set(session, { code, lastStream });
      // Calls under way may still be answered; the next one needs another connection.
      if (session === this.#session && this.#underWay.size === 0) this.#drop();
    });
    session.on('close', () => {
      if (session === this.#session) this.connectionClosed(session);
    });
    this.#openEnded();
    this.#startWaiting();
  }

  /** The server takes no more calls on this connection: those under way end on it, which then closes. */
  #retire(): void {
    this.#session = undefined;
    this.#socket = undefined;
  }

  #drop(): void {
    const [socket, session] = [this.#socket, this.#session];
    this.#retire();
    this.deadlineTick = 0;
    session?.destroy();
    socket?.destroy();
  }

  /** A connection is gone, with the calls under way on it. Those that have not been sent go to the next one. */
  #lose(session: ClientHttp2Session, kind: string, reason: string): void {
    const calls = [...this.#underWay].filter((call) => call.session === session);
    if (session === this.#session) {
      this.#drop();
      if (this.#waiting.size > 0) this.#connect();
    }
    const { lastStream } = this.#goaways.get(session) ?? { lastStream: Number.POSITIVE_INFINITY };
    for (const call of calls) {
      if (call.streamId > lastStream && this.resend(call)) continue;
      call.fail(kind, reason);
    }
  }

  /** There is no connection for calls that wait for one. Those that a GOAWAY has left under way end on the old one. */
  #failWaiting(kind: string, reason: string): void {
    const calls = [...this.#waiting];
    this.#waiting.clear();
    this.#drop();
    this.#openEnded();
    for (const call of calls) call.fail(kind, reason);
  }

  #openEnded(): void {
    for (const resolve of this.#opened.splice(0)) resolve();
  }
}

function isUsable(session: ClientHttp2Session): boolean {
  return !session.closed && !session.destroyed;
}
