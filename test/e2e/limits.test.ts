import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { matchEach } from '../kit/match-each.ts';
import { ON_NODE, USUAL_BENCH, workbench } from './bench-process.ts';
import { resultIn } from './busy-host.ts';
import { nullPlan } from './plans.ts';

t.setTimeout(400_000);

t.test('a load of several times what one process can do ends invalid, and says what to do', async (t) => {
  const { folder, start } = workbench(t, {
    'plan.yaml': `
name: too much
scenarios:
  flood: { executor: constant-arrival-rate, rate: 9000000, duration: 3s, maxVus: 100, operations: [{ driver: 'null' }] }
`,
  });
  const { code, stdout } = await start(['run', 'plan.yaml', '--out', 'out'], ON_NODE).ended;
  t.equal(code, 120);
  t.match(stdout, /This measurement cannot be trusted/);
  t.match(stdout.replace(/\s+/g, ' '), /Use more agents|use more of them|on a host of their own/);
  t.equal(resultIn(`${folder}/out`).verdict.kind, 'invalid');
});

t.test('bench doctor looks at the host', async (t) => {
  const { start } = workbench(t);
  const { code, stdout } = await start(['doctor']).ended;
  t.ok(code === 0 || code === 1, `exit code ${code}`);
  for (const line of [
    /open files/,
    /localhost +\S+/,
    /timers +late by/,
    /null driver +[\d,]+ operations\/s/,
    /HTTP, 50 users/,
  ]) {
    t.match(stdout, line);
  }
  const short = await start(['doctor', '--vus', '1000000']).ended;
  t.equal(short.code, 1);
  t.match(short.stdout, /ephemeral ports .* use more agents/);
});

t.test('an agent without a free descriptor counts what fails for want of one, and loses nothing', async (t) => {
  const server = createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => server.closeAllConnections());
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const scenarios = {
    constant: 'executor: constant-vus, vus: 400, duration: 3s',
    ramping: 'executor: ramping-vus, stages: [{ duration: 1s, target: 400 }, { duration: 2s, target: 400 }]',
  };
  for (const [name, load] of Object.entries(scenarios)) {
    const { folder, start } = workbench(t, {
      'plan.yaml': `
name: no descriptors
target: http://127.0.0.1:${port}
drivers: { http: { options: { operations: { get: { method: GET, path: / } } } } }
scenarios: { s: { ${load}, thinkTime: 100ms, operations: [{ driver: http, operation: get }] } }
`,
    });
    const runtime = ['/bin/sh', '-c', 'ulimit -n 200; exec "$@"', 'sh', process.execPath];
    const { stdout, stderr } = await start(['run', 'plan.yaml', '--out', 'out'], { runtime }).ended;
    t.match(
      stdout + stderr,
      /open files: 200 allowed, but 500 are needed for 400 sessions/,
      `${name} users: a warning`,
    );
    const { agents, operations } = resultIn(`${folder}/out`);
    matchEach(t, agents, [{ closingTotals: 'agree', missing: [] }], `${name} users: ${stdout}${stderr}`);
    const measured = operations[0]?.phases.measure;
    matchEach(t, measured?.errorKinds, [{ kind: 'too_many_open_files' }]);
    t.ok((measured?.requests ?? 0) > (measured?.errors ?? 0), 'the connections that there are work on');
  }
});

t.test('too few files that may be open are told at the start, with what to do about it and nothing else', async (t) => {
  const { run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  for (const program of [process.execPath, USUAL_BENCH.command[0] as string]) {
    for (const files of [28, 100]) {
      const runtime = ['/bin/sh', '-c', `ulimit -n ${files}; exec "$@"`, 'sh', program];
      for (const args of [
        ['run', 'plan.yaml'],
        ['control', '--port', '0', '--store', ':memory:'],
      ]) {
        const { code, stderr } = await run(args, { runtime });
        const name = `${files} ${program} ${args[0]}`;
        t.equal(code, 1, name);
        t.match(stderr, /raise the limit with `ulimit -n`/, name);
        t.notMatch(stderr, /start it with|fault of bench|\n +at |--store|--host/, name);
      }
    }
  }
});
