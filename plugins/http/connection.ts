import type { Socket } from 'node:net';
import type { Outcome } from '../../core/plugin.ts';
import type { Abortable } from './abort-watch.ts';
import type { HttpClient } from './client.ts';
import { networkFailure } from './error-kind.ts';
import { Exchange, type Judge, type RequestShape, requestShape } from './exchange.ts';
import { lingerUntilClosed, openSocket, type SocketEvents } from './open-socket.ts';
import { READ_COMPLETE, READ_MORE, ResponseReader } from './response-reader.ts';
import type { Limited } from './sweep.ts';

const CLOSED = 0;
const CONNECTING = 1;
const IDLE = 2;
const WAITING = 3;

/** Larger requests may still be on their way when the answer is there. */
const SENT_AT_ONCE_BYTES = 16 * 1024;

/**
 * One virtual user's HTTP/1.1 connection. One request at a time; it connects again where the server has closed.
 *
 * A request that was written and got no answer is a failure, with one exception (RFC 9112, 9.3.1): it is sent again,
 * once, when it is idempotent, went out on a connection that had lain idle, and not a byte came back. Then the server
 * closed the idle connection while the request was under way to it.
 */
export class HttpConnection implements SocketEvents, Limited, Abortable {
  readonly exchange = new Exchange();
  deadlineTick = 0;
  sweepIndex = -1;

