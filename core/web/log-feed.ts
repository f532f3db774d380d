import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { logLine } from './api/bodies.ts';

export type LogLine = z.infer<typeof logLine>;

const MAX_LINES = 1000;

/** The last lines of the log, for those who look at it from elsewhere. */
export class LogFeed {
  readonly #clock: Pick<Clock, 'epochMs'>;
  readonly #lines: LogLine[] = [];
  readonly #readers = new Set<(line: LogLine) => void>();

  constructor(clock: Pick<Clock, 'epochMs'>) {
    this.#clock = clock;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** @returns a log that writes to this one, too */
  besides(log: Log): Log {
    return (line, fields) => {
      log(line, fields);
      this.#add(line, fields?.level ?? 'info', fields?.runId ?? null);
    };
  }

  /** @returns ends it */
  watch(reader: (line: LogLine) => void): () => void {
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  #add(text: string, level: LogLine['level'] | 'debug', runId: string | null): void {
    if (level === 'debug') return;
    const line = { at: new Date(this.#clock.epochMs()).toISOString(), level, text, runId };
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    for (const reader of this.#readers) reader(line);
  }
}
