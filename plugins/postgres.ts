import type { Client } from 'pg';
import { z } from 'zod';
import { errorMessage } from '../core/error.ts';
import type { Output, OutputContext, OutputSecond, RunSoFar } from '../core/output.ts';
import { object } from '../core/plan/fields.ts';
import { shown } from '../core/plan/messages.ts';
import { defineOutput, PluginError } from '../core/plugin.ts';
import { holdsPassword, PASSWORD_IN_PLAN, withoutPassword } from '../core/secrets/database-url.ts';
import { referencesIn } from '../core/secrets/reference.ts';
import type { RunResult } from '../core/stats/result.ts';
import { outcomeOf } from '../core/verdict/conclusion/run-outcome.ts';
import { failureOf, hostFilesIn, isOfData, newClient } from './postgres/client.ts';
import {
  agentRows,
  eventRows,
  failureRows,
  loadRows,
  monitorRows,
  type RowsOfSecond,
  type RunPlace,
  secondRows,
  secondsOf,
  thresholdRows,
} from './postgres/rows.ts';
import {
  AGENT_SECONDS,
  creation,
  EVENTS,
  FAILURES,
  LOADS,
  listsOf,
  MONITOR_SAMPLES,
  type Row,
  RUNS,
  SECONDS,
  TABLES,
  type Table,
  THRESHOLDS,
  upsert,
} from './postgres/tables.ts';

/** How many rows of missed seconds are written in one statement. */
const MAX_ROWS = 5000;
/** Tables are made under this advisory lock, because two that make the same one at once may both fail. */
const CREATION_LOCK = 0x62656e63;

const options = object({
  url: z
    .string()
    .refine((url) => referencesIn(url).length > 0 || /^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? ''), {
      error: (issue) => `must be a PostgreSQL URL, not ${shown(withoutPassword(String(issue.input)))}`,
    })
    .refine((url) => !holdsPassword(url), { error: PASSWORD_IN_PLAN })
    .describe(`postgres://user:\${env:NAME}@host:5432/database. Tables are made where they are missing.`),
});

/** Writes the figures of a run to a PostgreSQL database, or one with TimescaleDB, each second. */
export default defineOutput<z.output<typeof options>>({
  name: 'postgres',
  description: 'Writes the figures of each second, and what the run came to, to PostgreSQL or TimescaleDB.',
  options,
  hostFiles: ({ url }) => hostFilesIn(url),
  async open({ url }, context, signal) {
    if (!/^postgres(ql)?:/i.test(url)) throw new PluginError('the url is no PostgreSQL URL');
    const output = new PostgresOutput(url, context);
    await output.connect(signal);
    return output;
  },
});

class PostgresOutput implements Output {
  readonly #url: string;
  readonly #context: OutputContext;
  /** Undefined while there is no connection. */
  #client: Client | undefined;
  /** Undefined until the run is in its table. */
  #place: RunPlace | undefined;

  constructor(url: string, context: OutputContext) {
    this.#url = url;
    this.#context = context;
  }

  async connect(signal: AbortSignal): Promise<Client> {
    if (this.#client !== undefined) return this.#client;
    const client = await newClient(this.#url);
    client.on('error', () => this.#drop(client));
    try {
      await client.connect();
      await makeTables(client);
      signal.throwIfAborted();
    } catch (error) {
      this.#drop(client);
      throw signal.aborted ? error : failureOf(error, client);
    }
    this.#client = client;
    return client;
  }

  async second(figures: OutputSecond, signal: AbortSignal): Promise<void> {
    const { startedAt, soFar, second } = figures;
    try {
      await this.#transaction(signal, startedAt, async (client, place) => {
        await write(client, SECONDS, secondRows(place, figures));
        await write(client, LOADS, loadRows(place, figures));
        await write(client, AGENT_SECONDS, agentRows(place, figures));
        await write(client, MONITOR_SAMPLES, monitorRows(place, figures));
        if (soFar !== undefined) await writeSums(client, place, soFar);
      });
    } catch (error) {
      if (!isOfData(error)) throw error;
      // It would be refused each time, and all seconds after it would wait for it.
      this.#context.note(
        `second ${second} is left out, because the database refuses its figures: ${errorMessage(error)}`,
      );
    }
  }

