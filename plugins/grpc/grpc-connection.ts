import type { ClientHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { HttpOrigin } from '../http/connections/origin.ts';
import type { Limited } from '../net/deadline-wheel.ts';
import { CLOSED_EARLY, http2Failure } from '../net/http2-error.ts';
import { openHttp2Session } from '../net/http2-session.ts';
import { networkFailure } from '../net/network-error.ts';
import { openStreamSocket } from '../net/open-socket.ts';
import type { Route, Socket, SocketEvents, StreamSocket } from '../net/socket.ts';
import { SessionCalls } from './session-calls.ts';
import type { StatusName } from './status.ts';
import type { CallCarrier, UnaryCall } from './unary-call.ts';

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
  #opened: (() => void)[] = [];
  #socket: Socket | undefined;
  /** Takes new calls. Undefined until the connection is ready. */
  #current: SessionCalls | undefined;
  /** The current one, and those that take no more calls but still have some under way. */
  readonly #sessions = new Map<ClientHttp2Session, SessionCalls>();
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
    if (this.#current !== undefined || this.#isClosed) return Promise.resolve();
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
    const sessions = [...this.#sessions.values()];
    this.#failWaiting('aborted', 'the session was closed', 'CANCELLED');
    for (const one of sessions) {
      for (const call of [...one.underWay]) call.fail('aborted', 'the session was closed', 'CANCELLED');
      one.destroy();
    }
    this.#origin.deadlines.remove(this);
  }

  ended(call: UnaryCall): void {
    this.#origin.deadlines.remove(call);
    this.#origin.aborts.leave(call.signal, call);
    this.#waiting.delete(call);
    this.#leave(call);
  }

  resend(call: UnaryCall): boolean {
    if (call.isResent || this.#isClosed) return false;
    call.isResent = true;
    this.#leave(call);
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
    const { kind, reason } = http2Failure(error, this.#sessions.get(session)?.goaway);
    this.#lose(session, kind, reason);
  }

  connectionClosed(session: ClientHttp2Session): void {
    this.#lose(session, CLOSED_EARLY.kind, CLOSED_EARLY.reason);
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
    if (this.#current !== undefined) this.connectionClosed(this.#current.session);
    else this.#failWaiting('connection_closed', 'the server closed the connection before it was ready');
  }

  socketFailed(socket: Socket, error: Error): void {
    if (socket !== this.#socket) return;
    const { kind, reason } = networkFailure(error);
    if (this.#current !== undefined) this.#lose(this.#current.session, kind, reason);
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
    if (this.#current?.isUsable === false) this.#retire();
    if (this.#current?.hasRoom) {
      this.#current.start(call);
      return;
    }
    this.#waiting.add(call);
    if (this.#socket === undefined) this.#connect();
  }

  #startWaiting(): void {
    for (const call of this.#waiting) {
      const current = this.#current;
      if (!current?.hasRoom) return;
      if (!current.isUsable) {
        this.#retire();
        this.#connect();
        return;
      }
      this.#waiting.delete(call);
      current.start(call);
    }
  }

  /** The call is no longer on the connection that it was on. */
  #leave(call: UnaryCall): void {
    const left = call.session && this.#sessions.get(call.session);
    if (left === undefined || !left.underWay.delete(call)) return;
    if (left !== this.#current) {
      if (left.underWay.size === 0) this.#sessions.delete(left.session);
    } else if (this.#waiting.size > 0) {
      this.#startWaiting();
    }
  }

  #connect(): void {
    this.deadlineTick = this.#origin.deadlines.after(this.#connectMs);
    this.#sinceUs = this.#origin.nowUs();
    this.#socket = openStreamSocket(this.#origin, this.#nextRoute(), this, this.#tlsSession);
  }

  #ready(socket: StreamSocket): void {
    this.deadlineTick = 0;
    const session = openHttp2Session(this.#origin.address, socket);
    const current = new SessionCalls(session, socket);
    this.#current = current;
    this.#sessions.set(session, current);
    session.on('remoteSettings', ({ maxConcurrentStreams }) => {
      if (maxConcurrentStreams === undefined) return;
      current.mostStreams = Math.max(1, maxConcurrentStreams);
      if (current === this.#current) this.#startWaiting();
    });
    session.on('error', (error) => this.connectionFailed(session, error));
    session.on('goaway', (code, lastStream) => {
      current.goaway = { code, lastStream };
      if (current !== this.#current) return;
      // Calls under way may still be answered; all others need another connection.
      if (current.underWay.size === 0) this.#drop();
      else this.#retire();
      if (this.#waiting.size > 0) this.#connect();
    });
    session.on('close', () => {
      if (current === this.#current) this.connectionClosed(session);
    });
    this.#openEnded();
    this.#startWaiting();
  }

  /** The server takes no more calls on this connection: those under way end on it, which then closes. */
  #retire(): void {
    const retired = this.#current;
    if (retired?.underWay.size === 0) this.#sessions.delete(retired.session);
    this.#current = undefined;
    this.#socket = undefined;
  }

  #drop(): void {
    const [socket, current] = [this.#socket, this.#current];
    if (current !== undefined) this.#sessions.delete(current.session);
    this.#current = undefined;
    this.#socket = undefined;
    this.deadlineTick = 0;
    if (current !== undefined) current.destroy();
    else socket?.destroy();
  }

  /** A connection is gone, with the calls under way on it. Those that have not been sent go to the next one. */
  #lose(session: ClientHttp2Session, kind: string, reason: string): void {
    const lost = this.#sessions.get(session);
    if (lost === undefined) return;
    this.#sessions.delete(session);
    if (lost === this.#current) {
      this.#drop();
      if (this.#waiting.size > 0) this.#connect();
    }
    for (const call of [...lost.underWay]) {
      if (lost.leavesOut(call) && this.resend(call)) continue;
      call.fail(kind, reason);
    }
  }

  /** There is no connection for calls that wait for one. Those that a GOAWAY has left under way end on the old one. */
  #failWaiting(kind: string, reason: string, status?: StatusName): void {
    const calls = [...this.#waiting];
    this.#waiting.clear();
    this.#drop();
    this.#openEnded();
    for (const call of calls) call.fail(kind, reason, status);
  }

  #openEnded(): void {
    for (const resolve of this.#opened.splice(0)) resolve();
  }
}
