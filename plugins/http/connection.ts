import type { Outcome } from '../../core/plugin.ts';
import type { Abortable } from '../net/abort-fanout.ts';
import type { Limited } from '../net/deadline-wheel.ts';
import { networkFailure } from '../net/network-error.ts';
import type { SocketEvents, Wire } from '../net/socket.ts';
import type { HttpClient } from './client.ts';
import { type Answer, Exchange, type Judge, type RequestShape, requestShape } from './exchange.ts';

const CLOSED = 0;
const CONNECTING = 1;
const IDLE = 2;
const WAITING = 3;

/** While no request has been made. */
const NO_REQUEST: RequestShape = { ...requestShape('', ''), label: '' };

/**
 * One virtual user's connection, whatever it speaks: connecting, time limits, being cut off, and the one promise that a
 * request has. One request at a time; it connects again where the connection is gone.
 */
export abstract class Connection implements SocketEvents, Limited, Abortable {
  readonly exchange = new Exchange();
  deadlineTick = 0;
  sweepIndex = -1;

  protected readonly client: HttpClient;
  protected wire: Wire | undefined;
  protected shape: RequestShape = NO_REQUEST;
  /** Of the clock: when connecting or the request began. */
  protected sinceUs = 0;
  /** The sweep's tick in which the connection was last in use. */
  protected usedTick = 0;

  readonly #judge: Judge;
  /** One function for all promises: a promise per request, but no closure. */
  readonly #capture = (resolve: (outcome: Outcome) => void) => {
    this.#resolve = resolve;
  };
  #phase: typeof CLOSED | typeof CONNECTING | typeof IDLE | typeof WAITING = CLOSED;
  #tlsSession: Buffer | undefined;
  #resolve: ((outcome: Outcome) => void) | undefined;
  #opened: (() => void) | undefined;
  #signal: AbortSignal | undefined;
  #mayResend = false;

  constructor(client: HttpClient, judge: Judge) {
    this.client = client;
    this.#judge = judge;
    client.sweep.add(this);
  }

  /** What checks look at. */
  protected abstract get answer(): Answer;
  /** A byte of the answer has come. */
  protected abstract get answering(): boolean;
  /** @param session a TLS ticket of an earlier connection */
  protected abstract openWire(session: Buffer | undefined): Wire;
  /** Sends the request; the connection is there. */
  protected abstract transmit(): void;
  /** The server closed while the answer was awaited. */
  protected abstract endedWhileWaiting(): void;
  /** The connection is there, and nothing is to be sent yet. */
  protected idled(): void {}

  /** Connects ahead of the first request; resolves also when that fails, and then {@link exchange} says why. */
  open(signal: AbortSignal): Promise<void> {
    this.exchange.begin(0);
    if (this.client.settings.connectionPerRequest && this.client.reached) return Promise.resolve();
    return new Promise((resolve) => {
      this.#opened = resolve;
      if (this.#follow(signal)) this.#connect();
      else this.fail('aborted', 'the run was stopped');
    });
  }

  /** May be called twice. A request in flight is cut off. */
  close(): void {
    if (this.#resolve || this.#opened) this.fail('aborted', 'the session was closed');
    this.drop();
    this.#leave();
    this.client.sweep.remove(this);
  }

  cutOff(): void {
    this.#signal = undefined;
    if (this.#resolve || this.#opened) this.fail('aborted', 'the run cut it off');
  }

  overTime(): void {
    const { connectTimeoutMs, timeoutMs } = this.client.settings;
    if (this.#phase === CONNECTING) this.fail('connect_timeout', `no connection within ${connectTimeoutMs} ms`);
    else this.fail('timeout', `no whole answer within ${timeoutMs} ms`);
  }

  socketConnected(wire: Wire): void {
    if (wire !== this.wire) return;
    const nowUs = this.client.nowUs();
    this.client.connectTiming.recordUs(nowUs - this.sinceUs);
    this.sinceUs = nowUs;
    if (!this.client.address.secure) this.#ready();
  }

  socketSecured(wire: Wire): void {
    if (wire !== this.wire) return;
    this.client.tlsTiming?.recordUs(this.client.nowUs() - this.sinceUs);
    this.#ready();
  }

  abstract socketData(wire: Wire, length: number): void;

  socketEnded(wire: Wire): void {
    if (wire !== this.wire) return;
    if (this.#phase === WAITING) this.endedWhileWaiting();
    else if (this.#phase === CONNECTING) this.fail('connection_closed', 'the server closed it before it was ready');
    else this.drop();
  }

  socketFailed(wire: Wire, error: Error): void {
    if (wire !== this.wire) return;
    const { kind, reason } = networkFailure(error);
    if (this.#phase === WAITING) this.lost(kind, reason);
    else this.fail(kind, reason);
  }

  socketClosed(wire: Wire): void {
    this.socketEnded(wire);
  }

  tlsSession(session: Buffer): void {
    if (this.client.settings.tls?.resumption ?? true) this.#tlsSession = session;
  }

  protected get waiting(): boolean {
    return this.#phase === WAITING;
  }

  /** Makes the request that {@link transmit} will send. */
  protected begin(shape: RequestShape, bodyBytes: number, signal: AbortSignal): Promise<Outcome> {
    const promise = new Promise(this.#capture);
    this.shape = shape;
    this.exchange.begin(bodyBytes);
    if (signal !== this.#signal && !this.#follow(signal)) {
      this.fail('aborted', 'the run was stopped');
    } else if (this.#phase === IDLE) {
      this.#mayResend = shape.idempotent && this.usedTick !== this.client.sweep.tick;
      this.#transmit();
    } else {
      this.#mayResend = false;
      this.#connect();
    }
    return promise;
  }

  /** The answer is whole. @param keep the connection can take another request */
  protected complete(status: number, bytesReceived: number, keep: boolean): void {
    this.exchange.status = status;
    this.exchange.bytesReceived = bytesReceived;
    this.deadlineTick = 0;
    if (keep) {
      this.#phase = IDLE;
      this.usedTick = this.client.sweep.tick;
    } else {
      this.drop();
    }
    this.#settle();
  }

  /** The connection broke under a request. */
  protected lost(kind: string, reason: string): void {
    if (this.#mayResend && !this.answering) {
      this.#mayResend = false;
      this.drop();
      this.#connect();
    } else {
      this.fail(kind, reason);
    }
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
    const { wire } = this;
    this.wire = undefined;
    this.#phase = CLOSED;
    this.deadlineTick = 0;
    wire?.destroy();
  }

  #connect(): void {
    this.#phase = CONNECTING;
    this.deadlineTick = this.client.sweep.tick + this.client.connectTicks;
    this.sinceUs = this.client.nowUs();
    this.wire = this.openWire(this.#tlsSession);
  }

  #ready(): void {
    this.usedTick = this.client.sweep.tick;
    this.idled();
    if (this.wire === undefined) return;
    if (this.#resolve) {
      this.#transmit();
    } else {
      this.#phase = IDLE;
      this.deadlineTick = 0;
      this.#openEnded();
    }
  }

  #transmit(): void {
    this.#phase = WAITING;
    this.deadlineTick = this.client.sweep.tick + this.client.answerTicks;
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

  /** @returns false when the signal is aborted already */
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
