import { type Queries, type StoreDatabase, StoreError, type Tables } from './database.ts';

/** A database whose failures are {@link StoreError}s that say what could not be done, and why. */
export class StoreAccess {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  get tables(): Tables {
    return this.#database.tables;
  }

  get ownersReturnWithinMs(): number {
    return this.#database.ownersReturnWithinMs;
  }

  read<Result>(work: (queries: Queries) => PromiseLike<Result>): Promise<Result> {
    return this.reading((database) => database.use(work));
  }

  write(work: (queries: Queries) => PromiseLike<unknown>): Promise<void> {
    return this.writing((database) => database.use(work));
  }

  async reading<Result>(work: (database: StoreDatabase) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.#database);
    } catch (error) {
      throw new StoreError(`the store ${this.#database.name} cannot be read: ${this.#database.causeOf(error)}`, {
        cause: error,
      });
    }
  }

  async writing(work: (database: StoreDatabase) => Promise<unknown>): Promise<void> {
    try {
      await work(this.#database);
    } catch (error) {
      throw new StoreError(`the store ${this.#database.name} cannot be written: ${this.#database.causeOf(error)}`, {
        cause: error,
      });
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
