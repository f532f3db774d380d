import { blob, index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** After a change here: `npx drizzle-kit generate --dialect sqlite --schema core/control/schema.ts --out core/control/migrations`. */
export const runs = sqliteTable(
  'runs',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    /** RFC 3339. */
    createdAt: text('created_at').notNull(),
    state: text('state', {
      enum: ['queued', 'waiting', 'preparing', 'running', 'draining', 'verifying', 'finished', 'failed'],
    }).notNull(),
    reason: text('reason').notNull().default(''),
    verdict: text('verdict').notNull().default(''),
    /** As JSON of the plan schema. */
    plan: text('plan').notNull(),
    baseDirectory: text('base_directory').notNull(),
    /** The control process that conducts or conducted it. */
    ownerHost: text('owner_host').notNull(),
    ownerPid: integer('owner_pid').notNull(),
    /** As JSON, see checkpoint.ts. */
    checkpoint: text('checkpoint').notNull().default(''),
    /** RunResult as UTF-8 JSON in gzip, once the run has finished. */
    result: blob('result', { mode: 'buffer' }),
  },
  (table) => [index('runs_created_at').on(table.createdAt)],
);

/** Windows of runs under way: a row is a window's effect and its seq at once. Gone when the run's result is stored. */
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
