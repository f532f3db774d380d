/**
 * The result of one operation. A failed operation is an Outcome; it does not throw.
 * The executor reads it before the session's next `send`, so a session may return the same object every time.
 */
export interface Outcome {
  /** Whether the operation did what it was for. A slow answer is one all the same. */
  readonly ok: boolean;
  /** Stable, few-valued name of what went wrong, such as `timeout`, `connection_reset`, `http_500`; empty when ok. */
  readonly errorKind: string;
  /** What went wrong, in a sentence that is kept as an example of its kind; empty when ok. */
  readonly message: string;
  /** The protocol's status; 0 where it has none. */
  readonly status: number;
  /** Whole bytes of the operation, as the driver counts them; 0 where it does not. */
  readonly bytesSent: number;
  /** The same for what came back. */
  readonly bytesReceived: number;
  /** Only of use when the context of the virtual user says that it wants detail. */
  readonly detail?: OutcomeDetail | undefined;
  /**
   * The id of the trace that the operation has begun, where it asks its target to record one; at most 64 characters. The slowest are in
   * the result of a plan whose drivers have `${traceparent}` among their options.
   */
  readonly traceId?: string | undefined;
}

/**
 * What one operation sent and what came back, for whoever looks for the reason of a failure. Each text is a first line, lines
 * such as `Name: value`, a blank line, and the beginning of the body, as far as the protocol has them. Of a body, the first
 * 4 kB are enough. They are masked and cut where they are kept.
 */
export interface OutcomeDetail {
  /** Undefined when nothing was sent. */
  readonly sent?: string | undefined;
  /** Undefined when nothing came back. */
  readonly received?: string | undefined;
  /** How long it took to connect for it, in microseconds; undefined when it needed no new connection. */
  readonly connectUs?: number | undefined;
  /** From sending it until the first byte of what came back, in microseconds. */
  readonly firstByteUs?: number | undefined;
  /** Variables that it has set. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}
