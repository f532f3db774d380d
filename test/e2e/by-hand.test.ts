import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import t, { type Test } from 'tap';
import { freePort } from '../../core/cli/processes/free-port.ts';
import { workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';
import { nullPlan, uploadPlan } from './plans.ts';

t.setTimeout(400_000);
// They mostly wait.
t.jobs = 3;
const buffered = true;

async function takenPort(t: Pick<Test, 'teardown'>): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  return (server.address() as { port: number }).port;
}

t.test('six terminals: target, control, three agents, run; all sums are one number', { buffered }, async (t) => {
  const { folder, start } = workbench(t, { 'plan.yaml': uploadPlan(4) });
  const target = start(['target', '--port', '0', '--db', 'rows.sqlite']);
  const control = start(['control', '--port', '0']);
  const [, url] = await target.said(/^Target on (\S+),/m);
  const [, address] = await control.said(/^Control on (\S+),/m);
  const agents = ['a', 'b', 'c'].map((name) => start(['agent', '--control', address as string, '--name', name]));
  const bench = start(['run', 'plan.yaml', '--control', address as string, '--expect-agents', '3', '--out', 'out'], {
    env: { BENCH_HOST: url as string },
  });
  const ended = await bench.ended;
  const result = resultIn(`${folder}/out`);
  endedWith(t, ended, 0, result);
  const merged = result.operations.reduce(
    (sum, { phases }) => sum + phases.measure.requests + phases.warmup.requests,
    0,
  );
  t.equal(
    result.agents.reduce((sum, { requests }) => sum + requests, 0),
    merged,
  );
  t.strictSame(
    result.agents.map(({ name, closingTotals }) => [name, closingTotals]).sort(),
    ['a', 'b', 'c'].map((name) => [name, 'agree']),
  );
  const uploads = result.operations.find(({ name }) => name === 'upload')?.phases.measure.requests;
  for (const agent of agents) agent.kill('SIGTERM');
  target.kill('SIGTERM');
  control.kill('SIGTERM');
  const ends = await Promise.all([...agents, target, control].map(({ ended }) => ended));
  t.strictSame(
    ends.map((end) => end.code),
    [0, 0, 0, 0, 0],
  );
  t.match(ends[3]?.stderr, new RegExp(`${uploads} rows written`));
});

t.test('a run waits for a control that is starting, as agents do', { buffered }, async (t) => {
  const { start } = workbench(t, { 'plan.yaml': nullPlan(1) });
  const port = String(await freePort());
  const at = ['--control', `127.0.0.1:${port}`];
  const bench = start(['run', 'plan.yaml', ...at, '--expect-agents', '1', '--out', 'out']);
  await bench.said(/cannot be reached yet \(.*\): waiting for it\.$/m);
  const agent = start(['agent', ...at]);
  const control = start(['control', '--port', port]);
  const { code, stderr } = await bench.ended;
  t.ok(code === 0 || code === 120, stderr);
  for (const process of [agent, control]) process.kill('SIGTERM');
  await Promise.all([agent.ended, control.ended]);
});

t.test('a port in use is said in a sentence', { buffered }, async (t) => {
  const port = String(await takenPort(t));
  const { run } = workbench(t);
  for (const command of ['target', 'control']) {
    const { code, stderr } = await run([command, '--port', port]);
    t.equal(code, 1);
    t.match(stderr, new RegExp(`^bench: .*${port}.* in use`, 'im'));
    t.notMatch(stderr, /\n {4}at /);
  }
});

t.test('a target that cannot be reached is said before the load starts', { buffered }, async (t) => {
  const { folder, run } = workbench(t, { 'plan.yaml': uploadPlan(5) });
  const { code, stdout, stderr } = await run(['run', 'plan.yaml', '--host', 'http://127.0.0.1:9', '--out', 'out']);
  t.equal(code, 1);
  t.match(stderr, /^bench: The run did not take place: .*127\.0\.0\.1:9/m);
  t.notMatch(stdout, /running/);
  t.notOk(existsSync(`${folder}/out`));
});

