import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { freePort } from '../../../core/cli/processes/free-port.ts';
import { workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';

t.setTimeout(400_000);

/** Answers everything, and keeps the last part of what it was asked. From the `heldFrom`th request on, answers wait for `goOn`. */
async function startCounter(t: Pick<Test, 'teardown'>, heldFrom: number) {
  const rows: string[] = [];
  const { promise: released, resolve: goOn } = Promise.withResolvers<void>();
  let changed = () => {};
  const server = createServer((request, response) => {
    rows.push(request.url?.split('/').at(-1) ?? '');
    if (rows.length < heldFrom) response.end('ok');
    else void released.then(() => response.end('ok'));
    changed();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const reached = (count: number) =>
    new Promise<void>((resolve) => {
      changed = () => rows.length >= count && resolve();
      changed();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, rows, reached, goOn };
}

const ROWS = 900;

const plan = (url: string) => `name: Each row once
target: ${url}
drivers:
  http:
    options:
      data: { users: { file: users.csv, atEnd: stop } }
      operations: { buy: { path: '/buy/\${users.id}' } }
scenarios:
  buyers: { executor: constant-vus, vus: 8, duration: 120s, thinkTime: 50ms, operations: [{ driver: http, operation: buy }] }
reports: [json]
`;

function eachOnce(t: Test, rows: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  t.same(
    [...counts].filter(([, count]) => count > 1),
    [],
    'no row twice',
  );
  t.equal(counts.size, ROWS, 'none left out');
}

t.test('three agents, of which one leaves, and one that joins, use each row of a file once', async (t) => {
  const counter = await startCounter(t, ROWS / 3);
  const users = `id\n${Array.from({ length: ROWS }, (_, i) => `${i}\n`).join('')}`;
  const { folder, start } = workbench(t, { 'plan.yaml': plan(counter.url), 'users.csv': users });
  const control = start(['control', '--port', '0']);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  const join = (name: string) => start(['agent', '--control', address, '--name', name]);
  const [first] = ['a', 'b', 'c'].map(join);
  const bench = start(['run', 'plan.yaml', '--control', address, '--expect-agents', '3', '--elastic', '--out', 'out']);
  // A run that ends before has failed.
  await Promise.race([counter.reached(ROWS / 6), bench.ended]);
  first?.kill('SIGTERM');
  await Promise.race([counter.reached(ROWS / 3), bench.ended]);
  join('d');
  await bench.said(/agent d takes .* of the load/);
  counter.goOn();
  const { code, stderr } = await bench.ended;
  // Whoever leaves takes a part of the load with it, and a busy host delays it.
  t.ok(code === 0 || code === 120, stderr);
  eachOnce(t, counter.rows);
  const result = resultIn(`${folder}/out`);
  const requests = Object.fromEntries(result.agents.map(({ name, requests }) => [name, requests]));
  for (const name of ['a', 'b', 'c', 'd']) t.ok(requests[name], JSON.stringify(requests));
  t.notMatch(JSON.stringify(result.events), /rows of data users/, 'no row is unaccounted for');
});

t.test('a control that is killed and started again deals no row twice, and leaves none out', async (t) => {
  const counter = await startCounter(t, Number.POSITIVE_INFINITY);
  const users = `id\n${Array.from({ length: ROWS }, (_, i) => `${i}\n`).join('')}`;
  const { start } = workbench(t, { 'plan.yaml': plan(counter.url), 'users.csv': users });
  const port = String(await freePort());
  const address = `127.0.0.1:${port}`;
  const control = () => start(['control', '--port', port, '--store', 'runs.sqlite']);
  const first = control();
  await first.said(/^Control on/m);
  for (const name of ['a', 'b']) start(['agent', '--control', address, '--name', name]);
  const bench = start(['run', 'plan.yaml', '--control', address, '--expect-agents', '2', '--out', 'out']);
  await Promise.race([counter.reached(ROWS / 4), bench.ended]);
  first.kill('SIGKILL');
  await first.ended;
  control();
  const { code, stderr } = await bench.ended;
  t.ok(code === 0 || code === 120, stderr);
  eachOnce(t, counter.rows);
});
