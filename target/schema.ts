import { sql } from 'drizzle-orm';
import { customType, getTableConfig, integer, real, sqliteTable } from 'drizzle-orm/sqlite-core';

/** The longest device id the table takes, in characters. */
export const DEVICE_ID_MAX_CHARACTERS = 50;

const deviceIdText = customType<{ data: string }>({ dataType: () => `varchar(${DEVICE_ID_MAX_CHARACTERS})` });
const datetime = customType<{ data: string }>({ dataType: () => 'datetime' });

/** The table of the upload test. `upload_time` is UTC, `YYYY-MM-DD HH:MM:SS`, set by the database. */
export const testUpload = sqliteTable('test_upload', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  deviceId: deviceIdText('device_id').notNull(),
  testData: real('test_data').notNull(),
  uploadTime: datetime('upload_time').notNull().default(sql`CURRENT_TIMESTAMP`),
});

/** Creates the table above; the target checks at each start that what exists has the columns declared above. */
export const createTestUpload = sql`
  CREATE TABLE IF NOT EXISTS test_upload (
    id integer PRIMARY KEY AUTOINCREMENT,
    device_id varchar(50) NOT NULL,
    test_data real NOT NULL,
    upload_time datetime NOT NULL DEFAULT CURRENT_TIMESTAMP
  )`;

export const dropTestUpload = sql`DROP TABLE IF EXISTS test_upload`;

/** One column as `PRAGMA table_info` tells it. */
export interface ColumnInfo {
  readonly name: string;
  readonly type: string;
  /** 1 when NULL is refused. */
  readonly notnull: number;
  /** The place in the primary key from 1, or 0. */
  readonly pk: number;
}

/**
 * The first difference between a table's columns and those of `test_upload`, as a clause such as
 * `column test_data is text, not real`; undefined when there is none. Types are compared by SQLite's affinity
 * (https://www.sqlite.org/datatype3.html, 3.1), so a table made by another program with `FLOAT` or `VARCHAR` passes.
 */
export function columnDifference(actual: readonly ColumnInfo[]): string | undefined {
  const expected = getTableConfig(testUpload).columns;
  for (const column of expected) {
    const found = actual.find((candidate) => candidate.name === column.name);
    if (found === undefined) return `column ${column.name} is missing`;
    if (affinity(found.type) !== affinity(column.getSQLType())) {
      return `column ${column.name} is ${found.type.toLowerCase() || 'untyped'}, not ${column.getSQLType()}`;
    }
    if (column.primary !== found.pk > 0) {
      return `column ${column.name} is ${column.primary ? 'not ' : ''}the primary key`;
    }
    if (!column.primary && found.notnull === 0) return `column ${column.name} allows null`;
  }
  const extra = actual.find((candidate) => !expected.some((column) => column.name === candidate.name));
  return extra && `column ${extra.name} does not belong there`;
}

function affinity(type: string): string {
  const upper = type.toUpperCase();
  if (upper.includes('INT')) return 'integer';
  if (/CHAR|CLOB|TEXT/.test(upper)) return 'text';
  if (upper === '' || upper.includes('BLOB')) return 'blob';
  if (/REAL|FLOA|DOUB/.test(upper)) return 'real';
  return 'numeric';
}
