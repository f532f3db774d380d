import type { Clock } from '../../clock.ts';
import { BenchError, errorMessage } from '../../error.ts';
import type { Output, OutputRun, OutputSecond } from '../../output.ts';
import type { OutputPlugin } from '../../plugin.ts';
import type { RunResult } from '../../stats/result.ts';
import { unlessAborted, withTimeout } from '../../timeout.ts';
import {
  MAX_KEPT_SECONDS,
  MAX_OUTPUT_RETRY_US,
  OUTPUT_DRAIN_LIMIT_US,
  OUTPUT_LIMIT_US,
  OUTPUT_RETRY_US,
} from '../limits.ts';

/** What of a second is known only when it is settled. */
export type SettledParts = Pick<OutputSecond, 'second' | 'agents' | 'soFar'>;

/** What of a settled second can be made at any time, and then has the windows that have come late. */
export type SecondFigures = Omit<OutputSecond, 'isCorrection' | 'agents' | 'soFar'>;

const LATE = `no answer within ${OUTPUT_LIMIT_US / 1e6} s`;

export interface OutputFeedOptions {
  /** As in messages. */
  readonly name: string;
  readonly plugin: OutputPlugin;
  /** With the values of secrets. */
  readonly options: unknown;
  readonly run: OutputRun;
  readonly clock: Clock;
  /** A settled second as it is known by now. */
  readonly figuresAt: (second: number) => SecondFigures;
  /** Takes a sentence for those who watch the run, and for its result while there is none. */
  readonly note: (text: string) => void;
  /** Counts seconds that the output does not get. */
  readonly dropped: (seconds: number) => void;
}

/**
 * Gives one output what it is to have, one call after the other, and never makes anybody wait: what comes while a call is under way,
 * or while the output fails, is kept up to {@link MAX_KEPT_SECONDS}. Beyond that the oldest seconds are dropped and counted. Their
 * figures are made when they are given, so that one that waits needs no correction.
 */
export class OutputFeed {
  readonly #options: OutputFeedOptions;
  readonly #waiting: SettledParts[] = [];
  /** Seconds that were given, and to which a window has come since. */
  #late = new Set<number>();
  readonly #closing = new AbortController();
  #output: Output | undefined;
  /** Resolves when nothing waits any more, or the feed is closed. */
  #work: Promise<void> | undefined;
  #endPause: () => void = () => {};
  #hasFailed = false;
  /** Whether only the result is still to be given. */
  #isEnding = false;
  /** 1 while a second is being given that is no correction. */
  #underWay = 0;
  #given = 0;
  /** Seconds that the output took no notice of, because the next totals have them. */
  #untilTotals = 0;
  readonly #dropped = new Set<number>();

  constructor(options: OutputFeedOptions) {
    this.#options = options;
  }

