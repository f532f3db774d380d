import type { Outcome } from '../../core/plugin.ts';
import type { Abortable } from '../net/abort-fanout.ts';
import type { Limited } from '../net/deadline-wheel.ts';
import { networkFailure } from '../net/network-error.ts';
import type { Socket, SocketEvents } from '../net/socket.ts';
import type { HttpClient } from './client.ts';
import { type Answer, Exchange, type Judge, type RequestShape, requestShape } from './exchange.ts';

const CLOSED = 0;
const CONNECTING = 1;
const IDLE = 2;
const WAITING = 3;

/** Stands in until the first request. */
const NO_REQUEST: RequestShape = { ...requestShape('', ''), label: '' };

/**
 * One virtual user's connection, for HTTP/1.1 and HTTP/2 alike: connecting, time limits, cutting off, and the promise of
 * the current request. Carries one request at a time, and connects again when the connection is gone.
 *
 * A request whose connection breaks is a failure, with two exceptions, in which it is sent once more on a new connection
 * and counted as `http.resent`. A server may close a reused connection just while a request is on its way: an idempotent
 * request of which not one byte of an answer came is repeated (RFC 9112, 9.3.1). And a server may say that it has not
 * processed a request: that one is repeated whatever its method (RFC 9113, 8.7).
 */
export abstract class Connection implements SocketEvents, Limited, Abortable {
  readonly exchange = new Exchange();
  deadlineTick = 0;
  wheelIndex = -1;

  protected readonly client: HttpClient;
  protected readonly ip: string;
  protected socket: Socket | undefined;
  protected shape: RequestShape = NO_REQUEST;
  /** When connecting, the TLS handshake or the request began, on the client's clock. */
  protected sinceUs = 0;
  /** The tick of the client's deadline wheel in which the connection was last in use. */
  protected usedTick = 0;

