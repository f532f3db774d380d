import { sql } from 'drizzle-orm';
import { customType, integer, real, sqliteTable } from 'drizzle-orm/sqlite-core';

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
