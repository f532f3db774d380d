import { sql } from 'drizzle-orm';
import { bigint, datetime, double, index, mysqlTable, varchar } from 'drizzle-orm/mysql-core';
import { DEVICE_ID_MAX_CHARACTERS } from '../schema.ts';

/**
 * The table of the upload test on MySQL; device ids are compared exactly, as SQLite does (the migration says so).
 * After a change here: `npx drizzle-kit generate --dialect mysql --schema target/mysql/schema.ts --out target/mysql/migrations`.
 */
export const testUpload = mysqlTable(
  'test_upload',
  {
    id: bigint('id', { mode: 'number' }).autoincrement().primaryKey(),
    deviceId: varchar('device_id', { length: DEVICE_ID_MAX_CHARACTERS }).notNull(),
    testData: double('test_data').notNull(),
    uploadTime: datetime('upload_time').notNull().default(sql`CURRENT_TIMESTAMP`),
  },
  (table) => [index('test_upload_device_id').on(table.deviceId)],
);

/** One column as information_schema.columns tells it, with the table's engine. */
export interface MysqlColumn {
  readonly name: string;
  /** Such as `bigint`, in small letters. */
  readonly type: string;
  readonly primary: boolean;
  readonly engine: string;
}

/** What takes the rows of the upload test: the documented table has `float`, ours `double`. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  id: ['bigint', 'int'],
  device_id: ['varchar'],
  test_data: ['double', 'float'],
  upload_time: ['datetime', 'timestamp'],
};

/** The first difference of a table from that of the upload test, as a clause; undefined when there is none. */
export function mysqlColumnDifference(actual: readonly MysqlColumn[]): string | undefined {
  for (const [name, types] of Object.entries(TYPES)) {
    const found = actual.find((column) => column.name === name);
    if (found === undefined) return `column ${name} is missing`;
    if (!types.includes(found.type)) return `column ${name} is ${found.type}, not ${types[0]}`;
    if ((name === 'id') !== found.primary) return `column ${name} is ${found.primary ? '' : 'not '}the primary key`;
  }
  const extra = actual.find(({ name }) => !Object.hasOwn(TYPES, name));
  if (extra) return `column ${extra.name} does not belong there`;
  const engine = actual[0]?.engine ?? '';
  return engine === 'InnoDB' ? undefined : `its engine is ${engine}, not InnoDB`;
}