  readonly #judge: Judge;
  /** One function for all promises, so that a request makes a promise but no closure. */
  readonly #capture = (resolve: (outcome: Outcome) => void) => {
    this.#resolve = resolve;
  };
  #phase: typeof CLOSED | typeof CONNECTING | typeof IDLE | typeof WAITING = CLOSED;
  #tlsSession: Buffer | undefined;
  #resolve: ((outcome: Outcome) => void) | undefined;
  #opened: (() => void) | undefined;
  #signal: AbortSignal | undefined;
  /** The request went out on a connection that had been opened before it. */
  #reused = false;
  /** The request has been sent a second time, or the second connection is on its way. */
  #resent = false;
  #lostUs = 0;

  /** @param ip one of the target's addresses, to which all of its sockets connect */
  constructor(client: HttpClient, ip: string, judge: Judge) {
    this.client = client;
    this.ip = ip;
    this.#judge = judge;
    client.deadlines.add(this);
  }

  /** What checks examine. */
  protected abstract get answer(): Answer;
  /** Whether a byte of the answer has arrived. */
  protected abstract get answering(): boolean;
  /** @param session a TLS ticket of an earlier connection */
  protected abstract openSocket(session: Buffer | undefined): Socket;
  /** Sends the request on the connection, which is ready. */
  protected abstract transmit(): void;
  /** The server closed the connection before the answer was complete. */
  protected abstract endedWhileWaiting(): void;
  /** The connection is ready, and the request has not been sent yet. */
  protected idled(): void {}

  /** Connects ahead of the first request. Resolves also when that fails; {@link exchange} then says why. */
  open(signal: AbortSignal): Promise<void> {
    this.exchange.begin(0);
    if (this.client.settings.connectionPerRequest && this.client.reached) return Promise.resolve();
    return new Promise((resolve) => {
      this.#opened = resolve;
      if (this.#follow(signal)) this.#connect();
      else this.fail('aborted', 'the run was stopped');
    });
  }

  /** Cuts off a request in flight. May be called twice. */
  close(): void {
    if (this.#resolve || this.#opened) this.fail('aborted', 'the session was closed');
    this.drop();
    this.#leave();
    this.client.deadlines.remove(this);
  }

  cutOff(): void {
    this.#signal = undefined;
    if (this.#resolve || this.#opened) this.fail('aborted', 'the run has cut it off');
  }

  overTime(): void {
    const { connectTimeoutMs, timeoutMs } = this.client.settings;
    if (this.#phase === CONNECTING) this.fail('connect_timeout', `no connection within ${connectTimeoutMs} ms`);
    else this.fail('timeout', `no complete answer within ${timeoutMs} ms`);
  }

  socketConnected(socket: Socket): void {
    if (socket !== this.socket) return;
    const nowUs = this.client.nowUs();
    this.client.connectTiming.recordUs(nowUs - this.sinceUs);
    this.sinceUs = nowUs;
    if (!this.client.address.secure) this.#ready();
  }

  socketSecured(socket: Socket): void {
    if (socket !== this.socket) return;
    this.client.tlsTiming?.recordUs(this.client.nowUs() - this.sinceUs);
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
    else this.fail(kind, reason);
  }

  socketClosed(socket: Socket): void {
    this.socketEnded(socket);
  }

  tlsSession(session: Buffer): void {
    if (this.client.settings.tls?.resumption ?? true) this.#tlsSession = session;
  }

  protected get waiting(): boolean {
    return this.#phase === WAITING;
  }

  /** Begins the request that {@link transmit} will send, on a new connection where there is none. */
  protected begin(shape: RequestShape, bodyBytes: number, signal: AbortSignal): Promise<Outcome> {
    const promise = new Promise(this.#capture);
    this.shape = shape;
    this.#resent = false;
    this.exchange.begin(bodyBytes);
    if (signal !== this.#signal && !this.#follow(signal)) {
      this.fail('aborted', 'the run was stopped');
    } else if (this.#phase === IDLE) {
      this.#reused = true;
      this.#transmit();
    } else {
      this.#reused = false;
      this.#connect();
    }
    return promise;
  }

  /** The answer is complete. @param keep the connection can carry another request */
  protected complete(status: number, bytesReceived: number, keep: boolean): void {
    this.exchange.status = status;
    this.exchange.bytesReceived = bytesReceived;
    this.deadlineTick = 0;
    if (keep) {
      this.#phase = IDLE;
      this.usedTick = this.client.deadlines.tick;
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
      this.#lostUs = this.client.nowUs();
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
    this.usedTick = this.client.deadlines.tick;
    this.#settle();
  }

  /** @param reason continues a sentence, without a full stop */
  protected fail(kind: string, reason: string): void {
    this.drop();
    const { label } = this.shape;
    this.exchange.fail(kind, label === '' ? reason : `${label}: ${reason}`);
    this.#openEnded();
    if (this.#resolve) this.#settle();
  }

  protected drop(): void {
    const { socket } = this;
    this.socket = undefined;
    this.#phase = CLOSED;
    this.deadlineTick = 0;
    socket?.destroy();
  }

  #connect(): void {
    this.#phase = CONNECTING;
    this.deadlineTick = this.client.deadlines.tick + this.client.connectTicks;
    this.sinceUs = this.client.nowUs();
    this.socket = this.openSocket(this.#tlsSession);
  }

  #ready(): void {
    this.usedTick = this.client.deadlines.tick;
    this.idled();
    if (this.socket === undefined) return;
    if (this.#resolve) {
      if (this.#resent) this.client.recordResent(this.client.nowUs() - this.#lostUs);
      this.#transmit();
    } else {
      this.#phase = IDLE;
      this.deadlineTick = 0;
      this.#openEnded();
    }
  }

  #transmit(): void {
    this.#phase = WAITING;
    this.deadlineTick = this.client.deadlines.tick + this.client.answerTicks;
    this.exchange.written = true;
    this.transmit();
  }

  #settle(): void {
    const resolve = this.#resolve as (outcome: Outcome) => void;
    this.#resolve = undefined;
    this.#judge.judge(this.exchange, this.answer, this.shape);
    resolve(this.exchange);
  }

  #openEnded(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.();
  }

  /** @returns false when the signal is already aborted */
  #follow(signal: AbortSignal): boolean {
    this.#leave();
    if (signal.aborted) return false;
    this.#signal = signal;
    this.client.aborts.follow(signal, this);
    return true;
  }

  #leave(): void {
    if (this.#signal) this.client.aborts.leave(this.#signal, this);
    this.#signal = undefined;
  }
}
