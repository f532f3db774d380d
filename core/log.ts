/** What a line of the log is about, for those who search it by machine. */
export interface LogFields {
  /** Default: `info`. */
  readonly level?: 'debug' | 'info' | 'warn' | 'error';
  readonly runId?: string;
  /** Name of the agent. */
  readonly agent?: string;
  /** The epoch of the agent's process. */
  readonly epoch?: string;
  /** The stack of an error that nobody foresaw (`unexpectedStack`); the only text of several lines. */
  readonly stack?: string | undefined;
}

/** Takes one sentence, which stands for itself; fields repeat parts of it. It never holds a secret. */
export type Log = (line: string, fields?: LogFields) => void;
