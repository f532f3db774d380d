import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { directly } from '../../core/control/scene/stored-runs.ts';
import { workbench } from '../bench-process.ts';
import { endedWith, resultIn } from '../busy-host.ts';
import { nullPlan } from '../plans.ts';

t.setTimeout(400_000);

const criteria = (...lines: readonly string[]) => `thresholds: ${JSON.stringify(lines)}\n`;

t.test('a baseline from one run to the next, in the store and as a file', async (t) => {
  const { folder, start } = workbench(t, {
    'first.yaml': nullPlan(2),
    'plan.yaml': nullPlan(2, criteria('noop rps >= baseline - 90%', 'noop p95 <= baseline + 10s')),
    'fast.yaml': nullPlan(2, criteria('noop rps >= baseline + 900%')),
    'other.yaml': nullPlan(2, criteria('noop rps >= baseline')).replace('vus: 5', 'vus: 7'),
    'nameless.yaml': nullPlan(2, criteria('journey nothing p95 <= baseline', 'nul p95 <= baseline')),
  });
  const first = await start(['run', 'first.yaml', '--out', 'first', '--report', 'json']).ended;
  const { runId } = resultIn(join(folder, 'first'));
  endedWith(t, first, 0, resultIn(join(folder, 'first')));

  t.match(await start(['baseline', 'list']).ended, {
    code: 0,
    stdout: 'There are no baselines in .bench/runs.sqlite.\n',
  });
  const set = await start(['baseline', 'set', 'main', runId]).ended;
  t.match(set, { code: 0, stdout: `The baseline main: ${runId}\n` }, set.stderr);
  t.match((await start(['baseline', 'list']).ended).stdout, new RegExp(`^main +\\d{4}-\\S+ \\S+ +${runId}$`, 'm'));
  const kept = await start(['baseline', 'set', 'main', 'first/result.json', '--file', 'kept/baseline.json']).ended;
  t.match(kept, { code: 0, stdout: 'kept/baseline.json\n' }, kept.stderr);

  const met = await start(['run', 'plan.yaml', '--baseline', 'main', '--out', 'met', '--report', 'json,markdown,junit'])
    .ended;
  const result = resultIn(join(folder, 'met'));
  endedWith(t, met, 0, result);
  t.match(result.baseline, { name: 'main', runIds: [runId] });
  const [judged] = result.thresholds;
  if (judged?.status === 'pass') t.match(judged, { unit: 'perSecond', baseline: { name: 'main' } });
  else t.equal(judged?.status, 'invalid', 'not judged where the host held the generator up');
  t.match(met.stdout, /✓ noop rps >= baseline - 90% \(main: [\d.]+\/s\)|– noop rps >= baseline - 90%$/m);
  t.match(readFileSync(join(folder, 'met/report.md'), 'utf8'), /`noop rps >= baseline - 90%(?: \(main: [\d.]+\/s\))?`/);
  t.match(readFileSync(join(folder, 'met/report.md'), 'utf8'), /^## Before and after\n\nBaseline: main; Before: /m);
  t.match(met.stdout, /^Before and after$/m);
  t.match(result.comparison, { before: [runId], after: [result.runId] });
  const again = await start(['report', result.runId, '--report', 'markdown=again.md']).ended;
  t.equal(again.code, 0, again.stderr);
  t.match(readFileSync(join(folder, 'again.md'), 'utf8'), /^## Before and after\n\nBaseline: main; Before: /m);
  t.match(readFileSync(join(folder, 'met/junit.xml'), 'utf8'), /<testcase name="noop rps &gt;= baseline - 90%"/);

  const missed = await start([
    'run',
    'fast.yaml',
    '--baseline',
    'kept/baseline.json',
    '--out',
    'missed',
    '--report',
    'json',
  ]).ended;
  endedWith(t, missed, 99, resultIn(join(folder, 'missed')));
  t.match(
    missed.stdout,
    /✗ noop rps >= baseline \+ 900% \(main: |– noop rps >= baseline \+ 900%$/m,
    'a file has the name of its baseline',
  );

  mkdirSync(join(folder, 'main'));
  const compared = await start(['compare', 'met/result.json', '--baseline', 'main', '--force']).ended;
  t.match(compared.stdout, new RegExp(`^Before: ${runId}$`, 'm'), compared.stderr);

  const database = directly(join(folder, '.bench/runs.sqlite'));
  await database.execute(
    `INSERT INTO baselines (name, run_ids, set_at) VALUES ('torn', '["a', '2026-01-03T00:00:00Z')`,
  );
  database.close();
  const cases: [args: string[], said: RegExp, code: number][] = [
    [
      ['compare', 'met/result.json', '--baseline', 'torn'],
      /^bench: The baseline torn in .* is damaged: set it again/,
      104,
    ],
    [
      ['run', 'plan.yaml'],
      /^ {2}line \d+: thresholds\[0\]: "noop rps >= baseline - 90%", column 13: this is compared with a baseline, and the run has none: name one with `bench run --baseline`$/m,
      104,
    ],
    [['run', 'plan.yaml', '--baseline', 'nothing'], /^bench: There is no run and no baseline nothing in \.bench/, 104],
    [['run', 'plan.yaml', '--baseline', 'no.json'], /^bench: The result file no\.json cannot be read: /, 104],
    [['run', 'plan.yaml', '--baseline', 'plan.yaml'], /^bench: plan\.yaml is not JSON/, 104],
    [
      ['run', 'other.yaml', '--baseline', 'main'],
      /line 5: scenarios\.nothing\.vus: is 7 here and 5 in the baseline main, so their figures say nothing/,
      104,
    ],
    [['run', 'plan.yaml', '--once', '--baseline', 'main'], /'--once' cannot be used with option '--baseline/, 104],
    [['baseline', 'set', 'a b', runId], /^bench: The name of a baseline has 1 to 80 letters/, 104],
    [['baseline', 'set', 'main.json', runId], /^bench: The name of a baseline has .* no \.json at its end/, 104],
    [['baseline', 'set', 'main', 'first/result.json'], /^bench: first\/result\.json is a file, and a store keeps/, 104],
    [['baseline', 'set', 'main', 'nothing'], /^bench: There is no run and no baseline nothing in /, 104],
    [['baseline', 'remove', 'other'], /^bench: There is no baseline other in \.bench\/runs\.sqlite: /, 1],
  ];
  for (const [args, said, code] of cases) {
    const ended = await start(args).ended;
    t.equal(ended.code, code, args.join(' '));
    t.match(ended.stderr, said, args.join(' '));
    t.notMatch(ended.stderr, /^ +at /m, args.join(' '));
  }
  const nameless = await start(['run', 'nameless.yaml', '--baseline', 'main']).ended;
  t.equal(nameless.code, 104);
  t.match(nameless.stderr, /has \d problems:/, 'all that is wrong at once');

  t.match(await start(['check', 'plan.yaml']).ended, { code: 0, stdout: /noop rps >= baseline - 90%/ });
  t.match(await start(['baseline', 'remove', 'main']).ended, { code: 0 });
  t.match((await start(['run', 'plan.yaml', '--baseline', 'main']).ended).stderr, /no baseline main/);
});

t.test('a damaged file of a baseline is told, and not taken', async (t) => {
  const { folder, start } = workbench(t, { 'plan.yaml': nullPlan(2) });
  writeFileSync(join(folder, 'cut.json'), '{"version":1,"baseline":"main","results":[{"version":1,"runId":"a"}]}\n');
  const ended = await start(['run', 'plan.yaml', '--baseline', 'cut.json']).ended;
  t.match(ended, { code: 104, stderr: /^bench: cut\.json is damaged: / });
  t.notOk(existsSync(join(folder, '.bench')), 'nothing has started');
});
