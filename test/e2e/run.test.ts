import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { canSeeProcesses, ON_NODE, workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';
import { nullPlan, uploadPlan } from './plans.ts';

t.setTimeout(400_000);
// They mostly wait.
t.jobs = 2;

t.test('a run with a control and agents of its own: live lines, verdict, reports, nothing left', async (t) => {
  const { folder, start, run } = workbench(
    t,
    { 'plan.yaml': nullPlan(7, 'thresholds: [p95 < 1s, fails == 0]\n') },
    ON_NODE,
  );
  const notes = ['--tag', 'nightly,build:42', '--note', 'first'];
  const bench = start(['run', 'plan.yaml', '--agents', '2', '--out', 'out', ...notes]);
  const [, runId] = await bench.said(/^run (\S+): Nothing at all$/m);
  await bench.said(/^\d+s\/7s {2}running {2}5 users {2}[\d,]+ requests {2}.* req\/s {2}p50 .* 0 failed$/m);
  if (canSeeProcesses) t.equal(bench.family().length, 4, 'bench, control and two agents');
  const ended = await bench.ended;
  const { stdout } = ended;
  // Not judged where the host held the generator up.
  t.match(stdout, /[✓–] p95 < 1s/);
  t.match(stdout, /✓ fails == 0/);
  t.match(stdout, /out\/report\.md/);
  t.ok(stdout.indexOf('p95 < 1s') < stdout.indexOf('noop'), 'thresholds come before the table');
  t.ok(stdout.indexOf('noop') < stdout.indexOf('out/report.md'), 'the table comes before the reports');
  if (canSeeProcesses) t.ok(await bench.leavesNothing());

  const result = resultIn(`${folder}/out`);
  t.equal(result.runId, runId);
  endedWith(t, ended, 0, result);
  t.equal(result.command, 'bench run plan.yaml --agents 2 --out out --tag nightly,build:42 --note first');
  t.strictSame(
    result.agents.map(({ name, closingTotals }) => [name, closingTotals]),
    [
      ['agent-1', 'agree'],
      ['agent-2', 'agree'],
    ],
  );
  t.strictSame(
    readdirSync(`${folder}/out`).filter((name) => name.startsWith('.')),
    [],
    'no unfinished files',
  );

  const listed = await run(['runs']);
  t.equal(listed.code, 0);
  t.match(listed.stdout, new RegExp(`${runId} .*Nothing .*${result.verdict.kind}`));
  t.match((await run(['runs', '--tag', 'build:42'])).stdout, new RegExp(`${runId} .*nightly .*first`));
  t.match(await run(['runs', '--tag', 'build']), { code: 0, stdout: /^There are no runs with the tag build in / });
  const again = await run(['report', runId as string, '--report', 'json=again/result.json']);
  t.equal(again.code, 0, again.stderr);
  t.strictSame(resultIn(`${folder}/again`), result, 'from the store');
  const rendered = await run(['report', '--from', 'out/result.json', '--report', 'markdown', '--out', 'rendered']);
  t.equal(rendered.code, 0, rendered.stderr);
  t.equal(readFileSync(`${folder}/rendered/report.md`, 'utf8'), readFileSync(`${folder}/out/report.md`, 'utf8'));
  t.match(await run(['report', 'nosuchrun']), { code: 1, stderr: /nosuchrun/ });
});

t.test('uploads to a real target: every acknowledged write is a row, and the numbers agree', async (t) => {
  const { folder, start } = workbench(t, { 'plan.yaml': uploadPlan(5) }, ON_NODE);
  const target = start(['target', '--port', '0', '--db', 'rows.sqlite']);
  const [, url] = await target.said(/^Target on (\S+),/m);
  const ended = await start([
    'run',
    'plan.yaml',
    '--host',
    url as string,
    '--agents',
    '2',
    '--seed',
    '7',
    '--out',
    'out',
  ]).ended;
  t.match(ended.stdout, /✓ lost == 0/);
  const result = resultIn(`${folder}/out`);
  endedWith(t, ended, 0, result);
  const uploads = result.operations.find(({ name }) => name === 'upload')?.phases.measure.requests ?? 0;
  const [{ reconciliation } = { reconciliation: undefined }] = result.reconciliations;
  t.ok(uploads > 100, `${uploads} uploads`);
  t.match(reconciliation, { acknowledged: uploads, stored: uploads, lost: 0, extra: 0, unknown: 0, stable: true });
  t.equal(result.seed, 7);
  t.match(result.targetEnvironment, { database: /SQLite/i });
  t.ok(result.monitors.some(({ name }) => name === 'target.queue_depth'));
  target.kill('SIGINT');
  const served = await target.ended;
  t.equal(served.code, 105);
  t.match(served.stderr, new RegExp(`Target ended: \\d+ requests served, ${uploads} rows written\\.`));
  const dropped = await start(['target', '--db', 'rows.sqlite', '--drop']).ended;
  t.equal(dropped.code, 0);
});

t.test('a report that throws is told, and the others are still written', async (t) => {
  const plan = nullPlan(1, 'reports: [./broken.mjs, json]\n');
  const broken = `export default {
    name: 'broken', description: '',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
    render() { throw new Error('no ink'); },
  };`;
  const { folder, run } = workbench(t, { 'plan.yaml': plan, 'broken.mjs': broken });
  const ended = await run(['run', 'plan.yaml', '--out', 'out']);
  t.match(ended.stderr, /bench: The report \.\/broken\.mjs could not be written: no ink/);
  endedWith(t, ended, 1, resultIn(`${folder}/out`));
});

t.test('a broken threshold is told with its value, exit 99', async (t) => {
  const { folder, run } = workbench(t, { 'plan.yaml': nullPlan(1, 'thresholds: [rps > 1000000]\n') });
  const ended = await run(['run', 'plan.yaml', '--out', 'out']);
  // Not judged where the host held the generator up all the time.
  t.match(ended.stdout, /[✗–] rps > 1000000/);
  endedWith(t, ended, 99, resultIn(`${folder}/out`));
});

t.test('a plain run can be watched, changed and stopped by the same user, without naming its control', async (t) => {
  const { start, run } = workbench(t, { 'plan.yaml': nullPlan(60) });
  const bench = start(['run', 'plan.yaml', '--out', 'out']);
  const [, runId = ''] = await bench.said(/^run (\w+): /m);
  await bench.said(/^running$/m);
  t.match(await run(['pause', runId]), { code: 0, stdout: /^The load of run \w+ pauses at second / });
  await bench.said(/^\d+s\/1m {2}paused /m);
  t.match(await run(['resume', runId]), { code: 0, stdout: /resumes at second/ });
  t.match(await run(['set', runId, '--vus', '3']), { code: 0, stdout: /changes at second/ });
  const watcher = start(['watch', runId]);
  await watcher.said(/^\d+s\/1m {2}running {2}3 users/m);
  t.match(await run(['stop', runId]), { code: 0, stdout: /is ending/ });
  t.equal((await bench.ended).code, 105);
  t.match(await watcher.ended, { code: 105, stdout: /^Conclusion: /m });
  t.match(await run(['stop', runId]), {
    code: 1,
    stderr:
      /^bench: No `bench run` of this user on this host has the run \w+, and no control listens on 127\.0\.0\.1:7070/,
  });
});
