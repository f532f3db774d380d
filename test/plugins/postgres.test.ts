/** What a run leaves in a PostgreSQL database adds up to its result, whatever becomes of the database meanwhile. */
import { createHash } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import t, { type Test } from 'tap';
import type { Output, OutputSecond } from '../../core/output.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { secondsOf } from '../../plugins/postgres/rows.ts';
import postgres from '../../plugins/postgres.ts';
import { sampleResult } from '../../testing/index.ts';
import { matchEach } from '../kit/match-each.ts';
import { privatePostgres } from '../kit/programs/postgres.ts';

t.setTimeout(400_000);

const CONTEXT = { runId: 'r1', plan: 'Shop', target: 'http://shop.example', seed: 7, note: () => {} };
const { signal } = new AbortController();

const opened = async (url: string, runId = 'r1'): Promise<Output> =>
  postgres.open({ url }, { ...CONTEXT, runId }, signal);

/** The seconds of a result as control gives them while the run goes on. */
function givenSeconds({
  startedAt,
  operations,
  events,
  thresholds,
  timings,
  scenarios,
  timeline,
}: RunResult): OutputSecond[] {
  const result = { startedAt, operations, events, thresholds, timings, scenarios, timeline } as RunResult;
  return [...secondsOf(result)].map(({ second, rows }) => ({
    second,
    startedAt,
    isCorrection: false,
    rows,
    scenarios: scenarios.map(({ name }) => ({ name, vus: 3, droppedArrivals: 1 })),
    agents: [{ name: 'agent-1', state: 'here', processCpuCores: 0.5, processMemoryBytes: 1e8, loopLagUs: 900 }],
    monitors: { 'target.queue_depth': second },
    soFar:
      second % 5 === 4
        ? {
            operations,
            events,
            thresholds,
            timings,
            scenarios,
            seconds: second + 1,
            behindSeconds: 0.5,
            verdict: 'fail',
          }
        : undefined,
  }));
}

async function database(t: Pick<Test, 'teardown'>) {
  const url = await privatePostgres(t);
  const client = new pg.Client(url);
  await client.connect();
  t.teardown(() => client.end());
  const rows = async (sql: string) => (await client.query(sql)).rows;
  return { url, client, rows };
}

/** Requests, errors and microseconds of each row, both phases together. */
function totalsOf({ operations }: RunResult) {
  const totals = operations.map(({ scenario, name: operation, type, phases: { warmup, measure } }) => ({
    scenario,
    operation,
    type,
    requests: warmup.requests + measure.requests,
    errors: warmup.errors + measure.errors,
    sum_us: warmup.responseTime.sumUs + measure.responseTime.sumUs,
  }));
  return totals.filter(({ requests }) => requests > 0).sort((a, b) => (a.operation < b.operation ? -1 : 1));
}

const SUMS = `SELECT scenario, operation, type, sum(requests)::int AS requests, sum(errors)::int AS errors,
  sum(sum_us)::float8 AS sum_us FROM bench_second WHERE run_id = 'r1' AND kind = 'request' GROUP BY 1, 2, 3 ORDER BY 2`;

