/** What a real Prometheus has taken of a run by remote write adds up to its result. */
import t from 'tap';
import { outcomeOf } from '../../../core/verdict/conclusion/run-outcome.ts';
import { privatePrometheus, prometheusQuery } from '../../kit/programs/prometheus.ts';
import { workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';
import { nullPlan } from '../plans.ts';

t.setTimeout(400_000);

t.test('Prometheus takes a run by remote write, with classic and native histograms', async (t) => {
  const prometheus = await privatePrometheus(t);
  const receiver = `use: prometheus-rw, options: { url: '${prometheus}/api/v1/write'`;
  const { folder, run } = workbench(t, {
    'plan.yaml': nullPlan(8, `outputs: { rw: { ${receiver} } }, fine: { ${receiver}, histograms: native } } }`),
  });
  const { stdout, stderr } = await run(['run', 'plan.yaml', '--out', 'out']);
  const sumOf = async (expression: string) => (await prometheusQuery(prometheus, expression))[0]?.value;
  t.equal(await sumOf('last_over_time(bench_run_state{state="running"}[5m])'), 1, 'it came while the run went on');
  t.equal(await sumOf('last_over_time(bench_vus[5m])'), 5);
  t.equal(await sumOf('bench_vus'), undefined);
  t.notMatch(stdout + stderr, /output (rw|fine)/, 'nothing is said of outputs that work');
  const result = resultIn(`${folder}/out`);
  const { runId, operations } = result;
  const [operation] = operations;
  const { requests = 0, responseTime } = operation?.phases.measure ?? {};
  const sumS = (responseTime?.sumUs ?? 0) / 1e6;
  const place = `{run_id="${runId}",operation="${operation?.name}",phase="measure"}`;
  t.equal(await sumOf(`bench_requests_total${place}`), requests);
  t.equal(await sumOf(`bench_response_time_seconds_count${place}`), requests);
  t.equal(await sumOf(`bench_response_time_seconds_sum${place}`), sumS);
  t.equal(await sumOf(`histogram_count(bench_response_time_seconds${place})`), requests);
  t.equal(await sumOf(`histogram_sum(bench_response_time_seconds${place})`), sumS);
  const exact = await sumOf(`bench_response_quantile_seconds{run_id="${runId}",quantile="0.5"}`);
  const fromBuckets = await sumOf(`histogram_quantile(0.5, bench_response_time_seconds${place})`);
  t.ok(Math.abs((fromBuckets ?? 0) / (exact ?? 1) - 1) < 0.1, `${fromBuckets} s is about ${exact} s`);
  t.same(
    (await prometheusQuery(prometheus, `bench_run_state{run_id="${runId}"}`)).map(({ metric }) => metric.state),
    [outcomeOf(result)],
    'it is not running any more',
  );
});
