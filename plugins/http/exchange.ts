import type { Outcome } from '../../core/plugin.ts';
import { HeadMemory } from './head-memory.ts';
import type { Wanted } from './response-reader.ts';

/** What the connection must know of a request beside its bytes; one for all requests of an operation. */
export interface RequestShape extends Wanted {
  /** For messages: method and path, such as `POST /api/test/upload`. */
  readonly label: string;
  /** To carry it out twice is the same as once (RFC 9110, 9.2.2). */
  readonly idempotent: boolean;
}

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** @param wanted what the operation's checks look at */
export function requestShape(
  method: string,
  path: string,
  wanted: { readonly keepHead?: boolean; readonly keepBody?: boolean } = {},
): RequestShape {
  return {
    label: `${method} ${path}`,
    idempotent: IDEMPOTENT.has(method),
    bodyless: method === 'HEAD',
    keepHead: wanted.keepHead ?? false,
    keepBody: wanted.keepBody ?? false,
    memory: new HeadMemory(),
  };
}

/** The outcome of a session's present operation: one object, used again and again. Sizes are of bodies. */
export class Exchange implements Outcome {
  ok = true;
  errorKind = '';
  message = '';
  status = 0;
  bytesSent = 0;
  bytesReceived = 0;
  /** The request went out, so the server may have acted on it. */
  written = false;

  begin(bodyBytes: number): void {
    this.ok = true;
    this.errorKind = '';
    this.message = '';
    this.status = 0;
    this.bytesSent = bodyBytes;
    this.bytesReceived = 0;
    this.written = false;
  }

  fail(kind: string, message: string): void {
    this.ok = false;
    this.errorKind = kind;
    this.message = message;
  }
}

/** What of an answer checks may look at; valid only while the exchange is judged. */
export interface Answer {
  /** Status line and header lines; empty unless wanted. */
  readonly headText: string;
  /** Its beginning, when wanted. */
  readonly body: Buffer;
  /** Of the whole body. */
  readonly bodyBytes: number;
}

/** The session: looks at each exchange as it ends, before anyone else. */
export interface Judge {
  /**
   * @param exchange ok when a whole answer came, whatever its status; may be failed here
   */
  judge(exchange: Exchange, answer: Answer, shape: RequestShape): void;
}

/** Fails an exchange whose status is not one of success or redirection. */
export function judgeStatus(exchange: Exchange, shape: RequestShape): void {
  if (exchange.ok && (exchange.status < 200 || exchange.status > 399)) {
    exchange.fail(`http_${exchange.status}`, `${shape.label}: the server answered ${exchange.status}`);
  }
}
