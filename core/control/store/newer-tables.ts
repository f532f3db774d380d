import { readMigrationFiles } from 'drizzle-orm/migrator';
import { VERSION } from '../../version.ts';

/** drizzle's own name for the table of the migrations that a database has had. */
export const SQLITE_MIGRATIONS_TABLE = '__drizzle_migrations';

/** Of that table, in SQL: when the newest migration was made, in milliseconds since 1970. */
export const newestMigration = (table: string) => `SELECT max(created_at) AS newest FROM ${table}`;

/**
 * To be called when a database has been migrated: drizzle passes over migrations that it does not know.
 * @param newestMs of {@link newestMigration}
 * @throws when a later build has changed the tables: what this one writes may not be what they hold
 */
export function refuseNewerTables(migrationsFolder: string, newestMs: unknown): void {
  const known = readMigrationFiles({ migrationsFolder }).map(({ folderMillis }) => folderMillis);
  if (Number(newestMs) <= Math.max(...known)) return;
  throw new Error(`a later version of bench than ${VERSION} has changed its tables: use that one`);
}
