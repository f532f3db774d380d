import type { Outcome, OutcomeDetail } from '../../core/plugin.ts';
import { MAX_KEPT_BYTES } from '../../core/text/kept-body.ts';
import { HeadMemory } from './head-memory.ts';
import type { Wanted } from './response-reader.ts';

/** Time limits in milliseconds. */
export interface TimeLimits {
  /** From handing over the last byte of the request until the last byte of the answer. */
  readonly answerMs: number;
  /** For TCP and TLS together. */
  readonly connectMs: number;
}

/** What a connection must know about a request beside its bytes. All requests of an operation share one. */
export interface RequestShape extends Wanted {
  /** Method and path for messages, such as `POST /api/test/upload`. */
  readonly label: string;
  /** Carrying it out twice has the same effect as once (RFC 9110, 9.2.2). */
  readonly idempotent: boolean;
  /** An answer may fail though its status is one from 200 to 399. */
  readonly isChecked: boolean;
  readonly limits: TimeLimits;
}

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** @param wanted what the operation's checks examine, and whether there are any */
export function requestShape(
  method: string,
  path: string,
  limits: TimeLimits,
  wanted: {
    readonly keepHead?: boolean;
    readonly keepNavigation?: boolean;
    readonly keepBody?: boolean;
    readonly keptBytes?: number;
    readonly isChecked?: boolean;
  } = {},
): RequestShape {
  return {
    label: `${method} ${path}`,
    idempotent: IDEMPOTENT.has(method),
    isChecked: wanted.isChecked ?? false,
    limits,
    bodyless: method === 'HEAD',
    keepHead: wanted.keepHead ?? false,
    keepNavigation: wanted.keepNavigation ?? false,
    keepBody: wanted.keepBody ?? false,
    keptBytes: wanted.keptBytes ?? MAX_KEPT_BYTES,
    memory: new HeadMemory(),
  };
}

/** The outcome of a connection's current request: one object that every request reuses. Sizes are those of bodies. */
export class Exchange implements Outcome {
  ok = true;
  errorKind = '';
  message = '';
  status = 0;
  bytesSent = 0;
  bytesReceived = 0;
  /** The request was sent, so the server may have acted on it. */
  written = false;
  /** Set for a failure whose judge wants it, and for every exchange that is traced. */
  detail: OutcomeDetail | undefined = undefined;
  /** What the session has taken from the answer, where the exchange is traced. */
  variables: OutcomeDetail['variables'] = undefined;

  begin(bodyBytes: number): void {
    this.ok = true;
    this.errorKind = '';
    this.message = '';
    this.status = 0;
    this.bytesSent = bodyBytes;
    this.bytesReceived = 0;
    this.written = false;
    this.detail = undefined;
    this.variables = undefined;
  }

  fail(kind: string, message: string): void {
    this.ok = false;
    this.errorKind = kind;
    this.message = message;
    this.detail = undefined;
  }
}

/** The outcome of an operation that was not sent. */
export function failedOutcome(kind: string, message: string): Outcome {
  const exchange = new Exchange();
  exchange.fail(kind, message);
  return exchange;
}

/** The parts of an answer that checks may examine; valid only while the exchange is judged. */
export interface Answer {
  /** Status line and header lines; empty unless the shape asks for them. */
  readonly headText: string;
  /** How the body is compressed, as its header Content-Encoding says; empty when it is not. */
  readonly contentEncoding: string;
  /** The beginning of the body, as it arrived; empty unless the shape asks for it. */
  readonly body: Buffer;
  /** Size of the whole body. */
  readonly bodyBytes: number;
}

/** The session that sends a request, which judges the exchange when it ends, before anybody else reads it. */
export interface Judge {
  /**
   * @param exchange is ok when a complete answer arrived, whatever its status; may be failed here
   */
  judge(exchange: Exchange, answer: Answer, shape: RequestShape): void;
  /** Those of its virtual user: see {@link VirtualUserContext.wantsDetail}. */
  wantsDetail(errorKind: string): boolean;
  /** Whether details of what succeeds are wanted too. */
  readonly isTraced: boolean;
}

/** Fails an exchange whose status means neither success nor redirection. */
export function judgeStatus(exchange: Exchange, shape: RequestShape): void {
  if (exchange.ok && (exchange.status < 200 || exchange.status > 399)) {
    exchange.fail(`http_${exchange.status}`, `${shape.label}: the server answered ${exchange.status}`);
  }
}

const NO_LIMITS: TimeLimits = { answerMs: 0, connectMs: 0 };
/** What a connection has until its first request. */
export const UNUSED: { readonly limits: TimeLimits; readonly shape: RequestShape; readonly judge: Judge } = {
  limits: NO_LIMITS,
  shape: { ...requestShape('', '', NO_LIMITS), label: '' },
  judge: { judge: () => {}, wantsDetail: () => false, isTraced: false },
};
