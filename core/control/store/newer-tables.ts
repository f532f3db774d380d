import { readMigrationFiles } from 'drizzle-orm/migrator';
import { BenchError } from '../../error.ts';
import { VERSION } from '../../version.ts';

/** drizzle's default name of the table that lists the migrations of a database. */
export const SQLITE_MIGRATIONS_TABLE = '__drizzle_migrations';

/** SQL that reads from such a table when the newest migration was made, in milliseconds since 1970. */
export const newestMigration = (table: string) => `SELECT max(created_at) AS newest FROM ${table}`;

/**
 * Called after a database was migrated, because drizzle ignores migrations that it does not know.
 * @param newestMs what {@link newestMigration} reads
 * @throws {BenchError} when a later version has changed the tables: they may not hold what this version writes
 */
export function refuseNewerTables(migrationsFolder: string, newestMs: unknown): void {
  const known = readMigrationFiles({ migrationsFolder }).map(({ folderMillis }) => folderMillis);
  if (Number(newestMs) <= Math.max(...known)) return;
  throw new BenchError(
    'newer_tables',
    `a later version of bench than ${VERSION} has changed its tables: use that version`,
  );
}
