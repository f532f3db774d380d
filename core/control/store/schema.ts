/**
 * The tables of the store, for both databases; each column is declared twice, side by side.
 * After a change here: `npx drizzle-kit generate --dialect sqlite --schema core/control/store/schema.ts --out core/control/store/migrations`
 * and the same with `--dialect mysql` and `--out core/control/store/migrations/mysql`, where each table is InnoDB in utf8mb4.
 */
import * as mysql from 'drizzle-orm/mysql-core';
import { blob, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { RUN_STATES } from '../run/run-state.ts';

export const runs = sqliteTable(
  'runs',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    /** RFC 3339. */
    createdAt: text('created_at').notNull(),
    state: text('state', { enum: RUN_STATES }).notNull(),
    reason: text('reason').notNull().default(''),
    verdict: text('verdict').notNull().default(''),
    /** The plan as JSON, in the form of the plan schema. */
    plan: text('plan').notNull(),
    baseDirectory: text('base_directory').notNull(),
    /** The control process that the run belongs to. */
    ownerHost: text('owner_host').notNull(),
    ownerPid: integer('owner_pid').notNull(),
    /** Whether that process serves this run alone. */
    ownerIsPrivate: integer('owner_is_private', { mode: 'boolean' }).notNull().default(false),
    /** As JSON, see checkpoint.ts. */
    checkpoint: text('checkpoint').notNull().default(''),
    /** RunResult as UTF-8 JSON in gzip, once the run has finished. */
    result: blob('result', { mode: 'buffer' }),
    note: text('note').notNull().default(''),
    /** As JSON. */
    tags: text('tags').notNull().default('[]'),
  },
  (table) => [index('runs_created_at').on(table.createdAt)],
);

/** Windows of runs under way: one row stores a window together with its seq. They are deleted when the result is stored. */
export const windows = sqliteTable(
  'windows',
  {
    runId: text('run_id').notNull(),
    agent: text('agent').notNull(),
    epoch: text('epoch').notNull(),
    seq: integer('seq').notNull(),
    /** bench.v1.Window */
    window: blob('window', { mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.agent, table.epoch, table.seq] })],
);

/** Samples of the monitors of runs under way. They are deleted when the result is stored. */
export const monitorSamples = sqliteTable(
  'monitor_samples',
  {
    runId: text('run_id').notNull(),
    monitor: text('monitor').notNull(),
    second: integer('second').notNull(),
    /** Values by metric, as JSON. */
    metrics: text('metrics').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.monitor, table.second] })],
);

/** Runs that others are compared with. */
export const baselines = sqliteTable('baselines', {
  name: text('name').primaryKey(),
  /** As JSON. */
  runIds: text('run_ids').notNull(),
  /** RFC 3339. */
  setAt: text('set_at').notNull(),
});

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
