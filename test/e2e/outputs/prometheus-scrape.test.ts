/** What a real Prometheus has of a run adds up to its result. */
import t from 'tap';
import { matchEach } from '../../kit/match-each.ts';
import { privatePrometheus, prometheusQuery } from '../../kit/programs/prometheus.ts';
import { workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';
import { nullPlan } from '../plans.ts';

t.setTimeout(400_000);

t.test("Prometheus reads a run from control's page, and keeps the sums of its result", async (t) => {
  const { folder, start } = workbench(t, { 'plan.yaml': nullPlan(12) });
  const control = start(['control', '--port', '0', '--metrics', '127.0.0.1:0']);
  const [, page] = await control.said(/metrics are at http:\/\/(\S+)\/metrics/);
  const [, address] = await control.said(/^Control on (\S+),/m);
  const prometheus = await privatePrometheus(t, page as string);
  start(['agent', '--control', address as string, '--name', 'a']);
  const ended = start([
    'run',
    'plan.yaml',
    '--control',
    address as string,
    '--expect-agents',
    '1',
    '--out',
    'out',
  ]).ended;
  const during = async () =>
    prometheusQuery(prometheus, 'bench_requests_total > 0 and on(run_id) bench_run_state{state="running"}');
  while ((await during()).length === 0) await new Promise((resolve) => setTimeout(resolve, 200));
  await ended;
  const { runId, operations } = resultIn(`${folder}/out`);
  const [operation] = operations;
  const { requests, responseTime, bytesReceived } = operation?.phases.measure ?? {};
  const series = `{run_id="${runId}",scenario="nothing",operation="${operation?.name}",phase="measure"}`;
  const sumOf = async (expression: string) => (await prometheusQuery(prometheus, expression))[0]?.value;
  const finished = async () => prometheusQuery(prometheus, `bench_run_state{run_id="${runId}",state!="running"}`);
  while ((await finished()).length === 0) await new Promise((resolve) => setTimeout(resolve, 200));
  t.equal(await sumOf(`bench_requests_total${series}`), requests);
  t.equal(await sumOf(`bench_response_time_seconds_count${series}`), requests);
  t.equal(await sumOf(`bench_response_time_seconds_sum${series}`), (responseTime?.sumUs ?? 0) / 1e6);
  t.equal(await sumOf(`bench_io_bytes_total{run_id="${runId}",direction="received"}`), bytesReceived);
  matchEach(t, await prometheusQuery(prometheus, `bench_run_info{run_id="${runId}"}`), [
    { metric: { plan: 'Nothing at all' } },
  ]);
});
