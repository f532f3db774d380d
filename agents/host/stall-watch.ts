import { Worker } from 'node:worker_threads';
import { SILENCE_LIMIT_US } from '../../core/agent-limits.ts';
import { sourcePlaceIn } from '../../core/script/source-lines.ts';
import { type StallReport, type WatcherData, watchMainThread } from './stall-watcher.ts';

/** A loop that stands for less is a garbage collection or a busy host. */
const STALL_MS = 500;
const TURN_MS = 100;
/** Sent modules are named by their hashes. */
const MODULES = '/[0-9a-f]{64}\\.mjs$';
const CALL = 1;
/** With less of a core, this process waited for something else than its own code, also on a host that many share. */
const BUSY_SHARE = 0.1;
const MAX_TOLD = 10;
const MAX_FUNCTIONS = 4;

export interface StallWatchOptions {
  /** The plugin whose code a stack leads through, such as `driver "./x.ts"`. */
  readonly pluginIn: (stack: string) => string | undefined;
  /** Called with one sentence about each plugin and function that has blocked the event loop. */
  readonly warn: (text: string) => void;
}

/**
 * Finds out which plugin it is that blocks the event loop of this process: while it does, nothing is sent, and answers are
 * read late, for which the target must not get the blame. A thread of its own looks, so that the load pays nothing for it but
 * two numbers written for each call of a driver. On Node it says which functions were under way; elsewhere, which call.
 */
export class StallWatch {
  readonly #options: StallWatchOptions;
  readonly #cells = new Int32Array(new SharedArrayBuffer(8));
  /** What calls are called, by their numbers from 1. */
  readonly #calls: string[] = [''];
  readonly #told = new Set<string>();
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StallWatchOptions) {
    this.#options = options;
  }

  /** @param call as it stands in a sentence, such as `driver x in its operation y`. @returns its number for {@link begin} */
  numberOf(call: string): number {
    const known = this.#calls.indexOf(call);
    if (known >= 0) return known;
    this.#worker?.postMessage(call);
    return this.#calls.push(call) - 1;
  }

  /** A call begins: it is under way until {@link end}. */
  begin(call: number): void {
    this.#cells[CALL] = call;
  }

  end(): void {
    this.#cells[CALL] = -(this.#cells[CALL] as number);
  }

  start(): void {
    const workerData: WatcherData = {
      shared: this.#cells.buffer as SharedArrayBuffer,
      stallMs: STALL_MS,
      lostMs: SILENCE_LIMIT_US / 1000,
      calls: this.#calls,
      modules: MODULES,
    };
    this.#timer = setInterval(() => Atomics.add(this.#cells, 0, 1), TURN_MS);
    this.#timer.unref();
    this.#worker = new Worker(`(${watchMainThread.toString()})()`, { eval: true, workerData });
    this.#worker.unref();
    this.#worker.on('message', (report: StallReport) => this.#tell(report));
    // A host without memory for one more thread is not watched.
    this.#worker.on('error', () => {});
  }

  stop(): void {
    clearInterval(this.#timer);
    void this.#worker?.terminate();
    this.#worker = undefined;
  }

  #tell(report: StallReport): void {
    const who = this.#culprit(report);
    if (who === undefined || this.#told.has(who) || this.#told.size >= MAX_TOLD) return;
    this.#told.add(who);
    const seconds = (report.ms / 1000).toFixed(1);
    this.#options.warn(
      `${who} blocked the event loop for ${seconds} s: until then this agent sent nothing and read no answer`,
    );
  }

  /** Undefined where it was no plugin, as far as is known. */
  #culprit({ ms, cpuMs, call, isSampled, functions, places }: StallReport): string | undefined {
    const stack = places.join('\n');
    const plugin = places.length === 0 ? undefined : this.#options.pluginIn(stack);
    if (plugin !== undefined) {
      const place = sourcePlaceIn(stack);
      const calls = functions.slice(0, MAX_FUNCTIONS).join(' ← ');
      return `${plugin}, in ${calls}${place === undefined ? '' : ` (${place})`},`;
    }
    if (call > 0) return this.#calls[call];
    // A host that gave this process no time, and a collection of garbage, are no fault of a plugin.
    if (isSampled || call === 0 || cpuMs < BUSY_SHARE * ms) return undefined;
    return `what came after an await or in a callback, perhaps of ${this.#calls[-call]}, which was begun last,`;
  }
}
