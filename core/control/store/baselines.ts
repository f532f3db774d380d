import { eq } from 'drizzle-orm';
import type { StoreAccess } from './access.ts';
import { readTexts } from './stored-row.ts';

/** A name for runs of this store that others are compared with. */
export interface StoredBaseline {
  readonly name: string;
  /** None when its row is damaged. */
  readonly runIds: readonly string[];
  /** RFC 3339. */
  readonly setAt: string;
}

/** The baselines of a store. All methods throw a {@link StoreError} when the store cannot be used. */
export class Baselines {
  readonly #access: StoreAccess;

  constructor(access: StoreAccess) {
    this.#access = access;
  }

  /** Replaces the baseline of that name, if there is one. */
  set({ name, runIds, setAt }: StoredBaseline): Promise<void> {
    const { baselines } = this.#access.tables;
    const row = { name, runIds: JSON.stringify(runIds), setAt };
    return this.#access.writing((database) =>
      database.atomically((queries) => [
        queries.delete(baselines).where(eq(baselines.name, name)),
        queries.insert(baselines).values(row),
      ]),
    );
  }

  /** In the order of their names. */
  async list(): Promise<StoredBaseline[]> {
    const { baselines } = this.#access.tables;
    const rows = await this.#access.read((queries) => queries.select().from(baselines).orderBy(baselines.name));
    return rows.map(({ name, runIds, setAt }) => ({ name, runIds: readTexts(runIds) ?? [], setAt }));
  }

  remove(name: string): Promise<void> {
    const { baselines } = this.#access.tables;
    return this.#access.write((queries) => queries.delete(baselines).where(eq(baselines.name, name)));
  }
}
