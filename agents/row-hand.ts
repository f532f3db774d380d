import type { Clock } from '../core/clock.ts';
import type { DealtIndices } from '../core/script/dealt-indices.ts';
import type { RowsDealt, RowsReturned, RowsWanted } from '../proto/gen/bench/v1/agent_pb.ts';

export interface RowHandOptions {
  /** How many rows the set has. */
  readonly rows: number;
  readonly repeats: boolean;
  /** How many rows the load may need at its start. */
  readonly first: number;
  readonly clock: Pick<Clock, 'nowUs'>;
  /** Sends when there is a session. What is lost with it is sent again by {@link RowHand.resend}. */
  readonly ask: (ask: Pick<RowsWanted, 'number' | 'left' | 'wanted' | 'urgent'>) => void;
  readonly giveBack: (rows: Pick<RowsReturned, 'number' | 'left'>) => void;
}

interface Block {
  next: number;
  readonly end: number;
}

const NONE: Block = { next: 0, end: 0 };
/** An agent asks for as many rows as it uses in this time, so that it goes on while control is restarted. */
const LASTING_US = 10e6;
/** What is used in the first instant says little of what comes. */
const MAX_GROWTH = 4;
const MAX_WANTED = 1_000_000;
const NEVER = -1;

/**
 * The rows of one set that control has dealt to this agent and that it has not used. It asks for more when half of them are
 * used, so that virtual users need not wait.
 */
export class RowHand implements DealtIndices {
  readonly #options: RowHandOptions;
  #block: Block = NONE;
  readonly #later: Block[] = [];
  #left = 0;
  /** It asks when so many are left. */
  #askAt = NEVER;
  /** The latest deal that has come. */
  #number = 0;
  #ask: 'none' | 'asked' | 'urgent' = 'none';
  #wanted: number;
  #askedUs: number;
  #takenSince = 0;
  /** No row is left for this agent but those that it holds. */
  #isLast = false;
  #isClosed = false;
  #returned: Pick<RowsReturned, 'number' | 'left'> | undefined;
  #changed: PromiseWithResolvers<void> | undefined;
  readonly #opened = Promise.withResolvers<void>();

  constructor(options: RowHandOptions) {
    this.#options = options;
    this.#wanted = Math.max(1, options.first);
    this.#askedUs = options.clock.nowUs();
    // Whoever opens it may never wait for it.
    this.#opened.promise.catch(() => {});
  }

  /** Resolves when the first rows are here. @throws {PluginError} when control deals none to this agent */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  get hasNext(): boolean | Promise<unknown> {
    if (this.#left > 0) return true;
    if (this.#isLast) return false;
    this.need();
    this.#changed ??= Promise.withResolvers();
    return this.#changed.promise;
  }

  take(): number | undefined {
    if (this.#left === 0) return undefined;
    if (this.#block.next === this.#block.end) this.#block = this.#later.shift() ?? NONE;
    this.#takenSince += 1;
    if (--this.#left <= this.#askAt) this.#askAhead();
    return this.#block.next++ % this.#options.rows;
  }

  /** Asks for rows that somebody waits for. */
  need(): void {
    if (this.#ask === 'urgent') return;
    if (this.#ask === 'none') this.#estimate();
    this.#send('urgent');
  }

  dealt({ number, first, count, last }: Pick<RowsDealt, 'number' | 'first' | 'count' | 'last'>): void {
    if (number !== this.#number + 1) return;
    this.#number = number;
    this.#ask = 'none';
    this.#isLast = last;
    if (count > 0) this.#later.push({ next: first, end: first + count });
    this.#left += count;
    this.#askAt = last ? NEVER : Math.floor(this.#left / 2);
    this.#opened.resolve();
    if (this.#isClosed) {
      this.release();
      this.close();
    } else this.#wake();
  }

  /** Control deals this agent nothing, for this reason. */
  refused(reason: Error): void {
    this.#opened.reject(reason);
  }

  /** Gives back all that is not used, because others need it; what it needs itself, it asks for again. */
  recalled(): void {
    this.release();
    if (this.#isLast || this.#ask !== 'none') return;
    this.#estimate();
    this.#send('asked');
  }

  /** Gives back all that is not used. */
  release(): void {
    if (this.#left > 0) this.#isLast = false;
    // What was given back before, and may not have arrived, is still what there was to give.
    if (this.#left > 0 || this.#returned?.number !== this.#number) {
      this.#returned = { number: this.#number, left: this.#left };
    }
    this.#empty();
    this.#options.giveBack(this.#returned);
  }

  /** No row is used any more. Whoever waits for one is told that there is none. */
  close(): void {
    this.#empty();
    this.#isClosed = true;
    this.#isLast = true;
    this.#ask = 'none';
    this.#opened.resolve();
    this.#wake();
  }

  /** Sends again, after a reconnect, what control may not have received. */
  resend(): void {
    if (this.#returned !== undefined) this.#options.giveBack(this.#returned);
    if (this.#ask !== 'none') this.#send(this.#ask);
  }

  #askAhead(): void {
    this.#estimate();
    this.#send('asked');
  }

  #estimate(): void {
    const nowUs = this.#options.clock.nowUs();
    const isFirst = this.#number === 0;
    const needed = Math.ceil((this.#takenSince * LASTING_US) / Math.max(1, nowUs - this.#askedUs));
    const most = Math.min(MAX_WANTED, MAX_GROWTH * this.#wanted);
    if (!isFirst) this.#wanted = Math.max(1, Math.min(needed, most));
    this.#takenSince = 0;
    this.#askedUs = nowUs;
  }

  #send(ask: 'asked' | 'urgent'): void {
    this.#ask = ask;
    this.#askAt = NEVER;
    const number = this.#number + 1;
    this.#options.ask({ number, left: this.#left, wanted: this.#wanted, urgent: ask === 'urgent' });
  }

  #empty(): void {
    this.#block = NONE;
    this.#later.length = 0;
    this.#left = 0;
    this.#askAt = NEVER;
  }

  #wake(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }
}