t.test('a control that cannot be reached is said', { buffered }, async (t) => {
  const { run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  for (const args of [['run', 'plan.yaml'], ['runs'], ['report', 'x']]) {
    const { code, stderr } = await run([...args, '--control', '127.0.0.1:9']);
    t.equal(code, 1);
    t.match(stderr, /^bench: Control at 127\.0\.0\.1:9 cannot be reached .*: start it with `bench control`/m);
  }
});

t.test('an agent without control tries again and says so, until it is told to end', { buffered }, async (t) => {
  const { start } = workbench(t);
  const agent = start(['agent', '--control', '127.0.0.1:9', '--name', 'lonely']);
  await agent.said(/cannot be reached .*; trying again in [\d.]+ s[\s\S]*trying again in [\d.]+ s/);
  agent.kill('SIGINT');
  t.equal((await agent.ended).code, 105);
});

t.test('simulated agents log as agents do', { buffered }, async (t) => {
  const { start } = workbench(t);
  const agents = start([
    'agent',
    '--simulate',
    '2',
    '--control',
    '127.0.0.1:9',
    '--name',
    'sim',
    '--log-format',
    'json',
  ]);
  const [line] = await agents.said(/^.*trying again in.*$/m);
  t.match(JSON.parse(line), { level: 'warn', agent: 'sim-1' });
  agents.kill('SIGTERM');
  t.match(await agents.ended, { code: 0, stdout: /^2 simulated agents: 0 windows acknowledged/ });
});

t.test('the second agent of one name is refused', { buffered }, async (t) => {
  const { start } = workbench(t);
  const control = start(['control', '--port', '0', '--store', ':memory:']);
  const [, address] = await control.said(/^Control on (\S+),/m);
  const first = start(['agent', '--control', address as string, '--name', 'twin']);
  await first.said(/joined control/);
  const { code, stderr } = await start(['agent', '--control', address as string, '--name', 'twin']).ended;
  t.equal(code, 1);
  t.match(stderr, /^bench: Control at \S+ refused agent twin: /m);
});

t.test('agents that do not come are said, with how many there are', { buffered }, async (t) => {
  const { start, run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  const control = start(['control', '--port', '0', '--store', ':memory:']);
  const [, address] = await control.said(/^Control on (\S+),/m);
  const { code, stderr } = await run([
    ...['run', 'plan.yaml', '--control', address as string],
    ...['--expect-agents', '2', '--agents-timeout', '1s'],
  ]);
  t.equal(code, 1);
  t.match(stderr, /^bench: The run did not take place: .*agents/m);
});

t.test(
  'several agents on one host, each an agent of its own; a shape that control asks each second',
  { buffered },
  async (t) => {
    const { folder, start } = workbench(t, {
      'shape.ts':
        'export default (second) => (second < 2 ? 10 : second < 4 ? { level: 20, spawnRate: 10 } : undefined);',
      'plan.yaml': `
name: shaped
scenarios:
  steps: { executor: shape, shape: ./shape.ts, maxVus: 50, thinkTime: 10ms, operations: [{ driver: 'null' }] }
`,
    });
    const control = start(['control', '--port', '0', '--store', ':memory:']);
    const [, address] = await control.said(/^Control on (\S+),/m);
    const agents = start(['agent', '--control', address as string, '--name', 'h', '--processes', '2']);
    const ended = await start([
      'run',
      'plan.yaml',
      '--control',
      address as string,
      '--expect-agents',
      '2',
      '--out',
      'out',
    ]).ended;
    const result = resultIn(`${folder}/out`);
    endedWith(t, ended, 0, result);
    t.strictSame(result.agents.map(({ name }) => name).sort(), ['h-1', 'h-2']);
    const { vus } = result.timeline;
    const [first = 0, second = 0, spawning = 0] = vus;
    // A busy host can hold one of the agents up for a second.
    t.equal(Math.max(first, second), 10, `${vus}`);
    t.ok(spawning >= 10 && spawning <= 20, `ten users a second are spawned: ${spawning}`);
    t.equal(Math.max(...vus), 20, `${vus}`);
    t.ok(result.timeline.vus.length <= 5, 'it ends when the shape says so');
    agents.kill('SIGINT');
    t.equal((await agents.ended).code, 105);
    t.match((await agents.ended).stderr, /h-1: joined control.*h-2: /s);
  },
);
