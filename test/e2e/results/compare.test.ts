import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { PlanInput } from '../../../core/plan/schema.ts';
import type { RunResult } from '../../../core/stats/result.ts';
import { UPLOAD_MS, uploadPlan } from '../../kit/results/documents.ts';
import { buildResult } from '../../kit/results/results.ts';
import { workbench } from '../bench-process.ts';

t.setTimeout(400_000);
t.jobs = 3;
const buffered = true;

/** @param factor of the response times */
function result(runId: string, factor: number, vus = 100): RunResult {
  const ms = Object.fromEntries(Object.entries(UPLOAD_MS).map(([share, at]) => [share, at * factor]));
  const plan = uploadPlan({ thresholds: [], monitors: {} });
  const devices = { ...plan.scenarios.devices, vus } as PlanInput['scenarios'][string];
  return buildResult({
    runId,
    plan: { ...plan, scenarios: { devices } },
    stretches: [{ seconds: 30, vus, operations: { upload: { perSecond: 338, ms }, health: { perSecond: 33, ms } } }],
  });
}

const FILES = {
  'before.json': JSON.stringify(result('before', 1)),
  'same.json': JSON.stringify(result('same', 1)),
  'after.json': JSON.stringify(result('after', 1.2)),
  'other-load.json': JSON.stringify(result('otherload', 1, 50)),
  'plan.yaml': 'name: x\n',
};

t.test('before and after, as a gate', { buffered }, async (t) => {
  const { folder, start } = workbench(t, FILES);
  const worse = await start([
    'compare',
    'before.json',
    'after.json',
    '--report',
    'html,markdown,json,junit',
    '--out',
    'out',
  ]).ended;
  t.equal(worse.code, 99, worse.stderr);
  t.match(worse.stdout, /^upload +95%ile +73 ms +87\.6 ms +\+20% .* worse$/m);
  t.match(worse.stdout, /^upload +Requests\/s .* no difference found$/m);
  t.match(worse.stdout, /^Conclusion: Worse$/m);
  t.match(readFileSync(join(folder, 'out/comparison.md'), 'utf8'), /^# Upload test: ❌ Worse$/m);
  t.match(readFileSync(join(folder, 'out/comparison.xml'), 'utf8'), /<failure message="\+20%/);
  const json = JSON.parse(readFileSync(join(folder, 'out/comparison.json'), 'utf8'));
  t.match(json, { version: 1, outcome: 'worse', before: ['before'], after: ['after'] });
  const [same, better, tolerated] = await Promise.all([
    start(['compare', 'before.json', 'same.json']).ended,
    start(['compare', 'before.json', '--baseline', 'after.json']).ended,
    start(['compare', 'before.json', 'after.json', '--tolerance', '25%']).ended,
  ]);
  t.equal(same.code, 0, same.stderr);
  t.match(same.stdout, /^Conclusion: No difference found$/m);
  t.equal(better.code, 0, better.stderr);
  t.match(better.stdout, /^Conclusion: Better$/m);
  t.equal(tolerated.code, 0, tolerated.stderr);
  t.match(tolerated.stdout, /^Conclusion: No difference beyond the tolerance$/m);
});

t.test('other loads are compared only on demand', { buffered }, async (t) => {
  const { start } = workbench(t, FILES);
  const [refused, forced] = await Promise.all([
    start(['compare', 'before.json', 'other-load.json']).ended,
    start(['compare', 'before.json', 'other-load.json', '--force']).ended,
  ]);
  t.equal(refused.code, 104);
  t.match(
    refused.stderr,
    /^bench: These runs did not offer the same load.* scenarios\.devices\.vus is 50, and not 100\./,
  );
  t.equal(forced.code, 0, forced.stderr);
  t.match(forced.stdout, /otherload offered another load than before/);
});

t.test('what cannot be compared gets one sentence', { buffered }, async (t) => {
  const { folder, start } = workbench(t, FILES);
  mkdirSync(join(folder, 'run'));
  writeFileSync(join(folder, 'run/result.json'), FILES['after.json']);
  writeFileSync(join(folder, 'cut.json'), FILES['after.json'].slice(0, 2000));
  const cases: [args: string[], said: RegExp, code: number][] = [
    [
      ['before.json'],
      /^bench: before\.json has nothing to be compared with: name the run before it with --baseline\.$/m,
      104,
    ],
    [['before.json', 'same.json', 'after.json'], /^bench: Which of the 3 runs are from before\? /, 104],
    [['before.json', 'before.json'], /^bench: The run before is given twice/, 104],
    [['before.json', 'missing.json'], /^bench: The result file missing\.json cannot be read: /, 104],
    [['before.json', 'run'], /^bench: There is no store .* The folder run holds a result: run\/result\.json\.$/m, 1],
    [['before.json', 'run/'], /^bench: The result file run\/ cannot be read: it is a folder/, 104],
    [['before.json', 'cut.json'], /^bench: cut\.json is cut off after 2000 characters/, 104],
    [['before.json', 'plan.yaml'], /^bench: plan\.yaml is not JSON/, 104],
    [['before.json', 'abcdefgh'], /^bench: There is no store /, 1],
    [
      ['before.json', 'after.json', '--report', 'csv'],
      /^bench: --report: there is no report "csv" of a comparison: choose from html, markdown, json, junit\.$/m,
      104,
    ],
    [['after.json', '--baseline', 'before.json,'], /It must be names of baselines, runs or files/, 104],
    [['before.json', 'after.json', '--tolerance', '5'], /It must be a percentage from 0% to 100%/, 104],
  ];
  await Promise.all(
    cases.map(async ([args, said, code]) => {
      const ended = await start(['compare', ...args]).ended;
      t.equal(ended.code, code, args.join(' '));
      t.match(ended.stderr, said, args.join(' '));
      t.notMatch(ended.stderr, /^ +at /m, args.join(' '));
    }),
  );
});