  readonly #client: HttpClient;
  readonly #judge: Judge;
  readonly #reader = new ResponseReader();
  /** One function for all promises: a promise per request, but no closure. */
  readonly #capture = (resolve: (outcome: Outcome) => void) => {
    this.#resolve = resolve;
  };
  #phase: typeof CLOSED | typeof CONNECTING | typeof IDLE | typeof WAITING = CLOSED;
  #socket: Socket | undefined;
  #tlsSession: Buffer | undefined;
  #resolve: ((outcome: Outcome) => void) | undefined;
  #opened: (() => void) | undefined;
  #signal: AbortSignal | undefined;
  #shape: RequestShape = NO_REQUEST;
  #request: string | Buffer = '';
  #sinceUs = 0;
  #usedTick = 0;
  #firstByteAwaited = false;
  #mayResend = false;

  constructor(client: HttpClient, judge: Judge) {
    this.#client = client;
    this.#judge = judge;
    client.sweep.add(this);
  }

  /** Connects ahead of the first request; resolves also when that fails, and then {@link exchange} says why. */
  open(signal: AbortSignal): Promise<void> {
    this.exchange.begin(0);
    this.#shape = NO_REQUEST;
    return new Promise((resolve) => {
      this.#opened = resolve;
      if (this.#follow(signal)) this.#connect();
      else this.#fail('aborted', 'the run was stopped');
    });
  }

  /**
   * @param request head and body: bytes, which must stay as they are until the answer is there, or a string with one
   *   character per byte
   * @param bodyBytes how many of them are body
   */
  send(shape: RequestShape, request: string | Buffer, bodyBytes: number, signal: AbortSignal): Promise<Outcome> {
    const promise = new Promise(this.#capture);
    this.#shape = shape;
    this.#request = request;
    this.exchange.begin(bodyBytes);
    this.#reader.expect(shape);
    if (signal !== this.#signal && !this.#follow(signal)) {
      this.#fail('aborted', 'the run was stopped');
    } else if (this.#phase === IDLE) {
      this.#mayResend = shape.idempotent && this.#usedTick !== this.#client.sweep.tick;
      this.#write();
    } else {
      this.#mayResend = false;
      this.#connect();
    }
    return promise;
  }

  /** May be called twice. A request in flight is cut off. */
  close(): void {
    if (this.#resolve || this.#opened) this.#fail('aborted', 'the session was closed');
    this.#drop();
    this.#leave();
    this.#client.sweep.remove(this);
  }

  cutOff(): void {
    this.#signal = undefined;
    if (this.#resolve || this.#opened) this.#fail('aborted', 'the run cut it off');
  }

  overTime(): void {
    const { connectTimeoutMs, timeoutMs } = this.#client.settings;
    if (this.#phase === CONNECTING) this.#fail('connect_timeout', `no connection within ${connectTimeoutMs} ms`);
    else this.#fail('timeout', `no whole answer within ${timeoutMs} ms`);
  }

  socketConnected(socket: Socket): void {
    if (socket !== this.#socket) return;
    const nowUs = this.#client.nowUs();
    this.#client.connectTiming.recordUs(nowUs - this.#sinceUs);
    this.#sinceUs = nowUs;
    if (!this.#client.address.secure) this.#ready();
  }

  socketSecured(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#client.tlsTiming?.recordUs(this.#client.nowUs() - this.#sinceUs);
    this.#ready();
  }

  socketData(socket: Socket, length: number): void {
    if (socket !== this.#socket) return;
    if (this.#phase !== WAITING) {
      // Bytes that nobody asked for, such as a 408 before the server closes: not an answer to anything.
      this.#drop();
      return;
    }
    if (this.#firstByteAwaited) {
      this.#firstByteAwaited = false;
      this.#client.firstByteTiming.recordUs(this.#client.nowUs() - this.#sinceUs);
    }
    const state = this.#reader.read(this.#client.readBuffer, length, this.#client.readWords);
    if (state === READ_MORE) return;
    if (state === READ_COMPLETE) this.#complete(this.#reader.head.keepAlive);
    else this.#fail(this.#reader.failure, `the answer ${this.#reader.problem}`);
  }

  socketEnded(socket: Socket): void {
    if (socket !== this.#socket) return;
    if (this.#phase === WAITING) {
      if (this.#reader.end() === READ_COMPLETE) this.#complete(false);
      else this.#lost(this.#reader.failure, `the answer ${this.#reader.problem}`);
    } else if (this.#phase === CONNECTING) {
      this.#fail('connection_closed', 'the server closed the connection before it was ready');
    } else {
      this.#drop();
    }
  }

  socketFailed(socket: Socket, error: Error): void {
    if (socket !== this.#socket) return;
    const { kind, reason } = networkFailure(error);
    if (this.#phase === WAITING) this.#lost(kind, reason);
    else this.#fail(kind, reason);
  }

  socketClosed(socket: Socket): void {
    this.socketEnded(socket);
  }

  tlsSession(session: Buffer): void {
    if (this.#client.settings.tls?.resumption) this.#tlsSession = session;
  }

  #connect(): void {
    this.#phase = CONNECTING;
    this.deadlineTick = this.#client.sweep.tick + this.#client.connectTicks;
    this.#sinceUs = this.#client.nowUs();
    this.#socket = openSocket(this.#client, this, this.#tlsSession);
  }

  #ready(): void {
    if (this.#resolve) {
      this.#write();
    } else {
      this.#phase = IDLE;
      this.deadlineTick = 0;
      this.#usedTick = this.#client.sweep.tick;
      this.#openEnded();
    }
  }

  #write(): void {
    this.#phase = WAITING;
    this.deadlineTick = this.#client.sweep.tick + this.#client.answerTicks;
    this.#firstByteAwaited = this.#client.timesNextAnswer(this.#usedTick);
    if (this.#firstByteAwaited) this.#sinceUs = this.#client.nowUs();
    this.exchange.written = true;
    this.#socket?.write(this.#request, 'latin1');
  }

  #complete(keepAlive: boolean): void {
    const { exchange } = this;
    exchange.status = this.#reader.head.status;
    exchange.bytesReceived = this.#reader.bodyBytes;
    this.deadlineTick = 0;
    const socket = this.#socket as Socket;
    if (this.#request.length > SENT_AT_ONCE_BYTES && socket.writableLength > 0) {
      this.#drop();
    } else if (keepAlive && !this.#client.settings.connectionPerRequest) {
      this.#phase = IDLE;
      this.#usedTick = this.#client.sweep.tick;
    } else {
      this.#phase = CLOSED;
      this.#socket = undefined;
      lingerUntilClosed(socket, this.#client.sweep);
    }
    this.#settle();
  }

  /** The connection broke under a request. */
  #lost(kind: string, reason: string): void {
    if (this.#mayResend && !this.#reader.started) {
      this.#mayResend = false;
      this.#drop();
      this.#connect();
    } else {
      this.#fail(kind, reason);
    }
  }

  #fail(kind: string, reason: string): void {
    this.#drop();
    const { label } = this.#shape;
    this.exchange.fail(kind, label === '' ? reason : `${label}: ${reason}`);
    this.exchange.status = this.#reader.started ? this.#reader.head.status : 0;
    this.exchange.bytesReceived = this.#reader.bodyBytes;
    this.#openEnded();
    if (this.#resolve) this.#settle();
  }

  #settle(): void {
    const resolve = this.#resolve as (outcome: Outcome) => void;
    this.#resolve = undefined;
    this.#judge.judge(this.exchange, this.#reader, this.#shape);
    resolve(this.exchange);
  }

  #openEnded(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#phase = CLOSED;
    this.deadlineTick = 0;
    socket?.destroy();
  }

  /** @returns false when the signal is aborted already */
  #follow(signal: AbortSignal): boolean {
    this.#leave();
    if (signal.aborted) return false;
    this.#signal = signal;
    this.#client.aborts.follow(signal, this);
    return true;
  }

  #leave(): void {
    if (this.#signal) this.#client.aborts.leave(this.#signal, this);
    this.#signal = undefined;
  }
}

const NO_REQUEST: RequestShape = { ...requestShape('', ''), label: '' };
