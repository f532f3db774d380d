import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Outcome } from '../../core/plugin.ts';
import type { TemplateScope } from '../data/template.ts';
import { networkFailure } from '../net/network-error.ts';
import { NodeSocket } from '../net/node-socket.ts';
import type { Socket } from '../net/socket.ts';
import { Connection } from './connection.ts';
import type { Answer } from './exchange.ts';
import { type HttpOperation, made } from './operation.ts';
import { BODY_KEPT_BYTES } from './response-reader.ts';

/** HTTP/2 (RFC 9113) over the runtime's own implementation: one connection for each virtual user, one stream at a time. */
export class Http2Connection extends Connection implements Answer {
  headText = '';
  bodyBytes = 0;

  #session: ClientHttp2Session | undefined;
  #stream: ClientHttp2Stream | undefined;
  #headers: Record<string, string> = {};
  #requestBody: Buffer | undefined;
  #status = 0;
  #parts: Buffer[] = [];

  get body(): Buffer {
    return Buffer.concat(this.#parts).subarray(0, BODY_KEPT_BYTES);
  }

  protected get answer(): Answer {
    return this;
  }

  protected get answering(): boolean {
    return this.#status !== 0;
  }

  send(operation: HttpOperation, scope: TemplateScope, signal: AbortSignal): Promise<Outcome> {
    const { parts, shape } = operation;
    const { address } = this.client;
    const headers: Record<string, string> = {
      ':method': parts.method,
      ':scheme': address.secure ? 'https' : 'http',
      ':authority': address.authority,
      ':path': made(parts.path, scope),
    };
    for (const [name, value] of parts.headers) {
      headers[name.toLowerCase() === 'host' ? ':authority' : name.toLowerCase()] = made(value, scope);
    }
    const body = made(parts.body, scope);
    this.#headers = headers;
    this.#requestBody = body === undefined ? undefined : Buffer.from(body, 'latin1');
    this.#status = 0;
    this.headText = '';
    this.bodyBytes = 0;
    this.#parts = [];
    return this.begin(shape, this.#requestBody?.length ?? 0, signal);
  }

  /** The HTTP/2 session reads the socket. */
  socketData(): void {}

  protected openSocket(session: Buffer | undefined): Socket {
    return new NodeSocket(this.client, this, session, false);
  }

  /** Speaks HTTP/2 from here on. */
  protected override idled(): void {
    const socket = this.socket as NodeSocket;
    const { stream } = socket;
    const { address } = this.client;
    if (address.secure && (stream as TLSSocket).alpnProtocol !== 'h2') {
      this.fail('protocol_error', 'the server does not offer HTTP/2');
      return;
    }
    const session = connect(`${address.secure ? 'https' : 'http'}://${address.authority}`, {
      createConnection: () => stream,
    });
    this.#session = session;
    session.on('error', (error) => this.#failed(session, error));
    session.on('goaway', () => {
      // What is in flight may still be answered; the next request needs another connection.
      if (session === this.#session && !this.waiting) this.drop();
    });
    session.on('close', () => {
      if (session === this.#session) this.socketClosed(socket);
    });
  }

  protected transmit(): void {
    const session = this.#session as ClientHttp2Session;
    const body = this.#requestBody;
    this.sinceUs = this.client.nowUs();
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(this.#headers, { endStream: body === undefined });
    } catch (error) {
      if (session.closed || session.destroyed) this.endedWhileWaiting();
      else this.fail('bad_request', `HTTP/2 cannot carry this request: ${networkFailure(error).reason}`);
      return;
    }
    this.#stream = stream;
    stream.on('response', (headers) => this.#response(stream, headers));
    stream.on('data', (part: Buffer) => this.#data(stream, part));
    stream.on('end', () => this.#ended(stream));
    stream.on('error', (error) => this.#failed(session, error));
    stream.on('close', () => {
      if (stream === this.#stream && this.waiting) this.lost('stream_reset', 'the server closed the stream');
    });
    if (body !== undefined) stream.end(body);
  }

  protected endedWhileWaiting(): void {
    this.lost('connection_closed', 'the server closed the connection before the answer was whole');
  }

  protected override drop(): void {
    const session = this.#session;
    this.#session = undefined;
    this.#stream = undefined;
    super.drop();
    session?.destroy();
  }

  #response(stream: ClientHttp2Stream, headers: IncomingHttpHeaders): void {
    if (stream !== this.#stream) return;
    this.client.firstByteTiming.recordUs(this.client.nowUs() - this.sinceUs);
    this.#status = Number(headers[':status']);
    if (!this.shape.keepHead) return;
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    this.headText = `HTTP/2 ${this.#status}\r\n${lines.join('\r\n')}\r\n\r\n`;
  }

  #data(stream: ClientHttp2Stream, part: Buffer): void {
    if (stream !== this.#stream) return;
    if (this.shape.keepBody && this.bodyBytes < BODY_KEPT_BYTES) this.#parts.push(part);
    this.bodyBytes += part.length;
  }

  #ended(stream: ClientHttp2Stream): void {
    if (stream !== this.#stream || !this.waiting) return;
    this.#stream = undefined;
    // A stream that is reset ends too.
    if (this.#status === 0 || stream.rstCode !== constants.NGHTTP2_NO_ERROR) {
      this.lost('stream_reset', 'the server reset the stream');
      return;
    }
    const keep = !this.client.settings.connectionPerRequest && this.#session?.closed === false;
    this.complete(this.#status, this.bodyBytes, keep);
  }

  #failed(session: ClientHttp2Session, error: Error): void {
    if (session !== this.#session) return;
    const { code = '' } = error as NodeJS.ErrnoException;
    const { kind, reason } =
      code === 'ERR_HTTP2_STREAM_ERROR'
        ? { kind: 'stream_reset', reason: 'the server reset the stream' }
        : code.startsWith('ERR_HTTP2')
          ? { kind: 'protocol_error', reason: 'the answer is not HTTP/2' }
          : networkFailure(error);
    if (this.waiting) this.lost(kind, reason);
    else this.drop();
  }
}
