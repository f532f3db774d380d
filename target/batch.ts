import { StoreError } from './error.ts';
import type { Upload, UploadStore } from './upload-store.ts';

export interface WriteQueueOptions {
  /** Maximum number of rows in one transaction. */
  readonly batchRows: number;
  /** Maximum number of transactions at once. */
  readonly writers: number;
  /** Maximum number of uploads that wait, including those being written; any more are rejected. */
  readonly capacity: number;
  /** How long an upload waits for a lock that another process holds. */
  readonly lockWaitMs: number;
  readonly clock: WriteClock;
}

/** The queue's clock, injected so that tests need not wait. */
export interface WriteClock {
  nowMs(): number;
  /** Resolves when the event loop has handled what has already arrived. */
  nextTurn(): Promise<void>;
  sleep(durationMs: number): Promise<void>;
}

/** The part of a store that the queue uses. */
export type BatchWriter = Pick<UploadStore, 'insert'>;

const LOCK_RETRY_MS = 20;
/** Of all uploads without an answer, so many have to wait before one more transaction begins beside those that run. */
const SHARE_PER_TRANSACTION = 1 / 4;
/** How long uploads wait for others to share a transaction, while one runs. */
const LINGER_MS = 2;

interface Waiting {
  readonly upload: Upload;
  readonly sinceMs: number;
  readonly committed: () => void;
  readonly failed: (error: StoreError) => void;
}

/**
 * Commits concurrent uploads together: a transaction takes all uploads that wait, up to `batchRows`. One begins as soon as none
 * runs; beside it others begin, up to `writers`, when enough uploads wait or have waited for some time. If each free writer took
 * what there is at once, a database that answers fast would get transactions of a row or two, which cost it and the target four
 * times as much for each row. Each upload is answered after the commit of its row.
 */
export class WriteQueue {
  readonly #writer: BatchWriter;
  readonly #options: WriteQueueOptions;
  #waiting: Waiting[] = [];
  #depth = 0;
  #deepest = 0;
  #rowsCommitted = 0;
  #gathering = false;
  #lingering = false;
  #writing = 0;

  constructor(writer: BatchWriter, options: WriteQueueOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  /** Number of uploads waiting for the database now, including those in a running transaction. */
  get depth(): number {
    return this.#depth;
  }

  /** Rows committed and acknowledged since the start. */
  get rowsCommitted(): number {
    return this.#rowsCommitted;
  }

  /** The greatest depth since the previous call. */
  takeDeepest(): number {
    const deepest = this.#deepest;
    this.#deepest = this.#depth;
    return deepest;
  }

  /** Resolves once the row is committed; rejects with `StoreError` when it is not stored or may not be. */
  add(upload: Upload): Promise<void> {
    if (this.#depth >= this.#options.capacity) {
      return Promise.reject(new StoreError('busy', `${this.#depth} uploads are already waiting for the database`));
    }
    this.#depth += 1;
    if (this.#depth > this.#deepest) this.#deepest = this.#depth;
    return new Promise((committed, failed) => {
      this.#waiting.push({ upload, sinceMs: this.#options.clock.nowMs(), committed, failed });
      this.#wake();
    });
  }

  #wake(): void {
    const oldest = this.#waiting[0];
    if (this.#gathering || oldest === undefined || this.#writing >= this.#options.writers) return;
    const enough = Math.min(this.#options.batchRows, this.#depth * SHARE_PER_TRANSACTION);
    if (this.#writing > 0 && this.#waiting.length < enough) {
      const leftMs = oldest.sinceMs + LINGER_MS - this.#options.clock.nowMs();
      if (leftMs > 0) return void this.#linger(leftMs);
    }
    this.#gathering = true;
    void this.#write();
  }

  async #linger(leftMs: number): Promise<void> {
    if (this.#lingering) return;
    this.#lingering = true;
    await this.#options.clock.sleep(leftMs);
    this.#lingering = false;
    this.#wake();
  }

  async #write(): Promise<void> {
    await this.#options.clock.nextTurn();
    const batch = this.#waiting.splice(0, this.#options.batchRows);
    this.#gathering = false;
    this.#writing += 1;
    this.#wake();
    await this.#commit(batch);
    this.#writing -= 1;
    this.#wake();
  }

  async #commit(batch: Waiting[]): Promise<void> {
    let pending = batch;
    while (pending.length > 0) {
      const error = await this.#insert(pending);
      if (error === undefined) return this.#settle(pending);
      if (error.kind === 'refused' && pending.length > 1) return this.#commitHalves(pending);
      if (error.kind !== 'busy') return this.#settle(pending, error);
      const oldestAllowedMs = this.#options.clock.nowMs() - this.#options.lockWaitMs;
      this.#settle(
        pending.filter((waiting) => waiting.sinceMs <= oldestAllowedMs),
        error,
      );
      pending = pending.filter((waiting) => waiting.sinceMs > oldestAllowedMs);
      if (pending.length > 0) await this.#options.clock.sleep(LOCK_RETRY_MS);
    }
  }

  /** Halves the batch until the row that the database refuses is alone, so that the other rows are stored. */
  async #commitHalves(batch: Waiting[]): Promise<void> {
    const middle = batch.length >> 1;
    await this.#commit(batch.slice(0, middle));
    await this.#commit(batch.slice(middle));
  }

  async #insert(batch: Waiting[]): Promise<StoreError | undefined> {
    try {
      await this.#writer.insert(batch.map((waiting) => waiting.upload));
      return undefined;
    } catch (error) {
      return error instanceof StoreError ? error : new StoreError('unavailable', String(error), { cause: error });
    }
  }

  #settle(batch: Waiting[], error?: StoreError): void {
    this.#depth -= batch.length;
    if (error === undefined) this.#rowsCommitted += batch.length;
    for (const waiting of batch) {
      if (error === undefined) waiting.committed();
      else waiting.failed(error);
    }
  }
}
