/** Two thousand users where a process may have few files open, and a link that is cut just then. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import t from 'tap';
import { workbench } from '../e2e/bench-process.ts';
import { resultIn } from '../e2e/busy-host.ts';
import { matchEach } from '../kit/match-each.ts';
import { TcpProxy } from './tcp-proxy.ts';

t.setTimeout(600_000);

const withFiles = (limit: number) => ({
  runtime: ['/bin/sh', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh', process.execPath],
});
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function target(): Promise<string> {
  const server = createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const plan = (url: string, keepAlive: boolean) => `
name: few descriptors
target: ${url}
drivers:
  http:
    options:
      connections: ${keepAlive ? 'per-user' : 'per-request'}
      operations: { get: { method: GET, path: / } }
scenarios:
  users:
    executor: constant-vus
    vus: 2000
    duration: 12s
    thinkTime: 200ms
    operations: [{ driver: http, operation: get }]
`;

for (const [limit, keepAlive] of [
  [256, true],
  [1024, true],
  [256, false],
] as const) {
  const how = keepAlive ? 'connections that stay' : 'a connection for each request';
  t.test(`${limit} descriptors and ${how}: an agent that is cut off comes back, and nothing is lost`, async (t) => {
    const { folder, start } = workbench(t, { 'plan.yaml': plan(await target(), keepAlive) });
    const control = start(['control', '--port', '0', '--store', ':memory:', '--token-file', 'token'], withFiles(256));
    const [, port = ''] = await control.said(/^Control on 127\.0\.0\.1:(\d+),/m);
    const link = await TcpProxy.to(Number(port));
    t.teardown(() => link.close());
    const agent = start(['agent', '--control', link.address, '--token-file', 'token', '--name', 'few'], {
      ...withFiles(limit),
      env: { BENCH_CONTROL_TUNNEL: `127.0.0.1:${port}` },
    });
    await agent.said(/^joined control/m);
    const run = start(['run', 'plan.yaml', '--control', `127.0.0.1:${port}`, '--token-file', 'token', '--out', 'out']);
    await run.said(/running/);
    await later(4000);
    link.cut();
    await agent.said(/cannot be reached/);
    link.restore();
    await agent.said(/reached control at \S+ again/);
    const { stdout, stderr } = await run.ended;
    const { agents, operations, validity } = resultIn(`${folder}/out`);
    matchEach(t, agents, [{ name: 'few', closingTotals: 'agree', missing: [] }], stdout + stderr);
    const measured = operations[0]?.phases.measure;
    matchEach(t, measured?.errorKinds, [{ kind: 'too_many_open_files' }]);
    t.equal(measured?.errorKinds.length, 1, JSON.stringify(measured?.errorKinds));
    t.match(
      validity.find(({ name }) => name === 'local-errors'),
      { ok: false, finding: /too_many_open_files.*ulimit -n/ },
    );
    t.match(stdout + stderr, new RegExp(`open files: ${limit} allowed, but 2100 are needed for 2000 sessions`));
    agent.kill('SIGTERM');
    control.kill('SIGTERM');
    for (const { ended } of [agent, control]) {
      const end = await ended;
      t.notMatch(end.stderr, /unexpected|\n {4}at /, 'no fault of bench');
    }
  });
}

t.test('a control with few descriptors says why it takes no more agents, and serves on', async (t) => {
  const { start } = workbench(t);
  const control = start(['control', '--port', '0', '--store', ':memory:', '--token-file', 'token'], withFiles(160));
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  start(['agent', '--control', address, '--token-file', 'token', '--name', 'many', '--simulate', '80']);
  await control.said(/is not served: control has as many connections as its limit of open files allows: raise/);
  control.kill('SIGTERM');
  t.notMatch((await control.ended).stderr, /unexpected|\n {4}at /);
});