t.test('a run in the tables', async (t) => {
  const { url, client, rows } = await database(t);
  const result = sampleResult('failed');
  const seconds = givenSeconds(result);
  const total = totalsOf(result);
  const kinds = result.operations.flatMap(({ phases }) =>
    Object.values(phases).flatMap(({ errorKinds }) => errorKinds),
  );

  await t.test('each second, and what the run has come to', async (t) => {
    const output = await opened(url);
    for (const second of seconds) await output.second(second, signal);
    await output.end(result, signal);
    await output.close(signal);
    t.same(await rows(SUMS), total);
    const [{ count }] = await rows('SELECT count(*)::int FROM bench_load');
    t.equal(count, seconds.length * result.scenarios.length);
    matchEach(t, await rows('SELECT * FROM bench_agent_second ORDER BY second LIMIT 1'), [
      { agent: 'agent-1', state: 'here', cpu_cores: 0.5, memory_bytes: '100000000', loop_lag_us: '900' },
    ]);
    t.same(
      (await rows('SELECT value FROM bench_monitor_sample ORDER BY second')).map(({ value }) => value),
      seconds.map(({ second }) => second),
    );
    const [{ sum }] = await rows('SELECT coalesce(sum(failures), 0)::int AS sum FROM bench_failure');
    t.equal(
      sum,
      kinds.reduce((all, { count }) => all + count, 0),
    );
    t.equal((await rows('SELECT * FROM bench_threshold')).length, result.thresholds.length);
    t.equal((await rows('SELECT * FROM bench_event')).length, result.events.length);
    const [run] = await rows('SELECT * FROM bench_run');
    t.match(run, { run_id: 'r1', plan: 'Shop', target: 'http://shop.example', seed: '7', outcome: 'fail' });
    t.equal(run?.started_at.getTime(), Date.parse(result.startedAt));
    t.equal(run?.reasons, result.verdict.reasons.join('\n'));
  });

  await t.test('a second that comes again replaces what was there, in whatever process', async (t) => {
    const output = await opened(url);
    const later = new Date(Date.parse(result.startedAt) + 1).toISOString();
    const [first] = seconds as [OutputSecond];
    const fewer = first.rows.map((row) => ({ ...row, requests: 0, errors: 0, sumUs: 0 }));
    await output.second({ ...first, startedAt: later, rows: fewer, isCorrection: true }, signal);
    t.notSame(await rows(SUMS), total);
    await output.second({ ...first, startedAt: later, isCorrection: true }, signal);
    t.same(await rows(SUMS), total, 'no row is there twice, though the clock says another start');
    await output.close(signal);
  });

  await t.test('seconds that were missed are written at the end', async (t) => {
    await client.query('DELETE FROM bench_second; DELETE FROM bench_monitor_sample; DELETE FROM bench_run');
    const output = await opened(url);
    for (const second of seconds.slice(0, 3)) await output.second(second, signal);
    await output.second({ ...(seconds[1] as OutputSecond), rows: [] }, signal);
    t.notSame(await rows(SUMS), total);
    await output.end(result, signal);
    t.same(await rows(SUMS), total);
    await output.close(signal);
  });

  await t.test('a control that was started again writes only what is missing', async (t) => {
    const before = await rows('SELECT DISTINCT second FROM bench_second');
    await client.query('DELETE FROM bench_second WHERE second = 1; UPDATE bench_second SET p50_us = -1');
    const output = await opened(url);
    await output.end(result, signal);
    await output.close(signal);
    t.same(await rows('SELECT DISTINCT second FROM bench_second WHERE p50_us >= 0'), [{ second: 1 }]);
    t.equal((await rows('SELECT DISTINCT second FROM bench_second')).length, before.length);
    t.same(await rows(SUMS), total);
  });

  await t.test('a call that is waited for no longer leaves no connection', async (t) => {
    const output = await opened(url);
    const late = new AbortController();
    await client.query('BEGIN; LOCK TABLE bench_second');
    const given = t.rejects(async () => output.second(seconds[0] as OutputSecond, late.signal));
    const count = async (where: string) =>
      (await rows(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE ${where}`))[0]?.n;
    while ((await count("application_name = 'bench' AND wait_event_type = 'Lock'")) === 0) await setTimeout(20);
    late.abort();
    await output.close(signal);
    await client.query('ROLLBACK');
    await given;
    while ((await count("application_name = 'bench' AND state <> 'idle in transaction'")) > 0) await setTimeout(20);
    t.equal(await count("application_name = 'bench'"), 0);
  });

  await t.test('a connection that is cut is made anew', async (t) => {
    const output = await opened(url);
    await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bench'");
    const [first] = seconds as [OutputSecond];
    const give = async () => output.second(first, signal);
    // Whether the cut is seen before the call or in it is a matter of time.
    await give().catch(give);
    await output.end(result, signal);
    t.same(await rows(SUMS), total);
    await output.close(signal);
  });

  await t.test('a statement that fails leaves nothing of its second', async (t) => {
    await client.query('ALTER TABLE bench_agent_second ADD CONSTRAINT none CHECK (false) NOT VALID');
    const output = await opened(url, 'r2');
    await t.rejects(async () => output.second(seconds[0] as OutputSecond, signal), {
      message: /violates check constraint/,
    });
    t.same(await rows("SELECT * FROM bench_second WHERE run_id = 'r2'"), []);
    await client.query('ALTER TABLE bench_agent_second DROP CONSTRAINT none');
    await output.second(seconds[0] as OutputSecond, signal);
    t.ok((await rows("SELECT * FROM bench_second WHERE run_id = 'r2'")).length > 0);
    await output.close(signal);
  });

  await t.test('a second whose figures the database refuses is left out, and holds up none after it', async (t) => {
    const notes: string[] = [];
    const context = { ...CONTEXT, runId: 'r4', note: (text: string) => notes.push(text) };
    const output = await postgres.open({ url }, context, signal);
    const [first, next] = seconds as [OutputSecond, OutputSecond];
    const agents = first.agents.map((agent) => ({ ...agent, processMemoryBytes: 1.5 }));
    await output.second({ ...first, agents }, signal);
    t.match(notes, [
      /^second 0 is left out, because the database refuses its figures: invalid input syntax for type bigint/,
    ]);
    await output.second(next, signal);
    t.strictSame(await rows("SELECT DISTINCT second FROM bench_second WHERE run_id = 'r4'"), [{ second: next.second }]);
    await output.close(signal);
  });

  await t.test('texts of answers may hold what PostgreSQL cannot store', async (t) => {
    const output = await opened(url, 'r3');
    const [operation] = result.operations as [RunResult['operations'][number]];
    const failures = { kind: 'x\0y', count: 1, example: 'a\0b', firstSecond: 0, lastSecond: 0 };
    const phases = { ...operation.phases, measure: { ...operation.phases.measure, errorKinds: [failures] } };
    await output.end({ ...result, operations: [{ ...operation, phases }] }, signal);
    matchEach(t, await rows("SELECT * FROM bench_failure WHERE run_id = 'r3'"), [{ error_kind: 'xy', example: 'ab' }]);
    await output.close(signal);
  });
});

t.test('many controls may make the tables at once', async (t) => {
  const { url, rows } = await database(t);
  const outputs = await Promise.all(Array.from({ length: 6 }, (_, i) => opened(url, `r${i}`)));
  const [second] = givenSeconds(sampleResult('passed')) as [OutputSecond];
  await Promise.all(outputs.map((output) => output.second(second, signal)));
  t.equal((await rows('SELECT * FROM bench_run')).length, 6);
  await Promise.all(outputs.map((output) => output.close(signal)));
});

t.test('the right to make tables is needed once', async (t) => {
  const { url, client } = await database(t);
  await client.query('CREATE ROLE writer LOGIN; GRANT CREATE ON SCHEMA public TO writer');
  const asWriter = url.replace('postgres@', 'writer@');
  await (await opened(asWriter)).close(signal);
  await client.query('REVOKE CREATE ON SCHEMA public FROM writer');
  const output = await opened(asWriter);
  await output.end(sampleResult('passed'), signal);
  await output.close(signal);
  await client.query('DROP TABLE bench_load');
  await t.rejects(opened(asWriter), {
    message:
      'permission denied for schema public: have the owner of the database run GRANT CREATE ON SCHEMA "public" TO "writer", which is needed until the tables are there',
  });
  await client.query('GRANT CREATE ON SCHEMA public TO writer');
  await (await opened(asWriter)).close(signal);
  await client.query('ALTER TABLE bench_run OWNER TO postgres');
  await t.rejects(async () => (await opened(asWriter)).end(sampleResult('passed'), signal), {
    message: /^permission denied for table bench_run: have .* GRANT SELECT, INSERT, UPDATE ON "bench_run" TO "writer"$/,
  });
});

t.test('where TimescaleDB is there, tables that grow become hypertables', async (t) => {
  const { url, client, rows } = await database(t);
  await client.query(`CREATE TABLE made (name text, at text);
    CREATE FUNCTION create_hypertable(name text, at text) RETURNS void LANGUAGE sql AS 'INSERT INTO made VALUES ($1, $2)'`);
  for (let time = 0; time < 2; time++) await (await opened(url)).close(signal);
  t.same(await rows('SELECT * FROM made ORDER BY 1'), [
    { name: 'bench_agent_second', at: 'at' },
    { name: 'bench_load', at: 'at' },
    { name: 'bench_monitor_sample', at: 'at' },
    { name: 'bench_second', at: 'at' },
  ]);
});

t.test('a database that is away, or refuses, is told in one line', async (t) => {
  await t.rejects(opened('postgres://nobody@127.0.0.1:1/none'), { name: 'PluginError', message: /ECONNREFUSED/ });
  const { url } = await database(t);
  await t.rejects(opened(url.replace(/postgres$/, 'nothing')), { message: 'database "nothing" does not exist' });
});

t.test('a server is told the password of its URL, and no other that control has', async (t) => {
  process.env.PGPASSWORD = 'of-control';
  t.teardown(() => delete process.env.PGPASSWORD);
  const told: string[] = [];
  // It asks for the password as MD5, with a salt of zeros: https://www.postgresql.org/docs/current/protocol-message-formats.html
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.once('data', (message: Buffer) => {
        told.push(message.subarray(5, -1).toString());
        socket.end();
      });
      socket.write(Buffer.from([0x52, 0, 0, 0, 12, 0, 0, 0, 5, 0, 0, 0, 0]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const place = `127.0.0.1:${port}/a`;
  const sent = async (account: string, query = ''): Promise<string | undefined> => {
    await t.rejects(opened(`postgres://${account}@${place}${query}`));
    return told.pop();
  };
  const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('hex');
  const hashOf = (password: string) => `md5${md5(Buffer.concat([Buffer.from(md5(`${password}me`)), Buffer.alloc(4)]))}`;
  t.equal(await sent('me:own'), hashOf('own'));
  t.equal(await sent('me', '?password=own'), hashOf('own'));
  t.equal(await sent('me:own', '?password='), hashOf('own'));
  t.equal(await sent('me:%zz+%C3%A4%26'), hashOf('%zz+ä&'), 'decoded where it can be');
  t.equal(await sent('me', `?host=127.0.0.1&port=${port}&password=own`), hashOf('own'));
  // Each looks as if it had a password, for another reader of URLs than pg.
  const none = ['', '?password=', '?password=own&password=', '?application_name=a#?password=own', '#&password=own'];
  for (const query of [...none, '?application_name=a b&passw%6frd=own']) {
    const password = await sent('me', query);
    t.not(password, hashOf('of-control'), query);
    if (none.includes(query)) t.equal(password, hashOf(''), query);
  }
  t.equal(await sent('me:'), hashOf(''));
  await t.rejects(opened('mysql://me@127.0.0.1/a'), { message: 'the url is no PostgreSQL URL' });
});

t.test('options that cannot work are refused', async (t) => {
  for (const [url, message] of [
    [undefined, /url/],
    ['mysql://a/b', /must be a PostgreSQL URL/],
    ['postgres://u:secret@a/b', /contains a password/],
  ] as const) {
    const { issues } = await postgres.options['~standard'].validate({ url });
    t.match(JSON.stringify(issues), message);
    t.notMatch(JSON.stringify(issues), 'secret');
  }
});
