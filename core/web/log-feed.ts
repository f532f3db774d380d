import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import { type Log, loggedText } from '../log.ts';
import type { logLine } from './api/bodies.ts';

export type LogLine = z.infer<typeof logLine>;

const MAX_LINES = 1000;
/** Of all lines together: who opens the log gets them at once, and would else be taken for a reader that is too slow. */
const MAX_CHARACTERS = 200_000;
const MAX_LINE_CHARACTERS = 4000;

/** The last lines of the log, for those who look at it from elsewhere. */
export class LogFeed {
  readonly #clock: Pick<Clock, 'epochMs'>;
  readonly #lines: LogLine[] = [];
  #characters = 0;
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
    const shown = loggedText(text, MAX_LINE_CHARACTERS);
    const line = { at: new Date(this.#clock.epochMs()).toISOString(), level, text: shown, runId };
    this.#lines.push(line);
    this.#characters += shown.length;
    while (this.#lines.length > MAX_LINES || this.#characters > MAX_CHARACTERS) {
      this.#characters -= this.#lines.shift()?.text.length ?? 0;
    }
    for (const reader of this.#readers) reader(line);
  }
}
