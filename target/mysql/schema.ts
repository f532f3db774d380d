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
