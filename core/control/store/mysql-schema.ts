/**
 * The tables of a store in MySQL: those of schema.ts, column by column. After a change here:
 * `npx drizzle-kit generate --dialect mysql --schema core/control/store/mysql-schema.ts --out core/control/store/migrations/mysql`,
 * in which each table is to be InnoDB in utf8mb4.
 */
import * as mysql from 'drizzle-orm/mysql-core';
import { RUN_STATES } from '../run/run-state.ts';

/** Bytes in MySQL, for which drizzle has no type of its own. */
const bytes = mysql.customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'longblob' });
/** Text compared byte by byte, as SQLite does: "a" and "a " are two agents. */
const exact = mysql.varbinary;

export const mysqlRuns = mysql.mysqlTable(
  'bench_runs',
  {
    id: exact('id', { length: 32 }).primaryKey(),
    name: mysql.text('name').notNull(),
    createdAt: exact('created_at', { length: 32 }).notNull(),
    state: mysql.varchar('state', { length: 16, enum: RUN_STATES }).notNull(),
    reason: mysql.mediumtext('reason').notNull(),
    verdict: mysql.varchar('verdict', { length: 16 }).notNull(),
    plan: mysql.longtext('plan').notNull(),
    baseDirectory: mysql.text('base_directory').notNull(),
    ownerHost: mysql.varchar('owner_host', { length: 255 }).notNull(),
    ownerPid: mysql.int('owner_pid').notNull(),
    ownerIsPrivate: mysql.boolean('owner_is_private').notNull().default(false),
    checkpoint: mysql.longtext('checkpoint').notNull(),
    result: bytes('result'),
    note: mysql.varchar('note', { length: 2000 }).notNull().default(''),
    tags: mysql.varchar('tags', { length: 2000 }).notNull().default('[]'),
    /** Order in which runs were stored; SQLite keeps such a column under this name by itself. */
    rowid: mysql.bigint('rowid', { mode: 'number' }).notNull().autoincrement().unique(),
  },
  (table) => [mysql.index('runs_created_at').on(table.createdAt)],
);

export const mysqlWindows = mysql.mysqlTable(
  'bench_windows',
  {
    runId: exact('run_id', { length: 32 }).notNull(),
    /** At most 80 characters. */
    agent: exact('agent', { length: 320 }).notNull(),
    epoch: exact('epoch', { length: 256 }).notNull(),
    seq: mysql.int('seq', { unsigned: true }).notNull(),
    window: bytes('window').notNull(),
  },
  (table) => [mysql.primaryKey({ columns: [table.runId, table.agent, table.epoch, table.seq] })],
);

export const mysqlMonitorSamples = mysql.mysqlTable(
  'bench_monitor_samples',
  {
    runId: exact('run_id', { length: 32 }).notNull(),
    monitor: exact('monitor', { length: 320 }).notNull(),
    second: mysql.int('second', { unsigned: true }).notNull(),
    metrics: mysql.mediumtext('metrics').notNull(),
  },
  (table) => [mysql.primaryKey({ columns: [table.runId, table.monitor, table.second] })],
);

export const mysqlBaselines = mysql.mysqlTable('bench_baselines', {
  name: exact('name', { length: 80 }).primaryKey(),
  runIds: mysql.text('run_ids').notNull(),
  setAt: exact('set_at', { length: 32 }).notNull(),
});
