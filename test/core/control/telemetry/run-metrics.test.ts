/** The figures of runs on control's page: they are those of the result, and stay a while after the end. */
import t from 'tap';
import { ControlMetrics } from '../../../../core/control/telemetry/metrics.ts';
import { RunMetrics } from '../../../../core/control/telemetry/run-metrics.ts';
import { CLASSIC_BOUNDS_S, classicCounts } from '../../../../core/series/classic.ts';
import { metricsOf } from '../../../../core/series/run-series.ts';
import type { RunResult } from '../../../../core/stats/result.ts';
import { outcomeOf } from '../../../../core/verdict/conclusion/run-outcome.ts';
import { parseExposition } from '../../../../plugins/prometheus/text.ts';
import { sampleResult } from '../../../../testing/index.ts';
import { histogramOf } from '../scene/scripted-agent.ts';
import { longPlan, stage } from '../scene/stage.ts';

/** The samples of the page by their names, with the labels that are asked for. */
async function page(metrics: ControlMetrics, labels: Readonly<Record<string, string>> = {}) {
  const all = parseExposition(await metrics.page());
  const wanted = all.filter((sample) => Object.entries(labels).every(([name, value]) => sample.labels[name] === value));
  return (name: string) => wanted.filter((sample) => sample.name === name).map(({ value }) => value);
}

t.test('hits of attempts are counters, and those that are void are none', async (t) => {
  const result = sampleResult('passed');
  const counts = { warmup: { hits: 0, of: 0 }, measure: { hits: 9, of: 10 } };
  const ratios = [
    { name: 'search.recall', phases: counts },
    { name: 'cache.hits', phases: counts, voidReason: 'rows were written' },
  ];
  const context = { runId: 'r', plan: 'p', target: '', seed: 1 };
  const present = { state: 'running', scenarios: [], agents: [], monitors: {} };
  const metrics = metricsOf(context, { ...result, ratios }, present);
  const points = (name: string) => metrics.find((metric) => metric.name === name)?.points;
  const labels = { run_id: 'r', plan: 'p', ratio: 'search.recall', phase: 'measure' };
  t.strictSame(points('bench_ratio_hits_total'), [{ labels, value: 9 }]);
  t.strictSame(points('bench_ratio_attempts_total'), [{ labels, value: 10 }]);
});

t.test('a run is on the page while it goes on, and for five minutes after', async (t) => {
  let [nowMs, wall] = [0, (): number => nowMs];
  const runs = new RunMetrics(() => wall());
  const metrics = new ControlMetrics(() => ({ agents: {}, runs: {} }), runs);
  t.teardown(() => metrics.close());
  const scene = await stage(t, {
    ofControl: [{ name: 'metrics', plugin: runs.plugin, options: {}, hide: (text) => text }],
  });
  const agent = await scene.agent();
  const runId = await scene.running([agent], { plan: longPlan(8) });
  t.same((await page(metrics, { run_id: runId, state: 'preparing' }))('bench_run_state'), [1]);
  for (let second = 0; second < 8; second++) {
    agent.window(second + 1, second, [{ responseUs: [1000, 2000, 250_000], errors: 1 }], 2);
    agent.sendWindow(runId, second + 1);
    await scene.clock.advance(1e6);
  }
  wall = () => scene.clock.epochMs();
  const during = await page(metrics, { run_id: runId, plan: 'test run' });
  wall = () => nowMs;
  t.same(during('bench_vus'), [2]);
  t.same(during('bench_vus_wanted'), [2]);
  t.same(during('bench_rate_wanted'), []);
  const [behind = 0] = during('bench_live_behind_seconds');
  t.ok(behind > 0 && behind < 3, `the newest second was over ${behind} s ago`);
  const recent = await page(metrics, { run_id: runId, window: '10s', quantile: '0.5' });
  t.same(recent('bench_response_quantile_seconds'), [0.002]);
  t.same(during('bench_run_state'), [1]);
  t.same(during('bench_agent_cpu_cores'), [0.25]);
  t.ok((during('bench_requests_total')[0] ?? 0) >= 15);
  agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  const { operations } = result;
  const after = await page(metrics, { run_id: runId, operation: 'upload', phase: 'measure' });
  const { requests, bytesSent, bytesReceived, responseTime } = operations[0]?.phases.measure ?? {};
  t.same(after('bench_requests_total'), [requests]);
  t.same(after('bench_failures_total'), [8]);
  t.same(after('bench_io_bytes_total'), [bytesSent, bytesReceived]);
  t.same(after('bench_response_time_seconds_count'), [requests]);
  t.same(after('bench_response_time_seconds_sum'), [(responseTime?.sumUs ?? 0) / 1e6]);
  t.same((await page(metrics, { run_id: runId, le: '0.2' }))('bench_response_time_seconds_bucket'), [16]);
  t.same((await page(metrics, { run_id: runId, quantile: '0.5' }))('bench_response_quantile_seconds'), [0.002]);
  t.same(after('bench_live_behind_seconds'), []);
  t.same((await page(metrics, { run_id: runId, state: outcomeOf(result) }))('bench_run_state'), [1]);
  t.same((await page(metrics, { run_id: runId, criterion: 'error_rate < 1%' }))('bench_threshold_met'), [0]);
  nowMs = 5 * 60_000 + 1;
  t.same((await page(metrics, { run_id: runId }))('bench_requests_total'), []);
});

