import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import process from 'node:process';
import t from 'tap';
import { type BenchProcess, canSeeProcesses, workbench } from './bench-process.ts';
import { resultIn } from './busy-host.ts';

t.setTimeout(400_000);

const RUNNING = /^\d+s\/\S+ {2}running/m;

t.test('two demos at once, each ended by Ctrl-C: both report, and nothing else is left', async (t) => {
  const { folder, start, run } = workbench(t);
  const temporary = `${folder}/tmp`;
  mkdirSync(temporary);
  const store = { BENCH_STORE: 'mine/runs.sqlite' };
  const demos = ['one', 'two'].map((out): [string, BenchProcess] => [
    out,
    start(['demo', '--out', out], { env: { TMPDIR: temporary, BENCH_DB: 'not-for-the-demo.sqlite', ...store } }),
  ]);
  await Promise.all(demos.map(([, demo]) => demo.said(RUNNING)));
  t.equal(readdirSync(temporary).length, 2, 'each has a database of its own');
  if (canSeeProcesses) t.equal(demos[0]?.[1].family().length, 5, 'bench, target, control and two agents');
  for (const [, demo] of demos) demo.kill('SIGINT');
  for (const [out, demo] of demos) {
    const { code, stdout, stderr } = await demo.ended;
    t.equal(code, 105, stderr);
    t.match(stdout, /Target ended: \d+ requests served, (\d+) rows written\. Its table is dropped/);
    const result = resultIn(`${folder}/${out}`);
    t.equal(result.agents.length, 2);
    const [{ reconciliation } = { reconciliation: undefined }] = result.reconciliations;
    t.match(reconciliation, { lost: 0, extra: 0, stored: Number(/(\d+) rows written/.exec(stdout)?.[1]) });
    if (canSeeProcesses) t.ok(await demo.leavesNothing());
  }
  t.strictSame(readdirSync(temporary), []);
  t.strictSame(readdirSync(folder).sort(), ['.config', 'mine', 'one', 'tmp', 'two'], 'only the reports and the store');
  const kept = readdirSync(`${folder}/.config`, { recursive: true, withFileTypes: true });
  t.strictSame(
    kept.filter((entry) => entry.isFile()),
    [],
    'a run that has ended cannot be found any more',
  );
  const { stdout } = await run(['runs'], { env: store });
  t.equal(stdout.match(/Upload test/g)?.length, 2, 'both are in `bench runs`');
});

for (const command of ['target', 'control', 'agent']) {
  t.test(`Ctrl-C while a demo starts its ${command} ends it at once`, async (t) => {
    const { folder, start } = workbench(t, {
      // A process that hears nothing presses Ctrl-C in the terminal of its parent.
      'deaf.mjs': `import process from 'node:process';
if (process.argv[2] === '${command}' && process.argv[3] === '--child') {
  process.kill(process.ppid, 'SIGINT');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}`,
    });
    const temporary = `${folder}/tmp`;
    mkdirSync(temporary);
    const env = { TMPDIR: temporary, BENCH_STORE: 'mine/runs.sqlite' };
    const runtime = [process.execPath, '--import', `${folder}/deaf.mjs`];
    const demo = start(['demo'], { runtime, env });
    const { code, stderr } = await demo.ended;
    t.equal(code, 105);
    t.equal(stderr, 'bench: It was stopped before it had begun.\n');
    t.strictSame(readdirSync(temporary), []);
    if (canSeeProcesses) t.ok(await demo.leavesNothing());
  });
}

t.test('a demo that is killed leaves no process and no database', { skip: !canSeeProcesses }, async (t) => {
  const { folder, start } = workbench(t);
  const temporary = `${folder}/tmp`;
  mkdirSync(temporary);
  const demo = start(['demo'], { env: { TMPDIR: temporary } });
  await demo.said(RUNNING);
  demo.kill('SIGKILL');
  await demo.ended;
  t.ok(await demo.leavesNothing());
  t.strictSame(readdirSync(temporary), []);
  t.notOk(existsSync(`${folder}/bench-reports`));
});
