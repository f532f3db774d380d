import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { RunEvent } from '../../stats/result.ts';
import type { RunFeed } from './run-feed.ts';

/** What happened to a run, for its result, those who watch it, and control's log. */
export class RunJournal {
  readonly #runId: string;
  readonly #clock: Clock;
  readonly #feed: RunFeed;
  readonly #log: Log;
  readonly #noted: () => void;
  readonly #events: { readonly us: number; readonly text: string }[] = [];

  /** @param noted called after each note */
  constructor(runId: string, clock: Clock, feed: RunFeed, log: Log, noted: () => void) {
    this.#runId = runId;
    this.#clock = clock;
    this.#feed = feed;
    this.#log = log;
    this.#noted = noted;
  }

  /** Of interest while it happens. */
  tell(text: string): void {
    this.#log(`run ${this.#runId}: ${text}`, { runId: this.#runId });
    this.#feed.notice(text);
  }

  /** Of interest to whoever reads the result. @param us when it happens, on control's clock */
  note(text: string, us = this.#clock.nowUs()): void {
    this.#events.push({ us, text });
    this.tell(text);
    this.#noted();
  }

  /** What another control process has noted of this run. @param startUs second 0 on control's clock */
  recover(events: readonly RunEvent[], startUs: number): void {
    this.#events.push(...events.map(({ atUs, text }) => ({ us: startUs + atUs, text })));
  }

  /**
   * In order of time: some are noted after they happened. Those of one instant keep the order of their notes.
   * @param startUs second 0 on control's clock
   */
  events(startUs: number): RunEvent[] {
    return this.#events.map(({ us, text }) => ({ atUs: us - startUs, text })).toSorted((a, b) => a.atUs - b.atUs);
  }
}
