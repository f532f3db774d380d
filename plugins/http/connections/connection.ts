import { errorMessage } from '../../../core/error.ts';
import type { Outcome, OutcomeDetail } from '../../../core/plugin.ts';
import type { Abortable } from '../../net/abort-fanout.ts';
import type { Limited } from '../../net/deadline-wheel.ts';
import { networkFailure } from '../../net/network-error.ts';
import type { Route, Socket, SocketEvents } from '../../net/socket.ts';
import { type Answer, Exchange, type Judge, type RequestShape, type TimeLimits, UNUSED } from '../exchange.ts';
import type { HttpOrigin } from './origin.ts';
import { RequestQueue } from './request-queue.ts';
import type { Sender, WireRequest } from './sender.ts';

const CLOSED = 0;
const CONNECTING = 1;
const IDLE = 2;
const WAITING = 3;

/**
 * One connection, for HTTP/1.1 and HTTP/2 alike: connecting, time limits, cutting off, and the promise of the current
 * request. Carries one request at a time, of whichever session, and connects again when the connection is gone. Requests
 * that overlap, such as those of two drivers of one virtual user, are sent one after the other.
 *
 * A request whose connection breaks is a failure, with two exceptions, in which it is sent once more on a new connection
 * and counted as `http.resent`. A server may close a reused connection just while a request is on its way: an idempotent
 * request of which not one byte of an answer came is repeated (RFC 9112, 9.3.1). And a server may say that it has not
 * processed a request: that one is repeated whatever its method (RFC 9113, 8.7).
 */
export abstract class Connection implements Sender, SocketEvents, Limited, Abortable {
  readonly exchange = new Exchange();
  deadlineTick = 0;
  wheelIndex = -1;

  protected readonly origin: HttpOrigin;
  protected socket: Socket | undefined;
  protected shape: RequestShape = UNUSED.shape;
  /** When connecting, the TLS handshake or the request began, on the origin's clock. */
  protected sinceUs = 0;
  /** The tick of the deadline wheel in which the connection was last in use. */
  protected usedTick = 0;