  async end(result: RunResult, signal: AbortSignal): Promise<void> {
    const { startedAt, warmupUs, measuredUs, verdict } = result;
    await this.#transaction(signal, startedAt, async (client, place) => {
      const written = await writtenMarks(client, place);
      const missing = [...secondsOf(result)].filter((second) => written.get(second.second) !== markOf(second));
      await write(
        client,
        SECONDS,
        missing.flatMap((second) => secondRows(place, second)),
      );
      const missed = new Set(missing.map(({ second }) => second));
      await write(client, MONITOR_SAMPLES, missedSamples(place, result, missed));
      await writeSums(client, place, result);
      const ended_at = new Date(place.startedMs + (warmupUs + measuredUs) / 1000);
      const outcome = outcomeOf(result);
      await write(client, RUNS, [
        { ...this.#run(place.startedMs), ended_at, outcome, reasons: verdict.reasons.join('\n') },
      ]);
    });
  }

  async close(): Promise<void> {
    await this.#client?.end();
  }

  /** Writes all or nothing. A connection on which something has failed is not used again. */
  async #transaction(
    signal: AbortSignal,
    startedAt: string,
    work: (client: Client, place: RunPlace) => Promise<void>,
  ): Promise<void> {
    const client = await this.connect(signal);
    const cut = () => this.#drop(client);
    signal.addEventListener('abort', cut);
    try {
      await client.query('BEGIN');
      await work(client, await this.#placeIn(client, startedAt));
      await client.query('COMMIT');
    } catch (error) {
      this.#drop(client);
      throw failureOf(error, client);
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  /** Another control may have begun to write this run: its time of the run start is kept, or a second would have two rows. */
  async #placeIn(client: Client, startedAt: string): Promise<RunPlace> {
    if (this.#place !== undefined) return this.#place;
    const { run_id, plan, target, seed, started_at } = this.#run(Date.parse(startedAt));
    const { rows } = await client.query<{ started_at: Date }>(
      `INSERT INTO ${RUNS.name} (run_id, plan, target, seed, started_at, outcome) VALUES ($1, $2, $3, $4, $5, 'running') ` +
        `ON CONFLICT (run_id) DO UPDATE SET plan = EXCLUDED.plan RETURNING started_at`,
      [run_id, plan, target, seed, started_at],
    );
    const place = { runId: this.#context.runId, startedMs: rows[0]?.started_at.getTime() ?? Date.parse(startedAt) };
    this.#place = place;
    return place;
  }

  #run(startedMs: number): Row {
    const { runId, plan, target, seed } = this.#context;
    return { run_id: runId, plan, target, seed, started_at: new Date(startedMs) };
  }

  #drop(client: Client): void {
    if (this.#client === client) {
      this.#client = undefined;
      // The transaction that wrote the run may not have been committed.
      this.#place = undefined;
    }
    void client.end().catch(() => {});
  }
}

/** Makes the tables that are not there: once they are, the right to do so is not needed. */
async function makeTables(client: Client): Promise<void> {
  if ((await missingTables(client)).length === 0) return;
  await client.query('BEGIN');
  await client.query(`SELECT pg_advisory_xact_lock(${CREATION_LOCK})`);
  // Another control may have made them meanwhile.
  const missing = await missingTables(client);
  for (const table of missing) await client.query(creation(table));
  const { rows } = await client.query<{ has: boolean }>(
    `SELECT count(*) > 0 AS has FROM pg_proc WHERE proname = 'create_hypertable'`,
  );
  if (rows[0]?.has) {
    for (const { name } of missing.filter(({ isSeries }) => isSeries)) {
      await client.query(`SELECT create_hypertable('${name}', 'at')`);
    }
  }
  await client.query('COMMIT');
}

async function missingTables(client: Client): Promise<Table[]> {
  // Not to_regclass: it may remember, after a wait for the lock, that a table was not there before.
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) AS name ' +
      'WHERE NOT EXISTS (SELECT FROM pg_class WHERE relname = name AND pg_table_is_visible(oid))',
    [TABLES.map(({ name }) => name)],
  );
  const missing = new Set(rows.map(({ name }) => name));
  return TABLES.filter(({ name }) => missing.has(name));
}

/** What a run has come to, which grows as it goes on. */
async function writeSums(
  client: Client,
  place: RunPlace,
  sums: Pick<RunSoFar, 'operations' | 'events' | 'thresholds'>,
): Promise<void> {
  await write(client, FAILURES, failureRows(place, sums));
  await write(client, EVENTS, eventRows(place, sums));
  await write(client, THRESHOLDS, thresholdRows(place, sums));
}

async function write(client: Client, table: Table, rows: readonly Row[]): Promise<void> {
  for (let from = 0; from < rows.length; from += MAX_ROWS) {
    // A name makes the server prepare the statement once for each connection.
    await client.query({
      name: table.name,
      text: upsert(table),
      values: listsOf(table, rows.slice(from, from + MAX_ROWS)),
    });
  }
}

function missedSamples(place: RunPlace, { monitors }: RunResult, missed: ReadonlySet<number>): Row[] {
  return monitors.flatMap(({ name, seconds, values }) =>
    seconds.flatMap((second, i) =>
      missed.has(second) ? monitorRows(place, { second, monitors: { [name]: values[i] as number } }) : [],
    ),
  );
}

/** What the table has of each second of the run, whichever process wrote it: see {@link markOf}. */
async function writtenMarks(client: Client, { runId }: RunPlace): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ second: number; mark: string }>(
    `SELECT second, concat_ws(' ', count(*), sum(requests), sum(errors), sum(sum_us)) AS mark FROM ${SECONDS.name} ` +
      'WHERE run_id = $1 GROUP BY second',
    [runId],
  );
  return new Map(rows.map(({ second, mark }) => [second, mark]));
}

/** Tells whether two versions of a second are the same: a window that comes late changes at least one of these. */
function markOf({ rows }: RowsOfSecond): string {
  const sum = (of: 'requests' | 'errors' | 'sumUs') => rows.reduce((total, row) => total + row[of], 0);
  return `${rows.length} ${sum('requests')} ${sum('errors')} ${sum('sumUs')}`;
}
