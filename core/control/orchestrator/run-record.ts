import { errorMessage, unexpectedStack } from '../../error.ts';
import { withTimeout } from '../../timeout.ts';
import type { RunOutcome } from '../../verdict/conclusion/run-outcome.ts';
import { STORE_RETRY_US } from '../limits.ts';
import type { Checkpoint } from '../run/checkpoint.ts';
import type { RunEvents } from '../run/run-events.ts';
import { type EndedState, type RunState, reasonOf } from '../run/run-state.ts';
import { OwnershipLostError } from '../store/run-store.ts';
import type { ControlContext } from './control-context.ts';

export interface RunEnd {
  readonly verdict: RunOutcome;
  readonly reason: string;
}

/** How a run ended that has no result. */
export interface EndWithoutResult {
  readonly state: Exclude<EndedState, 'finished'>;
  readonly reason: string;
}

/** How a run ended that has one: RunResult as UTF-8 JSON in gzip. */
type EndWithResult = RunEnd & { readonly state: 'finished'; readonly result: Uint8Array };

/** Results may be large, and one that a database takes never would keep the network busy: they are tried less and less often. */
const MAX_RETRY_US = 60e6;

/**
 * Keeps a run's row in the store up to date. Writes follow one after the other. While the store is away, the run goes on,
 * and what is known of it is written as soon as the store is back.
 */
export class RunRecord {
  readonly #runId: string;
  readonly #control: Pick<ControlContext, 'store' | 'clock' | 'log'>;
  readonly #events: RunEvents;
  readonly #checkpoint: () => Checkpoint;
  #unsavedResult: Uint8Array | undefined;
  #unsavedEnd: EndWithoutResult | EndWithResult | undefined;
  #hasEnded = false;
  #isSaveDue = false;
  #isStoreAway = false;
  #retryUs = STORE_RETRY_US;
  #cancelRetry: () => void = () => {};
  #writing: Promise<void> = Promise.resolve();

  /** @param checkpoint describes the run as it is when it is called */
  constructor(
    runId: string,
    control: Pick<ControlContext, 'store' | 'clock' | 'log'>,
    events: RunEvents,
    checkpoint: () => Checkpoint,
  ) {
    this.#runId = runId;
    this.#control = control;
    this.#events = events;
    this.#checkpoint = checkpoint;
  }

  /** The result that the store did not take, RunResult as UTF-8 JSON in gzip; undefined when it did. */
  get unsavedResult(): Uint8Array | undefined {
    return this.#unsavedResult;
  }

  /** Whether the run has ended and the store does not know. A failure is tried again until it does. */
  get hasUnsavedEnd(): boolean {
    return this.#unsavedResult !== undefined || this.#unsavedEnd !== undefined;
  }

  /** Writes what is known of the run. Never throws; when the store is away, it is tried again later. */
  save(): Promise<void> {
    // Much may happen at once: a write that waits for its turn covers all of it.
    if (this.#isSaveDue) return this.#writing;
    this.#isSaveDue = true;
    this.#writing = this.#writing.then(async () => {
      this.#isSaveDue = false;
      this.#cancelRetry();
      try {
        await this.#write();
        this.#isStoreAway = false;
      } catch (error) {
        if (!this.#isStoreAway) this.#logError(error);
        this.#isStoreAway = true;
        this.#retry();
      }
    });
    return this.#writing;
  }

  #retry(): void {
    const { clock } = this.#control;
    this.#cancelRetry();
    if (this.#unsavedResult !== undefined) this.#retryUs = Math.min(2 * this.#retryUs, MAX_RETRY_US);
    this.#cancelRetry = clock.after(this.#retryUs, () => {
      if (!this.#hasEnded || this.#unsavedEnd !== undefined) void this.save();
    });
  }

  /** Resolves when what is known by now is written; of a store that is slow, after this long. */
  async saved(withinUs: number): Promise<void> {
    await withTimeout(this.#control.clock, withinUs, 'the store is slow', () => this.save()).catch(() => {});
  }

  /** Writes the state of a run that has not ended. */
  setState(state: RunState): void {
    const { store } = this.#control;
    this.#writing = this.#writing.then(() =>
      store.setState(this.#runId, state.kind, reasonOf(state)).catch((error: unknown) => this.#logError(error)),
    );
  }

  /** Writes the end of a run that has a result; it is kept here while the store does not take it, and tried again until control ends. */
  async finish(end: RunEnd, result: Uint8Array): Promise<void> {
    await this.#writing;
    const whole = { state: 'finished', ...end, result } as const;
    try {
      await this.#control.store.endRun(this.#runId, whole);
    } catch (error) {
      this.#unsavedResult = result;
      const reason = errorMessage(error);
      if (error instanceof OwnershipLostError) return this.#events.notify(reason);
      this.#events.notify(`the result could not be stored; control keeps it, and tries again until it ends: ${reason}`);
      this.#unsavedEnd = whole;
      this.#isStoreAway = true;
      this.#retry();
    }
  }

  /** Writes the end of a run that has none; while the store is away, it is tried again until it has it. */
  async end(end: EndWithoutResult): Promise<void> {
    // No older state may be written after it.
    await this.#writing;
    this.#unsavedEnd = end;
    await this.save();
  }

  /** Called once the run has ended: its checkpoint is not written again. */
  ended(): void {
    this.#hasEnded = true;
  }

  /** Tries a result once more, since the last time may be a minute ago; waits for the write that is under way, and tries no more. */
  async close(): Promise<void> {
    if (this.#unsavedResult !== undefined && this.#unsavedEnd !== undefined) await this.save();
    await this.#writing;
    this.#cancelRetry();
  }

  async #write(): Promise<void> {
    const { store } = this.#control;
    const end = this.#unsavedEnd;
    const checkpoint = JSON.stringify(this.#checkpoint());
    if (end === undefined) return store.saveCheckpoint(this.#runId, checkpoint);
    const hadResult = this.#unsavedResult !== undefined;
    try {
      await store.endRun(this.#runId, { ...end, checkpoint });
      this.#unsavedResult = undefined;
    } catch (error) {
      if (!(error instanceof OwnershipLostError)) throw error;
      this.#events.notify(error.message);
    }
    this.#unsavedEnd = undefined;
    if (hadResult && this.#unsavedResult === undefined) {
      const runId = this.#runId;
      this.#control.log(`run ${runId}: its result is stored now`, { runId });
    }
  }

  #logError(error: unknown): void {
    const runId = this.#runId;
    this.#control.log(`run ${runId}: ${errorMessage(error)}`, { level: 'error', runId, stack: unexpectedStack(error) });
  }
}
