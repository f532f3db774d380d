import type { Outcome } from '../../core/plugin.ts';
import { lingerUntilClosed, openWire, type Wire } from '../net/socket.ts';
import { Connection } from './connection.ts';
import type { Answer, RequestShape } from './exchange.ts';
import { READ_COMPLETE, READ_MORE, ResponseReader } from './response-reader.ts';

/** Larger requests may still be on their way when the answer is there. */
const SENT_AT_ONCE_BYTES = 16 * 1024;

/**
 * HTTP/1.1 (RFC 9112), on the bytes.
 *
 * A request that was written and got no answer is a failure, with one exception (RFC 9112, 9.3.1): it is sent again,
 * once, when it is idempotent, went out on a connection that had lain idle, and not a byte came back. Then the server
 * closed the idle connection while the request was under way to it.
 */
export class Http1Connection extends Connection {
  readonly #reader = new ResponseReader();
  #request: string | Buffer = '';
  #firstByteAwaited = false;

  protected get answer(): Answer {
    return this.#reader;
  }

  protected get answering(): boolean {
    return this.#reader.started;
  }

  /**
   * @param request head and body: bytes, which must stay as they are until the answer is there, or a string with one
   *   character per byte
   * @param bodyBytes how many of them are body
   */
  send(shape: RequestShape, request: string | Buffer, bodyBytes: number, signal: AbortSignal): Promise<Outcome> {
    this.#request = request;
    this.#reader.expect(shape);
    return this.begin(shape, bodyBytes, signal);
  }

  socketData(wire: Wire, length: number): void {
    if (wire !== this.wire) return;
    if (!this.waiting) {
      // Bytes that nobody asked for, such as a 408 before the server closes: not an answer to anything.
      this.drop();
      return;
    }
    if (this.#firstByteAwaited) {
      this.#firstByteAwaited = false;
      this.client.firstByteTiming.recordUs(this.client.nowUs() - this.sinceUs);
    }
    const state = this.#reader.read(this.client.readBuffer, length, this.client.readWords);
    if (state === READ_MORE) return;
    if (state === READ_COMPLETE) this.#answered(this.#reader.head.keepAlive);
    else this.#broke();
  }

  protected openWire(session: Buffer | undefined): Wire {
    return openWire(this.client, this, session);
  }

  protected transmit(): void {
    this.#firstByteAwaited = this.client.timesNextAnswer(this.usedTick);
    if (this.#firstByteAwaited) this.sinceUs = this.client.nowUs();
    this.wire?.write(this.#request);
  }

  protected endedWhileWaiting(): void {
    if (this.#reader.end() === READ_COMPLETE) this.#answered(false);
    else this.lost(this.#reader.failure, `the answer ${this.#reader.problem}`);
  }

  #answered(keepAlive: boolean): void {
    const { head, bodyBytes } = this.#reader;
    const wire = this.wire as Wire;
    const partlySent = this.#request.length > SENT_AT_ONCE_BYTES && wire.writableLength > 0;
    const keep = keepAlive && !partlySent && !this.client.settings.connectionPerRequest;
    if (!keep && !partlySent) {
      this.wire = undefined;
      lingerUntilClosed(wire, this.client.sweep);
    }
    this.complete(head.status, bodyBytes, keep);
  }

  #broke(): void {
    this.exchange.status = this.#reader.head.status;
    this.exchange.bytesReceived = this.#reader.bodyBytes;
    this.fail(this.#reader.failure, `the answer ${this.#reader.problem}`);
  }
}
