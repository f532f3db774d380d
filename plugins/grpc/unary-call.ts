import { type ClientHttp2Session, type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import { printable } from '../../core/text/printable.ts';
import type { Abortable } from '../net/abort-fanout.ts';
import type { Limited } from '../net/deadline-wheel.ts';
import { MAX_INTERIM_ANSWERS } from '../net/header-rules.ts';
import { http2ErrorName } from '../net/http2-error.ts';
import { LISTENS_LATE } from '../net/http2-session.ts';
import { type FrameOptions, FrameReader } from './message-frame.ts';
import { kindOf, parseStatus, type StatusName, statusCode, statusOfHttp, statusOfReset } from './status.ts';

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;
/** More is not kept of what a server says about a failure. */
const MAX_REASON_CHARACTERS = 1000;
const NO_BYTES = Buffer.alloc(0);
const NO_HEADERS: IncomingHttpHeaders = {};

/** What the client asks for with a call. */
export interface UnaryRequest extends FrameOptions {
  /** With `:path`, and all that {@link GrpcClient.headers} adds. */
  readonly headers: Readonly<Record<string, string>>;
  /** The message behind its prefix, see `messageFrame`. It must not change until the call has ended. */
  readonly frame: Buffer;
  /** How long the call may take, in milliseconds. */
  readonly deadlineMs: number;
}

/** The connection that carries a call, as the call sees it. */
export interface CallCarrier {
  /** The call has ended. Called once. */
  ended(call: UnaryCall): void;
  /** The server has not processed the call: it may be sent once more, on a new connection. @returns whether it is */
  resend(call: UnaryCall): boolean;
  /** The whole connection has failed, with all calls on it. */
  connectionFailed(session: ClientHttp2Session, error: NodeJS.ErrnoException): void;
  /** The server has closed the connection while calls were under way. */
  connectionClosed(session: ClientHttp2Session): void;
}

/** One call with one message each way, and what came of it. */
export class UnaryCall implements Limited, Abortable {
  deadlineTick = 0;
  wheelIndex = -1;
  readonly request: UnaryRequest;
  readonly signal: AbortSignal;
  /** The status that the server has given, or that gRPC has for what happened; 0 is OK. */
  status = 0;
  /** Empty for an answer with a status of the server; else what went wrong, such as `deadline_exceeded`, `connection_refused`. */
  failure = '';
  /** What the server, or the failure, says; continues a sentence. */
  reason = '';
  headers: IncomingHttpHeaders = NO_HEADERS;
  trailers: IncomingHttpHeaders = NO_HEADERS;
  /** Empty where it is not kept, and where there is none. */
  message: Buffer = NO_BYTES;
  messageBytes = 0;
  /** It was sent, so that the server may have acted on it. */
  isSent = false;
  /** It has been sent once more, or is about to be. */
  isResent = false;
  /** The connection that it is on. */
  session: ClientHttp2Session | undefined;

  readonly #carrier: CallCarrier;
  readonly #done: (call: UnaryCall) => void;
  #stream: ClientHttp2Stream | undefined;
  #reader: FrameReader;
  #hasHeaders = false;
  #hasTrailers = false;
  #isOver = false;

  /** @param done called once, when it has ended, also when it has failed */
  constructor(request: UnaryRequest, signal: AbortSignal, carrier: CallCarrier, done: (call: UnaryCall) => void) {
    this.#done = done;
    this.request = request;
    this.signal = signal;
    this.#carrier = carrier;
    this.#reader = this.#newReader();
  }

  /** The id of its stream on that connection. */
  get streamId(): number {
    return this.#stream?.id ?? 0;
  }

  /** Sends it. @param session which takes new streams */
  start(session: ClientHttp2Session): void {
    const { headers, frame } = this.request;
    this.session = session;
    let stream: ClientHttp2Stream;
    try {
      stream = session.request(headers, { endStream: false });
    } catch (error) {
      this.fail('bad_request', `HTTP/2 cannot carry this call: ${(error as Error).message}`, 'INTERNAL');
      return;
    }
    this.isSent = true;
    this.#stream = stream;
    let interim = 0;
    stream.on('headers', () => {
      interim += 1;
      // Only the end of the connection keeps more of them from coming.
      if (interim === MAX_INTERIM_ANSWERS) this.#carrier.connectionFailed(session, new Http2Fault());
    });
    const listen = () => stream.on('data', (bytes: Buffer) => this.#data(bytes));
    stream.on('response', (headers) => {
      this.#response(headers);
      if (LISTENS_LATE) listen();
    });
    if (!LISTENS_LATE) listen();
    stream.on('trailers', (trailers) => this.#ended(trailers));
    stream.on('end', () => this.#bodyEnded(session, stream));
    stream.on('error', (error: NodeJS.ErrnoException) => this.#streamFailed(session, stream, error));
    stream.on('close', () => this.#closed(session, stream));
    stream.end(frame);
  }

  /** The connection that it was on is gone. @returns whether it has ended before */
  forget(): boolean {
    if (this.#isOver) return true;
    this.#stream = undefined;
    this.session = undefined;
    this.#hasHeaders = false;
    this.#hasTrailers = false;
    this.#reader = this.#newReader();
    return false;
  }

  /** @param reason continues a sentence, without a full stop */
  fail(kind: string, reason: string, status: StatusName = 'UNAVAILABLE'): void {
    if (this.#isOver) return;
    this.failure = kind;
    this.reason = reason;
    this.status = statusCode(status);
    this.#end();
    const stream = this.#stream;
    if (stream !== undefined && !stream.closed) stream.close(NGHTTP2_CANCEL);
  }

  cutOff(): void {
    this.fail('aborted', 'the run has cut it off', 'CANCELLED');
  }

  overTime(): void {
    const { deadlineMs } = this.request;
    this.#failAs('DEADLINE_EXCEEDED', `no complete answer within ${deadlineMs} ms`);
  }

  #newReader(): FrameReader {
    return new FrameReader(this.request);
  }

  #failAs(status: StatusName, reason: string): void {
    this.fail(kindOf(status), reason, status);
  }

  #end(): void {
    this.#isOver = true;
    this.messageBytes = this.#reader.messageBytes;
    this.#carrier.ended(this);
    this.#done(this);
  }

  #response(headers: IncomingHttpHeaders): void {
    if (this.#isOver) return;
    this.headers = headers;
    this.#hasHeaders = true;
    const { 'content-type': contentType = '' } = headers;
    const status = Number(headers[':status']);
    // Some servers send nothing but a status, and then a content type is not what counts.
    if (headers['grpc-status'] !== undefined) {
      this.#ended(headers);
      return;
    }
    if (status !== 200) {
      this.#failAs(statusOfHttp(status), `the server answered with the status ${status} of HTTP`);
    } else if (!contentType.startsWith('application/grpc')) {
      const type = contentType === '' ? 'no content type' : `the content type ${cut(contentType)}`;
      this.#failAs('UNKNOWN', `the answer is not gRPC: it has ${type}`);
    }
  }

  #data(bytes: Buffer): void {
    if (this.#isOver) return;
    const fault = this.#reader.read(bytes);
    if (fault !== undefined) this.#failAs(fault.status, fault.reason);
  }

  #ended(trailers: IncomingHttpHeaders): void {
    this.trailers = trailers;
    this.#hasTrailers = true;
  }

  #bodyEnded(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
    if (stream !== this.#stream || this.#isOver) return;
    if (this.#hasTrailers) this.#complete(stream);
    // A stream that is reset ends too, and so does one whose connection has closed.
    else if (stream.rstCode !== NGHTTP2_NO_ERROR) this.#reset(session, stream.rstCode ?? NGHTTP2_NO_ERROR);
  }

  #complete(stream: ClientHttp2Stream): void {
    // The server has answered without waiting for the whole message.
    if (!stream.writableFinished) stream.close(NGHTTP2_CANCEL);
    const { 'grpc-status': status, 'grpc-message': text } = this.trailers;
    if (status === undefined) {
      this.#failAs('UNKNOWN', 'the answer has no grpc-status');
      return;
    }
    this.status = parseStatus(String(status));
    if (text !== undefined) this.reason = cut(decoded(String(text)));
    const fault = this.status === 0 ? this.#reader.end() : undefined;
    if (fault !== undefined) {
      this.#failAs(fault.status, fault.reason);
      return;
    }
    if (this.status === 0) this.message = this.#reader.message;
    this.#end();
  }

  #streamFailed(session: ClientHttp2Session, stream: ClientHttp2Stream, error: NodeJS.ErrnoException): void {
    if (stream !== this.#stream || this.#isOver) return;
    // Bun reports a stream that a GOAWAY leaves out with a code of its own.
    const isReset = error.code === 'ERR_HTTP2_STREAM_ERROR' || error.code === 'ERR_HTTP2_GOAWAY_SESSION';
    if (isReset) this.#reset(session, stream.rstCode ?? NGHTTP2_NO_ERROR);
    else this.#carrier.connectionFailed(session, error);
  }

  #closed(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
    if (stream !== this.#stream || this.#isOver) return;
    const code = stream.rstCode ?? NGHTTP2_NO_ERROR;
    if (this.#hasTrailers && code === NGHTTP2_NO_ERROR) this.#complete(stream);
    else this.#reset(session, code);
  }

  /** The stream ended without a complete answer. */
  #reset(session: ClientHttp2Session, code: number): void {
    if (session.destroyed || (code === NGHTTP2_CANCEL && session.closed)) {
      // The runtime cancels all streams of a connection that the server closes.
      this.#carrier.connectionClosed(session);
      return;
    }
    if (code === NGHTTP2_REFUSED_STREAM && this.#carrier.resend(this)) return;
    if (code === NGHTTP2_NO_ERROR) {
      // Bun tells of a lost connection only after it has ended the streams on it.
      setImmediate(() => this.#endedEarly(session));
      return;
    }
    this.#failAs(statusOfReset(code), `the server reset the stream (${http2ErrorName(code)})`);
  }

  #endedEarly(session: ClientHttp2Session): void {
    if (session.destroyed || session.closed) {
      this.#carrier.connectionClosed(session);
    } else {
      const lacking = this.#hasHeaders ? 'the end of its answer, with the status' : 'an answer';
      this.#failAs('INTERNAL', `the server ended the stream without ${lacking}`);
    }
  }
}

/** More interim answers than any server sends. */
class Http2Fault extends Error {
  readonly code = 'ERR_HTTP2_ERROR';
}

/** As the server has escaped it (percent-encoding); one that is wrong stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function cut(text: string): string {
  return printable(text.slice(0, MAX_REASON_CHARACTERS));
}
