/** A run of real processes, as its outputs see it: what is in the database and what was posted is what the result says. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import t from 'tap';
import { matchEach } from '../../kit/match-each.ts';
import { privatePostgres } from '../../kit/programs/postgres.ts';
import { workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';
import { nullPlan } from '../plans.ts';

t.setTimeout(400_000);

t.test(
  'a database whose connections are cut in the middle of a run, and a receiver that refuses at first',
  async (t) => {
    const posted: { type: string; data: { requests: number } }[] = [];
    let refusals = 0;
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        response.statusCode = refusals++ === 0 ? 503 : 204;
        if (response.statusCode === 204) posted.push(JSON.parse(body));
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    const url = await privatePostgres(t);
    const client = new pg.Client(url);
    await client.connect();
    t.teardown(() => client.end());
    const { folder, start } = workbench(t, {
      'plan.yaml': nullPlan(
        6,
        `outputs: { chat: { use: webhook, options: { url: '${hook}' } }, gone: { use: webhook, options: { url: 'http://127.0.0.1:1' } } }`,
      ),
    });
    const run = start(['run', 'plan.yaml', '--out', 'out', '--agents', '2', '--out-to', `postgres=${url}`]);
    await run.said(/running/);
    const seconds = async () => (await client.query('SELECT FROM bench_second')).rowCount ?? 0;
    // The tables are made while the run is being prepared, or soon after.
    while ((await seconds().catch(() => 0)) === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'bench'");
    const { stdout, stderr } = await run.ended;
    const result = resultIn(`${folder}/out`);
    const { rows } = await client.query(
      `SELECT s.run_id, outcome, sum(requests)::int AS requests, sum(errors)::int AS errors, count(DISTINCT second)::int AS seconds,
     min(s.at) = min(started_at) AS begins FROM bench_second s JOIN bench_run USING (run_id) GROUP BY 1, 2`,
    );
    const [operation] = result.operations;
    const { requests = 0, errors = 0 } = operation?.phases.measure ?? {};
    const outcome = result.verdict.kind === 'invalid' ? 'invalid' : 'pass';
    // On a busy host, the last operation may end in the second after the load.
    const busy = result.timeline.all.requests.filter((count) => count > 0).length;
    t.same(rows, [{ run_id: result.runId, outcome, requests, errors, seconds: busy, begins: true }], stderr);
    matchEach(t, posted, [{ type: 'bench.run.ended', data: { runId: result.runId, requests } }]);
    t.equal(posted.length, 1);
    t.match(stdout + stderr, 'output gone has not taken the result: http://127.0.0.1:1 cannot be reached');
  },
);

t.test('what is wrong with an output is said before anything starts', async (t) => {
  const { run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  const wrong: [string, string][] = [
    ['nosuch', 'bench: --out-to nosuch: unknown output "nosuch"'],
    ['webhook', 'bench: --out-to webhook: url: '],
    ['postgres=postgres://me:secret@db/shop', 'bench: --out-to postgres: url: contains a password'],
    ['./none.ts', 'bench: --out-to ./none.ts: the output'],
  ];
  for (const [outTo, message] of wrong) {
    const { code, stderr } = await run(['run', 'plan.yaml', '--out-to', outTo]);
    t.equal(code, 104, outTo);
    t.match(stderr, message);
    t.notMatch(stderr, 'secret@');
    t.notMatch(stderr, 'plan.yaml');
  }
  const control = await run(['control', '--port', '0', '--out-to', 'webhook=ftp://a']);
  t.equal(control.code, 104);
  t.match(control.stderr, '--out-to webhook: url: must be an http URL');
});
