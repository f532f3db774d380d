/**
 * The tables of a store in SQLite; mysql-schema.ts has the same for MySQL, column by column. After a change here:
 * `npx drizzle-kit generate --dialect sqlite --schema core/control/store/schema.ts --out core/control/store/migrations`
 */
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
