/** What a receiver of OTLP that is busy at first has of a run of real processes adds up to its result; what it refuses is told. */
import t from 'tap';
import { otlpReceiver, pointsOf, type ReceivedPush } from '../../kit/otlp/receiver.ts';
import { collectorProgram, NO_COLLECTOR, privateCollector } from '../../kit/programs/collector.ts';
import { workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';
import { nullPlan } from '../plans.ts';

t.setTimeout(400_000);

t.test('a receiver that is busy at first', async (t) => {
  const { pushes, faults, url } = await otlpReceiver(t, 503, 503, {});
  const { folder, run } = workbench(t, { 'plan.yaml': nullPlan(8) });
  const { stdout, stderr } = await run([
    'run',
    'plan.yaml',
    '--out',
    'out',
    '--agents',
    '2',
    '--out-to',
    `otlp=${url}`,
  ]);
  t.match(stdout + stderr, `output otlp failed: ${url} answered 503; the run goes on`);
  t.match(stdout + stderr, 'output otlp works again');
  t.same(faults, []);
  const { runId, operations } = resultIn(`${folder}/out`);
  const { requests, responseTime } = operations[0]?.phases.measure ?? {};
  const { metrics } = pushes.at(-1) ?? { metrics: [] };
  const place = { run_id: runId, operation: operations[0]?.name ?? '', phase: 'measure' };
  t.match(pointsOf(metrics, 'bench.requests', place), [{ asInt: String(requests) }]);
  t.match(pointsOf(metrics, 'bench.response_time', place), [
    { count: String(requests), sum: (responseTime?.sumUs ?? 0) / 1e6 },
  ]);
  t.ok(pushes.length >= 2, 'it also had a push while the run went on');
});

t.test(
  'what a collector hands on is the result, whether it came over HTTP or gRPC, as sums or as deltas',
  { skip: collectorProgram() === undefined && NO_COLLECTOR },
  async (t) => {
    const { pushes, faults, url } = await otlpReceiver(t, {});
    const { http, grpc } = await privateCollector(t, collectorProgram() ?? '', url);
    const outputs = [
      `http: { use: otlp, options: { url: '${http}' } }`,
      `grpc: { use: otlp, options: { url: '${grpc}', protocol: grpc, histograms: explicit, temporality: delta } }`,
    ];
    const { folder, run } = workbench(t, { 'plan.yaml': nullPlan(8, `outputs: { ${outputs.join(', ')} }`) });
    const { stdout, stderr } = await run(['run', 'plan.yaml', '--out', 'out']);
    t.notMatch(stdout + stderr, /output (http|grpc)/, 'nothing is said of outputs that work');
    t.same(faults, []);
    const { runId, operations } = resultIn(`${folder}/out`);
    const { requests = 0, responseTime } = operations[0]?.phases.measure ?? {};
    const place = { run_id: runId, operation: operations[0]?.name ?? '', phase: 'measure' };
    const isDelta = ({ metrics }: ReceivedPush) =>
      metrics.some(({ sum }) => sum?.aggregationTemporality === 'AGGREGATION_TEMPORALITY_DELTA');
    const last = pushes.findLast((push) => !isDelta(push))?.metrics ?? [];
    t.match(pointsOf(last, 'bench.requests', place), [{ asInt: String(requests) }]);
    const sumS = (responseTime?.sumUs ?? 0) / 1e6;
    t.match(pointsOf(last, 'bench.response_time', place), [{ count: String(requests), sum: sumS }]);
    const deltas = pushes.filter(isDelta).flatMap(({ metrics }) => pointsOf(metrics, 'bench.requests', place));
    t.ok(deltas.length > 1, 'it came in parts');
    t.equal(
      deltas.reduce((sum, { asInt }) => sum + Number(asInt), 0),
      requests,
    );
  },
);

t.test('a receiver that refuses everything', async (t) => {
  const { url } = await otlpReceiver(t, 400);
  const { run } = workbench(t, { 'long.yaml': nullPlan(6), 'short.yaml': nullPlan(2) });
  for (const plan of ['long.yaml', 'short.yaml']) {
    const { stdout, stderr } = await run(['run', plan, '--out-to', `otlp=${url}`]);
    const said = stdout + stderr;
    t.match(said, `output otlp: ${url} answered 400`);
    t.notMatch(said, 'works again');
    if (plan === 'long.yaml') t.match(said, 'output otlp: 2 of 2 pushes were refused');
  }
});
