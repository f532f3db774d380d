import t from 'tap';
import { parsePlan } from '../../../../core/plan/parse.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import type { RunResult, ThresholdResult } from '../../../../core/stats/result.ts';
import { type Baseline, baselineFigures, withoutFigure } from '../../../../core/verdict/baseline/baseline-figures.ts';
import { criterionWithFigure, thresholdSentence } from '../../../../core/verdict/verdict.ts';
import { HEALTH_MS, UPLOAD_MS, uploadPlan } from '../../../kit/results/documents.ts';
import { buildResult, type RunShape } from '../../../kit/results/results.ts';
import type { Shape } from '../../../kit/results/samples.ts';
import { searchedResult } from '../../../kit/results/searched.ts';

const plan = (thresholds: PlanInput['thresholds'] = []) => uploadPlan({ monitors: {}, thresholds });

/** @param slower factor of the response times of `upload` @param perSecond uploads */
function shape(slower: number, perSecond: number, more: Partial<RunShape> = {}): RunShape {
  const ms = Object.fromEntries(Object.entries(UPLOAD_MS).map(([share, at]) => [share, at * slower])) as Shape;
  const operations = { upload: { perSecond, ms }, health: { perSecond: 30, ms: HEALTH_MS } };
  return { plan: plan(), stretches: [{ seconds: 20, vus: 100, operations }], ...more };
}

const main: Baseline = { name: 'main', runs: [buildResult(shape(1, 300, { runId: 'before' }))] };

/** One threshold on a run that is compared with `main`. */
function judged(criterion: string, slower: number, perSecond: number, more: Partial<RunShape> = {}): ThresholdResult {
  const run = buildResult({ ...shape(slower, perSecond), plan: plan([criterion]), baseline: main, ...more });
  return run.thresholds[0] as ThresholdResult;
}

function problems(thresholds: PlanInput['thresholds'], baseline = main, input = plan(thresholds)): string[] {
  const found = baselineFigures(parsePlan(input), input, baseline).problems;
  return found.map(({ path, message }) => `${path}: ${message}`);
}

t.test('the limit is the figure of the baseline and what is added to it', async (t) => {
  const p95 = judged('upload p95 <= baseline + 10%', 1.2, 300);
  t.match(p95, { status: 'fail', unit: 'us', baseline: { name: 'main' } });
  if (p95.status === 'invalid') throw new Error(p95.reason);
  t.equal(p95.limit, Number(((p95.baseline?.value ?? 0) * 1.1).toPrecision(4)));
  t.match(judged('upload p95 <= baseline + 25%', 1.2, 300), { status: 'pass' });
  t.match(judged('upload p95 <= baseline + 5ms', 1.05, 300), { status: 'pass' });
  t.match(judged('upload p95 <= baseline + 5 ms', 1.2, 300), { status: 'fail' });
  t.match(judged('upload p95 < baseline', 0.9, 300), { status: 'pass' });
  t.match(judged('rps >= baseline - 5%', 1, 280), { status: 'fail', limit: 330 * 0.95, unit: 'perSecond' });
  t.match(judged('rps >= baseline - 20', 1, 312), { status: 'pass', limit: 310 });
  t.match(judged('error_rate <= baseline + 0.001', 1, 300), { status: 'pass', limit: 0.001, unit: 'share' });
  t.match(judged('upload p95 <= baseline + 10% for 5s', 1.2, 300), { status: 'fail' });
});

t.test('several runs are one sample: their histograms are merged, and their times added up', async (t) => {
  const runs = [main.runs[0], buildResult(shape(1, 100, { runId: 'slower' }))] as Baseline['runs'];
  const rps = judged('upload rps >= baseline', 1, 200, { baseline: { name: 'both', runs } });
  t.match(rps, { status: 'pass', limit: 200, baseline: { name: 'both', value: 200 } });
});

t.test('values of monitors are compared as plain numbers, with a percentage or an amount', async (t) => {
  const [stretch] = shape(1, 300).stretches;
  const monitored = (thresholds: PlanInput['thresholds'], values: readonly number[]): Partial<RunShape> => ({
    plan: uploadPlan({ thresholds }),
    stretches: [{ ...(stretch as RunShape['stretches'][number]), monitors: { 'target.queue_depth': values } }],
  });
  const runs = [buildResult({ ...shape(1, 300), ...monitored([], [10, 20]) })];
  const judgedMonitor = (criterion: string, values: readonly number[]) =>
    judged(criterion, 1, 300, { ...monitored([criterion], values), baseline: { name: 'main', runs } });
  const common = { unit: 'count', baseline: { name: 'main', value: 20 } };
  t.match(judgedMonitor('target.queue_depth max <= baseline + 10%', [21, 22]), {
    ...common,
    status: 'pass',
    limit: 22,
  });
  t.match(judgedMonitor('target.queue_depth max <= baseline + 10%', [21, 23]), {
    ...common,
    status: 'fail',
    actual: 23,
  });
  t.match(judgedMonitor('target.queue_depth max <= baseline + 5', [25, 1]), { ...common, status: 'pass', limit: 25 });
  t.match(judgedMonitor('target.queue_depth avg <= baseline', [15, 15]), { status: 'pass', limit: 15 });
  const criterion = 'target.memory_bytes max <= baseline + 10%';
  const [problem] = problems([criterion], { name: 'main', runs }, uploadPlan({ thresholds: [criterion] }));
  t.match(problem, /the baseline main has no samples of this/, 'a metric that the baseline does not have');
});