  readonly #nextRoute: () => Route;
  #judge: Judge = UNUSED.judge;
  #limits: TimeLimits = UNUSED.limits;
  /** One function for all promises, so that a request makes a promise but no closure. */
  readonly #capture = (resolve: (outcome: Outcome) => void) => {
    this.#captured = resolve;
  };
  #phase: typeof CLOSED | typeof CONNECTING | typeof IDLE | typeof WAITING = CLOSED;
  #tlsSession: Buffer | undefined;
  #captured: ((outcome: Outcome) => void) | undefined;
  /** Told of the end of the request under way. */
  #ended: ((outcome: Outcome) => void) | undefined;
  #opened: (() => void) | undefined;
  /** Undefined until requests overlap for the first time. */
  #queue: RequestQueue | undefined;
  /** {@link close} has been called: it never connects again. */
  #closed = false;
  #signal: AbortSignal | undefined;
  /** The request went out on a connection that had been opened before it. */
  #reused = false;
  #hasAnswered = false;
  /** The request has been sent a second time, or the second connection is on its way. */
  #resent = false;
  #lostUs = 0;
  /** How long connecting took the last time. */
  #connectUs = 0;

  /** @param nextRoute called each time it connects */
  constructor(origin: HttpOrigin, nextRoute: () => Route) {
    this.origin = origin;
    this.#nextRoute = nextRoute;
    origin.deadlines.add(this);
  }

  /** Takes the request that {@link transmit} will send, and forgets the answer before it. */
  protected abstract prepare(request: WireRequest, shape: RequestShape): void;
  /** What checks examine. */
  protected abstract get answer(): Answer;
  /** Whether a byte of the answer has arrived. */
  protected abstract get answering(): boolean;
  /** @param session a TLS ticket of an earlier connection */
  protected abstract openSocket(route: Route, session: Buffer | undefined): Socket;
  /** Sends the request on the connection, which is ready. */
  protected abstract transmit(): void;
  /** The server closed the connection before the answer was complete. */
  protected abstract endedWhileWaiting(): void;
  /** The current request and what has come of its answer; asked for only while the exchange is judged. */
  protected abstract get detail(): OutcomeDetail;
  /** The connection is ready, and the request has not been sent yet. */
  protected idled(): void {}

  send(
    judge: Judge,
    shape: RequestShape,
    request: WireRequest,
    bodyBytes: number,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const promise = new Promise(this.#capture);
    this.start(judge, shape, request, bodyBytes, signal, this.#captured as (outcome: Outcome) => void);
    return promise;
  }

  /** One that is asked for while another one is on its way waits for it. */
  start(
    judge: Judge,
    shape: RequestShape,
    request: WireRequest,
    bodyBytes: number,
    signal: AbortSignal,
    ended: (outcome: Outcome) => void,
  ): void {
    if (this.#ended === undefined) {
      this.prepare(request, shape);
      this.#ended = ended;
      this.#begin(judge, shape, bodyBytes, signal);
    } else {
      this.#queue ??= new RequestQueue(this.origin.aborts);
      this.#continueAfterwards();
      this.#queue.add({ judge, shape, request, bodyBytes, signal, ended });
    }
  }

  /** Connects ahead of the first request, unless it is connected. After a failure {@link exchange} says why. */
  open(limits: TimeLimits, signal: AbortSignal): Promise<void> {
    // Each request then has a connection of its own.
    return this.origin.connectionPerRequest ? Promise.resolve() : this.connect(limits, signal);
  }

  /** As {@link open}, whatever the plan says about connections. */
  connect(limits: TimeLimits, signal: AbortSignal): Promise<void> {
    if (this.#phase !== CLOSED) return Promise.resolve();
    this.exchange.begin(0);
    this.#limits = limits;
    return new Promise((resolve) => {
      this.#opened = resolve;
      if (this.#follow(signal)) this.#connect();
      else this.#refuse();
    });
  }

  abandon(judge: Judge): void {
    this.#queue?.abandon(judge);
    if (this.#ended && this.#judge === judge) this.fail('aborted', 'the session was closed');
  }

  /** Cuts off a request in flight and those that wait; every later one fails. May be called twice. */
  close(): void {
    this.#closed = true;
    this.#leave();
    this.#queue?.abandon();
    if (this.#ended || this.#opened) this.fail('aborted', 'the session was closed');
    this.drop();
    this.origin.deadlines.remove(this);
  }

  cutOff(): void {
    this.#signal = undefined;
    if (this.#ended || this.#opened) this.fail('aborted', `the run has cut it off${this.#hintAtLimit()}`);
  }

  overTime(): void {
    const { connectMs, answerMs } = this.#limits;
    if (this.#phase === CONNECTING) this.fail('connect_timeout', `no connection within ${connectMs} ms`);
    else this.fail('timeout', `no complete answer within ${answerMs} ms${this.#hintAtLimit()}`);
  }

  socketConnected(socket: Socket): void {
    if (socket !== this.socket) return;
    const nowUs = this.origin.nowUs();
    this.#connectUs = nowUs - this.sinceUs;
    this.origin.connectTiming.recordUs(nowUs - this.sinceUs);
    this.sinceUs = nowUs;
    if (!this.origin.address.secure) this.#ready();
  }

  socketSecured(socket: Socket): void {
    if (socket !== this.socket) return;
    this.origin.tlsTiming?.recordUs(this.origin.nowUs() - this.sinceUs);
    this.#ready();
  }

  abstract socketData(socket: Socket, length: number): void;

  socketEnded(socket: Socket): void {
    if (socket !== this.socket) return;
    if (this.#phase === WAITING) this.endedWhileWaiting();
    else if (this.#phase === CONNECTING)
      this.fail('connection_closed', 'the server closed the connection before it was ready');
    else this.drop();
  }

  socketFailed(socket: Socket, error: Error): void {
    if (socket !== this.socket) return;
    const { kind, reason } = networkFailure(error);
    if (this.#phase === WAITING) this.lost(kind, reason);
    else if (this.#phase === CONNECTING) this.fail(kind, reason);
    // The exchange is that of a request which has ended.
    else this.drop();
  }

  socketClosed(socket: Socket): void {
    this.socketEnded(socket);
  }

  tlsSession(session: Buffer): void {
    if (this.origin.settings.tls?.resumption ?? true) this.#tlsSession = session;
  }

  /** Whether the session wants to see the current exchange in full, if it ends like this. */
  protected wantsDetail(errorKind: string): boolean {
    return this.#judge.wantsDetail(errorKind);
  }

  protected get isTraced(): boolean {
    return this.#judge.isTraced;
  }

  protected get waiting(): boolean {
    return this.#phase === WAITING;
  }

  /** @returns continues the reason of a failure for which a limit of the server may be the cause; else empty */
  #hintAtLimit(): string {
    if (this.#phase !== WAITING || this.#hasAnswered || this.answering) return '';
    const isServed = (one: Limited) => one instanceof Connection && one.origin === this.origin && one.#hasAnswered;
    return this.origin.hintAtLimit(this.#limits.answerMs, this.deadlineTick, isServed);
  }

  /** Begins the request that {@link transmit} will send, on a new connection where there is none. */
  #begin(judge: Judge, shape: RequestShape, bodyBytes: number, signal: AbortSignal): void {
    this.#judge = judge;
    this.shape = shape;
    this.#limits = shape.limits;
    this.#resent = false;
    this.exchange.begin(bodyBytes);
    this.#reused = this.#phase === IDLE;
    if (signal !== this.#signal && !this.#follow(signal)) this.#refuse();
    else if (this.#phase === IDLE) this.#transmit();
    // It may be connecting ahead of its first request.
    else if (this.#phase === CLOSED) this.#connect();
  }

  /** The run was stopped or the connection closed before the request, or the connecting, began. */
  #refuse(): void {
    this.fail('aborted', this.#closed ? 'the session was closed' : 'the run was stopped');
  }

  /**
   * Has the next request sent when the current one ends. It reuses the exchange, so that the current one's outcome has to be
   * a copy. The end of a request that nobody waits for costs nothing by this.
   */
  #continueAfterwards(): void {
    const ended = this.#ended as (outcome: Outcome) => void;
    this.#ended = (outcome) => {
      const copy = { ...outcome };
      // Whoever is told may send again at once: that request comes after those that wait.
      this.#sendNext();
      ended(copy);
    };
  }

  #sendNext(): void {
    while (this.#ended === undefined) {
      const next = this.#queue?.next();
      if (next === undefined) return;
      const { judge, shape, request, bodyBytes, signal, ended } = next;
      // One that ends at once leaves the exchange to the one after it.
      this.start(judge, shape, request, bodyBytes, signal, (outcome) => ended({ ...outcome }));
      if (this.#ended !== undefined) this.#continueAfterwards();
    }
  }

  /** The answer is complete. @param keep the connection can carry another request */
  protected complete(status: number, bytesReceived: number, keep: boolean): void {
    this.exchange.status = status;
    this.exchange.bytesReceived = bytesReceived;
    this.deadlineTick = 0;
    this.#hasAnswered = true;
    if (keep) {
      this.#phase = IDLE;
      this.usedTick = this.origin.deadlines.tick;
    } else {
      this.drop();
    }
    this.#settle();
  }

  /**
   * The connection broke before the answer was complete.
   * @param processed false when the server says that it has not processed the request
   */
  protected lost(kind: string, reason: string, processed = true): void {
    const mayResend = !processed || (this.#reused && this.shape.idempotent && !this.answering);
    if (mayResend && !this.#resent) {
      this.#resent = true;
      this.#lostUs = this.origin.nowUs();
      this.drop();
      this.#connect();
      return;
    }
    if (!processed) this.exchange.written = false;
    this.fail(kind, reason);
  }

  /** The request failed, and the connection can carry another one. */
  protected failAlone(kind: string, reason: string): void {
    this.exchange.fail(kind, `${this.shape.label}: ${reason}`);
    this.#phase = IDLE;
    this.deadlineTick = 0;
    this.usedTick = this.origin.deadlines.tick;
    this.#settle();
  }

  /** @param reason continues a sentence, without a full stop */
  protected fail(kind: string, reason: string): void {
    this.drop();
    const { label } = this.shape;
    this.exchange.fail(kind, label === '' ? reason : `${label}: ${reason}`);
    this.#openEnded();
    if (this.#ended) this.#settle();
  }

  protected drop(): void {
    const { socket } = this;
    this.socket = undefined;
    this.#phase = CLOSED;
    this.#hasAnswered = false;
    this.deadlineTick = 0;
    socket?.destroy();
  }

  #connect(): void {
    this.#phase = CONNECTING;
    this.deadlineTick = this.origin.deadlines.after(this.#limits.connectMs);
    this.sinceUs = this.origin.nowUs();
    this.socket = this.openSocket(this.#nextRoute(), this.#tlsSession);
  }

  #ready(): void {
    this.usedTick = this.origin.deadlines.tick;
    this.idled();
    if (this.socket === undefined) return;
    this.#openEnded();
    if (this.#ended) {
      if (this.#resent) this.origin.recordResent(this.origin.nowUs() - this.#lostUs);
      this.#transmit();
    } else {
      this.#phase = IDLE;
      this.deadlineTick = 0;
    }
  }

  #transmit(): void {
    this.#phase = WAITING;
    this.deadlineTick = this.origin.deadlines.after(this.#limits.answerMs);
    this.exchange.written = true;
    this.transmit();
  }

  #settle(): void {
    const ended = this.#ended as (outcome: Outcome) => void;
    this.#ended = undefined;
    const { exchange } = this;
    const judge = this.#judge;
    try {
      judge.judge(exchange, this.answer, this.shape);
      if (!exchange.ok ? judge.wantsDetail(exchange.errorKind) : judge.isTraced) exchange.detail = this.#timedDetail();
    } catch (error) {
      // Whatever was in the answer, the request has ended: nothing else would end it.
      exchange.fail('driver_threw', `${this.shape.label}: the answer could not be examined: ${errorMessage(error)}`);
    }
    ended(exchange);
  }

  #timedDetail(): OutcomeDetail {
    const { written, variables } = this.exchange;
    const connectUs = this.#reused || !written ? undefined : this.#connectUs;
    return { ...this.detail, connectUs, variables };
  }

  #openEnded(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.();
  }

  /** @returns false when the signal is already aborted, or the connection closed for good */
  #follow(signal: AbortSignal): boolean {
    this.#leave();
    if (signal.aborted || this.#closed) return false;
    this.#signal = signal;
    this.origin.aborts.follow(signal, this);
    return true;
  }

  #leave(): void {
    if (this.#signal) this.origin.aborts.leave(this.#signal, this);
    this.#signal = undefined;
  }
}
