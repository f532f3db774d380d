import { type ClientHttp2Session, type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { OutcomeDetail } from '../../../core/plugin.ts';
import { KeptBody } from '../../../core/text/kept-body.ts';
import { MAX_INTERIM_ANSWERS } from '../../net/header-rules.ts';
import { CLOSED_EARLY, type Goaway, http2ErrorName, http2Failure } from '../../net/http2-error.ts';
import { breaksOff, isUsable, LISTENS_LATE, openHttp2Session } from '../../net/http2-session.ts';
import { networkFailure } from '../../net/network-error.ts';
import { openStreamSocket } from '../../net/open-socket.ts';
import type { Route, Socket, StreamSocket } from '../../net/socket.ts';
import type { Answer } from '../exchange.ts';
import { DETAIL_BODY_BYTES, messageText } from '../exchange-detail.ts';
import { navigates } from '../response-reader.ts';
import { Connection } from './connection.ts';
import type { Http2Request } from './sender.ts';

const NO_BYTES = Buffer.alloc(0);
const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/**
 * HTTP/2 (RFC 9113) over the runtime's own implementation: one connection for each virtual user, one stream at a time. A
 * stream that the server resets fails alone; the connection goes on.
 */
export class Http2Connection extends Connection implements Answer {
  headText = '';
  contentEncoding = '';
  bodyBytes = 0;

  #session: ClientHttp2Session | undefined;
  #stream: ClientHttp2Stream | undefined;
  #goaway: Goaway | undefined;
  #request: Http2Request = { headers: {}, body: undefined };
  #status = 0;
  #responseHeaders: IncomingHttpHeaders = {};
  readonly #kept = new KeptBody();

  get body(): Buffer {
    return this.#kept.bytes;
  }

  protected get answer(): Answer {
    return this;
  }

  protected get answering(): boolean {
    return this.#status !== 0;
  }

  protected prepare(request: Http2Request): void {
    this.#request = request;
    this.#status = 0;
    this.headText = '';
    this.contentEncoding = '';
    this.bodyBytes = 0;
    this.#kept.clear();
  }

  /** The HTTP/2 session reads the socket. */
  socketData(): void {}

  protected openSocket(route: Route, session: Buffer | undefined): Socket {
    return openStreamSocket(this.origin, route, this, session);
  }

  /** The connection speaks HTTP/2 from here on. */
  protected override idled(): void {
    const socket = this.socket as StreamSocket;
    const { address } = this.origin;
    if (address.secure && (socket.stream as TLSSocket).alpnProtocol !== 'h2') {
      this.fail('protocol_error', 'the server does not offer HTTP/2');
      return;
    }
    const session = openHttp2Session(address, socket);
    this.#session = session;
    this.#goaway = undefined;
    session.on('error', (error) => this.#failed(session, error));
    session.on('goaway', (code, lastStream) => {
      if (session !== this.#session) return;
      this.#goaway = { code, lastStream };
      // A request in flight may still be answered; the next request needs another connection.
      if (!this.waiting) this.drop();
    });
    session.on('close', () => {
      if (session === this.#session) this.socketClosed(socket);
    });
  }

  protected transmit(): void {
    const session = this.#session as ClientHttp2Session;
    if (!isUsable(session)) {
      this.lost('connection_closed', 'the server has closed the connection', false);
      return;
    }
    const { headers, body } = this.#request;
    this.sinceUs = this.origin.nowUs();
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(headers, { endStream: body === undefined });
    } catch (error) {
      this.fail('bad_request', `HTTP/2 cannot carry this request: ${networkFailure(error).reason}`);
      return;
    }
    this.#stream = stream;
    let interim = 0;
    stream.on('headers', () => {
      interim += 1;
      if (interim <= MAX_INTERIM_ANSWERS || stream !== this.#stream || !this.waiting) return;
      this.fail('protocol_error', `the answer has more than ${MAX_INTERIM_ANSWERS} interim ones before it`);
    });
    const listen = () => stream.on('data', (part: Buffer) => this.#data(stream, part));
    stream.on('response', (headers) => {
      this.#response(stream, headers);
      if (LISTENS_LATE) listen();
    });
    if (!LISTENS_LATE) listen();
    stream.on('end', () => this.#ended(stream));
    stream.on('error', (error) => this.#streamFailed(session, stream, error));
    stream.on('close', () => {
      if (stream === this.#stream && this.waiting) this.#reset(session, stream.rstCode ?? NGHTTP2_NO_ERROR);
    });
    if (body !== undefined) stream.end(body);
  }

  protected endedWhileWaiting(): void {
    this.lost(CLOSED_EARLY.kind, CLOSED_EARLY.reason, this.#processed);
  }

  protected override drop(): void {
    const session = this.#session;
    this.#session = undefined;
    this.#stream = undefined;
    super.drop();
    session?.destroy();
  }

  /** False when the server has said that it has not processed the request in flight. */
  get #processed(): boolean {
    return this.#goaway === undefined || (this.#stream?.id ?? 0) <= this.#goaway.lastStream;
  }

  #response(stream: ClientHttp2Stream, headers: IncomingHttpHeaders): void {
    if (stream !== this.#stream) return;
    this.origin.firstByteTiming.recordUs(this.origin.nowUs() - this.sinceUs);
    this.#status = Number(headers[':status']);
    this.contentEncoding = headers['content-encoding'] ?? '';
    this.#responseHeaders = headers;
    const { keepHead, keepNavigation } = this.shape;
    const isKept = keepHead || (keepNavigation && navigates(this.#status, headers['set-cookie'] !== undefined));
    if (isKept) this.headText = this.#headText();
  }

  #headText(): string {
    // Several cookies have a line each, as in HTTP/1.1.
    const lines = Object.entries(this.#responseHeaders).flatMap(([name, value]) =>
      [value].flat().map((one) => `${name}: ${one}`),
    );
    return `HTTP/2 ${this.#status}\r\n${lines.join('\r\n')}\r\n\r\n`;
  }

  protected get detail(): OutcomeDetail {
    const { headers, body } = this.#request;
    const { ':method': method, ':path': path, ':authority': authority, ':scheme': _, ...others } = headers;
    const lines = [
      `${method} ${path} HTTP/2`,
      `host: ${authority}`,
      ...Object.entries(others).map((pair) => pair.join(': ')),
    ];
    return {
      sent: this.exchange.written ? messageText(lines.join('\r\n'), body ?? NO_BYTES, '') : undefined,
      received:
        this.#status === 0 ? undefined : messageText(this.#headText().trimEnd(), this.body, this.contentEncoding),
    };
  }

  #data(stream: ClientHttp2Stream, part: Buffer): void {
    if (stream !== this.#stream) return;
    const { isChecked, keepBody, keptBytes } = this.shape;
    const isRight = this.#status >= 200 && this.#status < 400 && !isChecked;
    if (keepBody || !isRight || this.wantsDetail('')) {
      this.#kept.append(part, 0, part.length, keepBody ? keptBytes : DETAIL_BODY_BYTES);
    }
    this.bodyBytes += part.length;
  }

  #ended(stream: ClientHttp2Stream): void {
    const session = this.#session;
    if (stream !== this.#stream || session === undefined || !this.waiting) return;
    // A stream that is reset ends too, and so does one whose connection has closed.
    if (this.#status === 0 || stream.rstCode !== NGHTTP2_NO_ERROR) {
      this.#reset(session, stream.rstCode ?? NGHTTP2_NO_ERROR);
      return;
    }
    const missing = this.#missing;
    if (missing !== undefined) {
      this.#failStream(session, 'protocol_error', missing);
      return;
    }
    if (breaksOff(stream)) {
      this.#reset(session, NGHTTP2_NO_ERROR);
      return;
    }
    this.#stream = undefined;
    // The server has answered without waiting for the whole body, for example with a 413.
    if (!stream.writableFinished) stream.close(NGHTTP2_CANCEL);
    const keep = !this.origin.connectionPerRequest && isUsable(session);
    this.complete(this.#status, this.bodyBytes, keep);
  }

  /** What the answer lacks of the length that its head promises (RFC 9113, 8.1.1). Node looks at it, Bun does not. */
  get #missing(): string | undefined {
    const length = this.#responseHeaders['content-length'];
    const hasNoBody = this.#request.headers[':method'] === 'HEAD' || this.#status === 204 || this.#status === 304;
    if (length === undefined || hasNoBody || Number(length) === this.bodyBytes) return undefined;
    return `the answer has ${this.bodyBytes} body bytes, but its content-length is ${length}`;
  }

  #streamFailed(session: ClientHttp2Session, stream: ClientHttp2Stream, error: NodeJS.ErrnoException): void {
    if (stream !== this.#stream || !this.waiting) return;
    // Bun reports a stream that a GOAWAY leaves out with a code of its own.
    const isReset = error.code === 'ERR_HTTP2_STREAM_ERROR' || error.code === 'ERR_HTTP2_GOAWAY_SESSION';
    if (isReset) this.#reset(session, stream.rstCode ?? NGHTTP2_NO_ERROR);
    else this.#failed(session, error);
  }

  /** The stream ended without a complete answer. */
  #reset(session: ClientHttp2Session, code: number): void {
    if (session.destroyed || (code === NGHTTP2_CANCEL && session.closed)) {
      // The runtime cancels all streams of a connection that the server closes.
      this.endedWhileWaiting();
      return;
    }
    const reason = `the server reset the stream (${http2ErrorName(code)})`;
    if (code !== NGHTTP2_REFUSED_STREAM) {
      this.#failStream(session, 'stream_reset', reason);
      return;
    }
    this.#stream = undefined;
    this.lost('stream_refused', reason, false);
  }

  /** Fails the request with what has come of its answer; the connection goes on where it can. */
  #failStream(session: ClientHttp2Session, kind: string, reason: string): void {
    this.#stream = undefined;
    this.exchange.status = this.#status;
    this.exchange.bytesReceived = this.bodyBytes;
    if (isUsable(session) && !this.origin.connectionPerRequest) this.failAlone(kind, reason);
    else this.fail(kind, reason);
  }

  /** The whole connection failed. */
  #failed(session: ClientHttp2Session, error: NodeJS.ErrnoException): void {
    if (session !== this.#session) return;
    if (!this.waiting) {
      this.drop();
      return;
    }
    const { kind, reason } = http2Failure(error, this.#goaway);
    this.lost(kind, reason, this.#processed);
  }
}
