import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import t from 'tap';
import { canSeeProcesses, ON_NODE, workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';
import { nullPlan, uploadPlan } from './plans.ts';

t.setTimeout(400_000);
// They mostly wait.
t.jobs = 4;
const buffered = true;

const RUNNING = /^\d+s\/\S+ {2}running/m;

t.test('Ctrl-C ends the load in order and reports what was measured', { buffered }, async (t) => {
  const { folder, start } = workbench(t, { 'plan.yaml': nullPlan(60) }, ON_NODE);
  const bench = start(['run', 'plan.yaml', '--agents', '2', '--out', 'out']);
  await bench.said(RUNNING);
  bench.kill('SIGINT');
  const { code, stdout, stderr } = await bench.ended;
  t.equal(code, 105, stderr);
  t.match(stdout, /out\/report\.md/);
  const result = resultIn(`${folder}/out`);
  t.match(result.ending, { kind: 'stopped', reason: /Ctrl-C/ });
  t.ok((result.operations[0]?.phases.measure.requests ?? 0) > 100);
  t.strictSame(
    result.agents.map(({ closingTotals }) => closingTotals),
    ['agree', 'agree'],
  );
  if (canSeeProcesses) t.ok(await bench.leavesNothing());
});

t.test('Ctrl-C twice cuts off what is in flight', { buffered }, async (t) => {
  const stuck = `export default {
    name: 'stuck', description: '',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
    operations: () => [{ name: 'wait', type: 'X' }],
    open: () => ({ connect: () => ({ send: (_, signal) => new Promise(() => {}), close() {} }), close() {} }),
  };`;
  const plan = `name: Stuck
scenarios:
  all: { executor: constant-vus, vus: 2, duration: 50s, gracefulStop: 50s, operations: [{ driver: ./stuck.mjs }] }
`;
  const { folder, start } = workbench(t, { 'plan.yaml': plan, 'stuck.mjs': stuck });
  const bench = start(['run', 'plan.yaml', '--out', 'out']);
  await bench.said(RUNNING);
  bench.kill('SIGINT');
  await bench.said(/^stopping$/m);
  bench.kill('SIGINT');
  const { code, stdout, stderr } = await bench.ended;
  t.equal(code, 105, stderr);
  t.match(stdout, /out\/report\.md/, 'what was measured is reported all the same');
  t.match(resultIn(`${folder}/out`).ending, { kind: 'stopped', reason: 'Ctrl-C' });
  if (canSeeProcesses) t.ok(await bench.leavesNothing());
});

t.test('Ctrl-C before the load starts: nothing was measured', { buffered }, async (t) => {
  const { start } = workbench(t, { 'plan.yaml': nullPlan(60) });
  const control = start(['control', '--port', '0', '--store', ':memory:']);
  const [, address] = await control.said(/^Control on (\S+),/m);
  const bench = start(['run', 'plan.yaml', '--control', address as string, '--expect-agents', '1']);
  await bench.said(/^waiting for agents/m);
  bench.kill('SIGINT');
  const { code, stderr } = await bench.ended;
  t.equal(code, 105);
  t.match(stderr, /^bench: The run was stopped before it had measured anything\./m);
  control.kill('SIGTERM');
  t.equal((await control.ended).code, 0, 'SIGTERM is no abort');
});

t.test(
  'Ctrl-C while a module of the user is read ends the command, and leaves nothing half done',
  { buffered },
  async (t) => {
    // They are read for ever, one of them without ever giving way.
    const begun = "console.log('reading');";
    const modules = {
      'waits.mjs': `${begun} await new Promise(() => setInterval(() => {}, 1000)); export default {};`,
      'loops.mjs': `${begun} for (;;); export default {};`,
    };
    const { folder, start, run } = workbench(t, { 'plan.yaml': nullPlan(1), ...modules });
    t.equal((await run(['run', 'plan.yaml', '--out', 'out', '--report', 'json'])).code, 0);
    const before = readdirSync(folder).sort();
    const result = 'out/result.json';
    const tries = Object.keys(modules).flatMap((module): [string, ...string[]][] => [
      ['run', module],
      ['find-max', module],
      ['check', module],
      ['report', '--from', result, '--report', `./${module}`, '--out', 'late'],
      ['plugins', 'describe', `./${module}`],
      ['control', '--port', '0', '--store', ':memory:', '--out-to', `./${module}`],
    ]);
    for (const runtime of [undefined, [process.execPath]]) {
      const signal = runtime === undefined ? 'SIGINT' : 'SIGTERM';
      await Promise.all(
        tries.map(async (args) => {
          const bench = start(args, runtime && { runtime });
          await bench.said(/^reading$/m);
          bench.kill(signal);
          const ended = await bench.ended;
          t.match(ended, { code: null, signal, stderr: '' }, args.join(' '));
        }),
      );
    }
    t.same(readdirSync(folder).sort(), before);
  },
);

t.test('Ctrl-C where no command listens ends it with a sentence', { buffered }, async (t) => {
  const { folder, start } = workbench(t);
  const doctor = start(['doctor']);
  await doctor.said(/./);
  doctor.kill('SIGINT');
  t.match(await doctor.ended, { code: 105, stderr: /^bench: Stopped before it was done\.\n$/ });
  t.same(readdirSync(folder), []);
  if (canSeeProcesses) t.ok(await doctor.leavesNothing());
});

t.test('Ctrl-C in an agent hands its load over; in the last one it ends the run', { buffered }, async (t) => {
  const { folder, start } = workbench(t, { 'plan.yaml': nullPlan(60) }, ON_NODE);
  const control = start(['control', '--port', '0', '--store', ':memory:']);
  const [, address] = await control.said(/^Control on (\S+),/m);
  const agents = ['one', 'two'].map((name) => start(['agent', '--control', address as string, '--name', name]));
  await Promise.all(agents.map((agent) => agent.said(/joined control/)));
  const bench = start(['run', 'plan.yaml', '--control', address as string, '--expect-agents', '2', '--out', 'out']);
  await bench.said(RUNNING);
  agents[0]?.kill('SIGINT');
  await bench.said(/agent one was told to end/);
  agents[1]?.kill('SIGTERM');
  t.equal((await bench.ended).code, 105);
  t.equal((await agents[0]?.ended)?.code, 105);
  t.equal((await agents[1]?.ended)?.code, 0);
  const result = resultIn(`${folder}/out`);
  t.match(result.ending, { kind: 'stopped', reason: /agent two/ });
  t.strictSame(
    result.agents.map(({ closingTotals }) => closingTotals),
    ['agree', 'agree'],
  );
  control.kill('SIGINT');
  t.equal((await control.ended).code, 105);
});

t.test('Ctrl-C in control stops its run in order, and the result is still told', { buffered }, async (t) => {
  const { start } = workbench(t, { 'plan.yaml': nullPlan(60) });
  const control = start(['control', '--port', '0', '--store', 'runs.sqlite']);
  const [, address] = await control.said(/^Control on (\S+),/m);
  const agent = start(['agent', '--control', address as string, '--name', 'one']);
  await agent.said(/joined control/);
  const bench = start(['run', 'plan.yaml', '--control', address as string, '--out', 'out']);
  await bench.said(RUNNING);
  control.kill('SIGINT');
  t.equal((await control.ended).code, 105);
  t.equal((await bench.ended).code, 105);
  const listed = await start(['runs', '--store', 'runs.sqlite']).ended;
  t.match(listed.stdout, /Nothing at all +aborted/);
});

t.test('a target that is killed: failures by kind, the run ends in order, verdict fail', { buffered }, async (t) => {
  const { folder, start } = workbench(t, { 'plan.yaml': uploadPlan(10) });
  const target = start(['target', '--port', '0', '--db', 'rows.sqlite']);
  const [, url] = await target.said(/^Target on (\S+),/m);
  const bench = start(['run', 'plan.yaml', '--host', url as string, '--out', 'out']);
  await bench.said(RUNNING);
  target.kill('SIGKILL');
  const ended = await bench.ended;
  t.match(ended.stdout, /✗ fails == 0/);
  const result = resultIn(`${folder}/out`);
  t.equal(result.ending.kind, 'completed');
  const kinds = result.operations.flatMap(({ phases }) => phases.measure.errorKinds.map(({ kind }) => kind));
  t.ok(kinds.includes('connection_refused'), kinds.join(', '));
  endedWith(t, ended, 99, result);
});

t.test('a bench that is killed takes its processes with it', { buffered, skip: !canSeeProcesses }, async (t) => {
  const { start } = workbench(t, { 'plan.yaml': nullPlan(60) });
  const bench = start(['run', 'plan.yaml', '--agents', '2']);
  await bench.said(RUNNING);
  t.equal(bench.family().length, 4);
  bench.kill('SIGKILL');
  await bench.ended;
  t.ok(await bench.leavesNothing());
});

t.test(
  'a private control that is killed is named, with what removes what the run has left',
  { buffered },
  async (t) => {
    if (!canSeeProcesses) return;
    const { start } = workbench(t, { 'plan.yaml': nullPlan(60) });
    const bench = start(['run', 'plan.yaml']);
    await bench.said(RUNNING);
    const control = bench.family().find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0control\0'));
    process.kill(control as number, 'SIGKILL');
    const { code, stderr } = await bench.ended;
    t.equal(code, 1);
    t.match(stderr, /^bench: The private control ended during the run: by SIGKILL$/m);
    t.match(stderr, /`bench cleanup [a-z0-9]{12}` removes it\.$/m);
    t.notMatch(stderr, /start it with `bench control`/);
    t.ok(await bench.leavesNothing());
  },
);