t.test('what a search found is compared with what searches before it found', async (t) => {
  const criterion = 'max_rps >= baseline - 5%';
  const before = [searchedResult({ runId: 'before', limit: 400 }), searchedResult({ runId: 'again', limit: 420 })];
  const input = { ...(before[0] as RunResult).plan, thresholds: [criterion] };
  const { against, problems: none } = baselineFigures(parsePlan(input), input, { name: 'main', runs: before });
  t.strictSame(none, []);
  const found = against.figures[criterion] as number;
  t.ok(found > 380 && found < 420, `${found}`);
  t.match(problems([criterion], main, input).join('\n'), /has found no load that its target takes \(run before\)/);
});

t.test('both languages tell the figure of the baseline', async (t) => {
  const result = judged('upload p95 <= baseline + 10%', 1.2, 300);
  t.equal(criterionWithFigure(result, 'en'), 'upload p95 <= baseline + 10% (main: 73 ms)');
  t.equal(criterionWithFigure(result, 'zh-CN'), 'upload p95 <= baseline + 10%（main：73 ms）');
  t.match(thresholdSentence(result, 'en'), /^upload p95 <= baseline \+ 10% \(main: 73 ms\): failed with 87\.\d ms, /);
});

t.test('a load that was changed or cut short is not that of the baseline', async (t) => {
  const stages = [{ target: 100, duration: '20s' }];
  const operations = plan().scenarios.devices?.operations ?? [];
  const ramp = { devices: { executor: 'ramping-vus' as const, startVus: 100, stages, operations } };
  const scenarios = uploadPlan({ monitors: {}, thresholds: ['upload p95 <= baseline'], scenarios: ramp });
  const runs = [buildResult({ ...shape(1, 300), plan: scenarios })];
  const ending = { kind: 'stopped' as const, by: 'request' as const, reason: 'Ctrl-C' };
  const result = judged('', 1, 300, { plan: scenarios, baseline: { name: 'main', runs }, ending });
  t.match(result, { status: 'invalid', message: { id: 'threshold.other-load' } });
  const byThreshold = { ...ending, by: 'threshold' as const };
  const stopped = judged('', 1.2, 300, { plan: scenarios, baseline: { name: 'main', runs }, ending: byThreshold });
  t.match(stopped, { status: 'fail' }, 'a run that it has stopped has failed');
});

t.test('what cannot be compared is told before the run, one sentence each', async (t) => {
  t.strictSame(problems(['upload p95 <= baseline + 10%', 'rps >= 300']), []);
  t.strictSame(problems(['upload p95 <= baseline', 'phase:warmup p95 <= baseline']), [
    'thresholds[1]: "phase:warmup p95 <= baseline", column 21: the baseline main has no samples of this (run before): name a baseline that has',
  ]);
  const renamed = main.runs.map((run) => ({
    ...run,
    operations: run.operations.map((row) => (row.name === 'health' ? { ...row, name: 'ping' } : row)),
  }));
  t.strictSame(problems([{ criterion: 'health p95 <= baseline' }], { name: 'main', runs: renamed }), [
    'thresholds[0].criterion: "health p95 <= baseline", column 15: the baseline main has no samples of this (run before): name a baseline that has',
  ]);
  const other = plan(['p95 <= baseline']);
  const load = { ...other, scenarios: { devices: { ...other.scenarios.devices, vus: 50 } } } as PlanInput;
  t.strictSame(problems([], main, load), [
    'scenarios.devices.vus: is 50 here and 100 in the baseline main, so their figures say nothing about the target: give both the same load, or name another baseline',
  ]);
  const changed = main.runs.map((run) => ({ ...run, loadChanges: [{ kind: 'pause' as const, atUs: 1 }] }));
  t.matchOnly(problems([], { name: 'main', runs: changed }), [/Somebody changed the load of before while it ran/]);
});

t.test('a run without a baseline is refused only if a criterion needs one', async (t) => {
  t.strictSame(withoutFigure(parsePlan(plan(['rps >= 300'])), undefined), []);
  const criterion = 'rps >= baseline - 5%';
  const [problem] = withoutFigure(parsePlan(plan([criterion])), undefined);
  t.match(problem, { path: 'thresholds[0]', message: /name one with `bench run --baseline`$/ });
  const against = { name: 'main', runIds: ['before'], figures: { [criterion]: 300 } };
  t.strictSame(withoutFigure(parsePlan(plan([criterion])), against), []);
  t.equal(withoutFigure(parsePlan(plan([criterion])), { ...against, figures: { [criterion]: Number.NaN } }).length, 1);
});