  /** Begins to open the output. */
  open(): void {
    this.#work ??= this.#giveAll().finally(() => {
      this.#work = undefined;
    });
  }

  /** Takes a second that has been settled. */
  offer(settled: SettledParts): void {
    if (this.#closing.signal.aborted) return;
    this.#waiting.push(settled);
    this.#dropOldest();
    this.open();
  }

  /** Takes a second that was offered, and to which a window has come late. */
  correct(second: number): void {
    if (this.#closing.signal.aborted || this.#dropped.has(second)) return;
    this.#late.add(second);
    this.open();
  }

  /** Waits a while until the output has all seconds, and notes how many it has not got. */
  async drain(): Promise<void> {
    const { clock, name, note, dropped } = this.#options;
    // One that has failed is tried at once.
    this.#endPause();
    await withTimeout(clock, OUTPUT_DRAIN_LIMIT_US, LATE, async () => this.#work).catch(() => {});
    const waiting = this.#waiting.length + this.#underWay;
    if (this.#dropped.size + waiting === 0) return;
    const late = waiting + this.#untilTotals;
    const missed = this.#dropped.size + late;
    dropped(late);
    note(`output ${name}: ${missed} of ${this.#given + missed} seconds could not be given to it while the run went on`);
  }

  /** Gives the output the result, which it has {@link OUTPUT_LIMIT_US} for. */
  async end(result: RunResult): Promise<void> {
    const { clock, name, note } = this.#options;
    this.#isEnding = true;
    this.#endPause();
    let problem: unknown;
    const giveResult = async (signal: AbortSignal) => {
      await this.#work;
      while (!signal.aborted) {
        try {
          // An output that could not be opened so far may be there by now.
          const output = this.#output ?? (await this.#openPlugin());
          await output.end(result, signal);
          return;
        } catch (error) {
          problem = error;
          await this.#pause(OUTPUT_RETRY_US);
        }
      }
    };
    try {
      await withTimeout(clock, OUTPUT_LIMIT_US, LATE, giveResult);
    } catch (late) {
      note(`output ${name} has not taken the result: ${errorMessage(problem ?? late)}`);
    }
  }

  /** Closes the output; a call that is under way is waited for no longer. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { name, note } = this.#options;
    this.#closing.abort(new BenchError('run_over', 'the run is over'));
    this.#endPause();
    await this.#work;
    try {
      if (this.#output !== undefined) await this.#closeInTime(this.#output);
    } catch (error) {
      note(`output ${name} could not be closed: ${errorMessage(error)}`);
    }
  }

  #closeInTime(output: Output): Promise<void> {
    const message = `it was not closed within ${OUTPUT_DRAIN_LIMIT_US / 1e6} s`;
    return withTimeout(this.#options.clock, OUTPUT_DRAIN_LIMIT_US, message, async (late) => output.close(late));
  }

  async #giveAll(): Promise<void> {
    const { signal } = this.#closing;
    let pauseUs = OUTPUT_RETRY_US;
    while (!signal.aborted && !this.#isEnding && (this.#output === undefined || this.#hasNext)) {
      try {
        if (this.#output === undefined) await this.#openPlugin();
        else await this.#giveNext(this.#output);
        this.#worked();
        pauseUs = OUTPUT_RETRY_US;
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(errorMessage(error));
        if (this.#isEnding) return;
        await this.#pause(pauseUs);
        pauseUs = Math.min(2 * pauseUs, MAX_OUTPUT_RETRY_US);
      }
    }
  }

  get #hasNext(): boolean {
    return this.#waiting.length > 0 || this.#late.size > 0;
  }

  /** Corrections come last: they can wait without end, and other seconds cannot. */
  async #giveNext(output: Output): Promise<void> {
    const settled = this.#waiting.shift();
    if (settled !== undefined) return this.#giveSettled(output, settled);
    const [second] = this.#late;
    if (second === undefined) return;
    this.#late.delete(second);
    try {
      await this.#give(output, { second, agents: [] }, true);
    } catch (error) {
      this.#late = new Set([second, ...this.#late]);
      throw error;
    }
  }

  async #giveSettled(output: Output, settled: SettledParts): Promise<void> {
    this.#late.delete(settled.second);
    this.#underWay = 1;
    try {
      await this.#give(output, settled, false);
      this.#untilTotals++;
      if (output.takesTotals && settled.soFar === undefined) return;
      this.#given += this.#untilTotals;
      this.#untilTotals = 0;
    } catch (error) {
      // At the end it has been counted as one that is under way.
      if (this.#closing.signal.aborted) throw error;
      this.#waiting.unshift(settled);
      this.#dropOldest();
      throw error;
    } finally {
      this.#underWay = 0;
    }
  }

  async #give(output: Output, parts: SettledParts, isCorrection: boolean): Promise<void> {
    const figures = { ...this.#options.figuresAt(parts.second), ...parts, isCorrection };
    await this.#call((late) => output.second(figures, late));
  }

  async #openPlugin(): Promise<Output> {
    const { name, plugin, options, note } = this.#options;
    const context = { ...this.#options.run, note: (text: string) => note(`output ${name}: ${text}`) };
    let opening: Promise<Output> | undefined;
    try {
      const output = await this.#call((late) => {
        opening = (async () => plugin.open(options, context, late))();
        return opening;
      });
      this.#output = output;
      return output;
    } catch (error) {
      // An output that opens when nobody waits for it any longer is closed again.
      if (this.#closing.signal.aborted) void opening?.then((late) => this.#closeInTime(late)).catch(() => {});
      throw error;
    }
  }

  /** Calls the output. One that is late is told so, and is not called again before it has answered. */
  async #call<Answer>(work: (late: AbortSignal) => Answer | Promise<Answer>): Promise<Answer> {
    const late = new AbortController();
    const cancel = this.#options.clock.after(OUTPUT_LIMIT_US, () => {
      this.#failed(LATE);
      late.abort(new BenchError('timeout', LATE));
    });
    const closing = this.#closing.signal;
    try {
      return await unlessAborted((async () => work(AbortSignal.any([late.signal, closing])))(), closing);
    } finally {
      cancel();
    }
  }

  #dropOldest(): void {
    if (this.#waiting.length <= MAX_KEPT_SECONDS) return;
    const { second } = this.#waiting.shift() as SettledParts;
    // What was never given cannot be corrected.
    this.#late.delete(second);
    this.#dropped.add(second);
    this.#options.dropped(1);
  }

  #failed(reason: string): void {
    const { name, note } = this.#options;
    if (!this.#hasFailed)
      note(`output ${name} failed: ${reason}; the run goes on, and ${MAX_KEPT_SECONDS} s are kept for it`);
    this.#hasFailed = true;
  }

  #worked(): void {
    if (this.#hasFailed) this.#options.note(`output ${this.#options.name} works again`);
    this.#hasFailed = false;
  }

  #pause(us: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(us, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