t.test('what ended is forgotten though nobody reads the page', async (t) => {
  let nowMs = 0;
  const runs = new RunMetrics(() => nowMs);
  const { signal } = new AbortController();
  const open = async (runId: string) =>
    runs.plugin.open({}, { runId, plan: 'p', target: '', seed: 1, note: () => {} }, signal);
  await (await open('first')).close(signal);
  nowMs = 5 * 60_000 + 1;
  await open('second');
  // By this clock it would still be on the page, had it not been forgotten when the second run came.
  nowMs = 0;
  const metrics = new ControlMetrics(() => ({ agents: {}, runs: {} }), runs);
  t.teardown(() => metrics.close());
  t.same((await page(metrics, { run_id: 'first' }))('bench_run_state'), []);
  t.same((await page(metrics, { run_id: 'second' }))('bench_run_state'), [1]);
});

t.test('writes that were lost are on the page once they have been counted', async (t) => {
  const runs = new RunMetrics();
  const metrics = new ControlMetrics(() => ({ agents: {}, runs: {} }), runs);
  t.teardown(() => metrics.close());
  const { signal } = new AbortController();
  const output = await runs.plugin.open({}, { runId: 'r', plan: 'p', target: '', seed: 1, note: () => {} }, signal);
  const result = sampleResult('passed');
  t.same((await page(metrics))('bench_writes_lost'), []);
  const reconciliation = { lost: 3 } as RunResult['reconciliations'][number]['reconciliation'];
  await output.end({ ...result, reconciliations: [{ driver: 'http-upload', reconciliation }] }, signal);
  t.same((await page(metrics, { driver: 'http-upload' }))('bench_writes_lost'), [3]);
});

t.test('the buckets of a classic histogram hold what lies below their bounds', async (t) => {
  const counts = classicCounts(histogramOf([1, 500, 501, 199_900, 200_500, 70_000_000]));
  const at = (boundS: number) => counts[CLASSIC_BOUNDS_S.indexOf(boundS)];
  t.same([at(0.0005), at(0.001), at(0.1), at(0.2), at(0.5), at(60)], [2, 3, 3, 4, 5, 5]);
});

t.test('with many agents there are two figures in place of one for each', async (t) => {
  const agents = Array.from({ length: 101 }, (_, i) => {
    return { name: `a${i}`, state: 'here' as const, processCpuCores: i, processMemoryBytes: 0, loopLagUs: 0 };
  });
  const context = { runId: 'r', plan: 'p', target: '', seed: 1 };
  const metrics = metricsOf(context, sampleResult('passed'), {
    state: 'running',
    scenarios: [],
    agents,
    monitors: { 'a.b.c': 7 },
  });
  const points = (name: string) => metrics.find((metric) => metric.name === name)?.points;
  t.same(points('bench_agent_cpu_cores'), [
    { labels: { run_id: 'r', plan: 'p', agent: 'max' }, value: 100 },
    { labels: { run_id: 'r', plan: 'p', agent: 'mean' }, value: 50 },
  ]);
  t.same(points('bench_agents'), [{ labels: { run_id: 'r', plan: 'p', state: 'here' }, value: 101 }]);
  t.same(points('bench_monitor'), [{ labels: { run_id: 'r', plan: 'p', monitor: 'a.b', metric: 'c' }, value: 7 }]);
});
