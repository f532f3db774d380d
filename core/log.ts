import { clipped, printable } from './text/printable.ts';

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

/** Characters of a line, and of a stack. */
export const MAX_LOG_CHARACTERS = 16_384;

/** What is shown of a line, wherever the log is read: what agents, databases and targets say is part of many lines. */
export function loggedText(line: string, max = MAX_LOG_CHARACTERS): string {
  return printable(withoutSecrets(clipped(line, max)));
}

/** Nothing secret is meant to come here. Should it all the same: passwords in URLs, and tokens of invitations. */
function withoutSecrets(line: string): string {
  return line
    .replaceAll(/(:\/\/[^:@/\s]*:)(?!\$\{)[^@\s]+@/g, '$1***@')
    .replaceAll(/\b([0-9a-z]{6})\.[0-9a-z]{32}\b/g, '$1.***');
}
