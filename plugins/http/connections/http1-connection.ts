import type { OutcomeDetail } from '../../../core/plugin.ts';
import { lingerUntilClosed, openSocket } from '../../net/open-socket.ts';
import type { Route, Socket } from '../../net/socket.ts';
import type { Answer, RequestShape } from '../exchange.ts';
import { answerText, DETAIL_BODY_BYTES, DETAIL_HEAD_BYTES, requestText } from '../exchange-detail.ts';
import { READ_COMPLETE, READ_MORE, ResponseReader } from '../response-reader.ts';
import { Connection } from './connection.ts';

/** A larger request may still be in transmission when the answer arrives. */
const SENT_AT_ONCE_BYTES = 16 * 1024;
const NO_BYTES = Buffer.alloc(0);

/** HTTP/1.1 (RFC 9112), on the bytes. */
export class Http1Connection extends Connection {
  readonly #reader = new ResponseReader();
  #request: string | Buffer = '';
  #firstByteAwaited = false;
  /** When the first byte of the last timed answer came. */
  #firstByteUs: number | undefined;
  /** The beginning of an answer that came in several reads, where somebody may want to see it. */
  #beginning = NO_BYTES;
  /** How many bytes of the read buffer are of this connection; 0 outside {@link socketData}. */
  #readBytes = 0;

  protected get answer(): Answer {
    return this.#reader;
  }

  protected get answering(): boolean {
    return this.#reader.started;
  }

  /**
   * @param request head and body: bytes, which must not change until the answer has arrived, or a string with one
   *   character per byte
   */
  protected prepare(request: string | Buffer, shape: RequestShape): void {
    this.#request = request;
    this.#reader.expect(shape);
    this.#beginning = NO_BYTES;
  }

  socketData(socket: Socket, length: number): void {
    if (socket !== this.socket) return;
    if (!this.waiting) {
      // These bytes answer no request; a server may send a 408 before it closes an idle connection, for example.
      this.drop();
      return;
    }
    if (this.#firstByteAwaited) {
      this.#firstByteAwaited = false;
      this.#firstByteUs = this.origin.nowUs() - this.sinceUs;
      this.origin.firstByteTiming.recordUs(this.#firstByteUs);
    }
    this.#readBytes = length;
    const state = this.#reader.read(this.origin.readBuffer, length, this.origin.readWords);
    if (state === READ_MORE) this.#keepBeginning();
    else if (state === READ_COMPLETE) this.#answered(this.#reader.head.keepAlive);
    else this.#broke();
    this.#readBytes = 0;
  }

  protected get detail(): OutcomeDetail {
    const { started, body } = this.#reader;
    const read = this.origin.readBuffer.subarray(0, this.#readBytes);
    const bytes = this.#beginning.length === 0 ? read : Buffer.concat([this.#beginning, read]);
    return {
      sent: this.exchange.written ? requestText(this.#request) : undefined,
      received: started ? answerText(bytes, this.shape.bodyless, body) : undefined,
      // Elsewhere only some answers are timed.
      firstByteUs: started && this.isTraced ? this.#firstByteUs : undefined,
    };
  }

  /** The next read overwrites the buffer. Of an answer that is right, and need not be shown, nothing is kept. */
  #keepBeginning(): void {
    const { status } = this.#reader.head;
    const isRight = status >= 200 && status < 400 && !this.shape.isChecked;
    if (isRight && !this.shape.keepBody && !this.wantsDetail('')) return;
    // The reader keeps the body itself where it keeps it at all.
    const most = DETAIL_HEAD_BYTES + (this.shape.keepBody ? 0 : DETAIL_BODY_BYTES);
    const count = Math.min(this.#readBytes, most - this.#beginning.length);
    if (count > 0) this.#beginning = Buffer.concat([this.#beginning, this.origin.readBuffer.subarray(0, count)]);
  }

  protected openSocket(route: Route, session: Buffer | undefined): Socket {
    return openSocket(this.origin, route, this, session);
  }

  protected transmit(): void {
    this.#firstByteAwaited = this.origin.timesNextAnswer(this.usedTick) || this.isTraced;
    if (this.#firstByteAwaited) this.sinceUs = this.origin.nowUs();
    this.socket?.write(this.#request);
  }

  protected endedWhileWaiting(): void {
    if (this.#reader.end() === READ_COMPLETE) this.#answered(false);
    else this.lost(this.#reader.failure, `the answer ${this.#reader.problem}`);
  }

  #answered(keepAlive: boolean): void {
    const { head, bodyBytes } = this.#reader;
    const socket = this.socket as Socket;
    const partlySent = this.#request.length > SENT_AT_ONCE_BYTES && socket.writableLength > 0;
    const keep = keepAlive && !partlySent && !socket.writeFailed && !this.origin.connectionPerRequest;
    if (!keep && !partlySent) {
      this.socket = undefined;
      lingerUntilClosed(socket, this.origin.deadlines);
    }
    this.complete(head.status, bodyBytes, keep);
  }

  #broke(): void {
    this.exchange.status = this.#reader.head.status;
    this.exchange.bytesReceived = this.#reader.bodyBytes;
    this.fail(this.#reader.failure, `the answer ${this.#reader.problem}`);
  }
}

/** HTTP/1.1 through a proxy without a tunnel: requests name the whole URL (absolute-form: RFC 9112, 3.2.2). */
export class ProxiedHttp1Connection extends Http1Connection {
  protected override prepare(request: string | Buffer, shape: RequestShape): void {
    super.prepare(absoluteForm(request, this.origin.address.authority), shape);
  }
}

/** @param request with a path as its target */
function absoluteForm(request: string | Buffer, authority: string): string | Buffer {
  // The target begins after the first space.
  const start = request.indexOf(' ') + 1;
  const prefix = `http://${authority}`;
  if (typeof request === 'string') return `${request.slice(0, start)}${prefix}${request.slice(start)}`;
  return Buffer.concat([request.subarray(0, start), Buffer.from(prefix, 'latin1'), request.subarray(start)]);
}
