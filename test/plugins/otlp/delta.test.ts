/** What a receiver of deltas adds up is the result, whatever it refuses or fails to take meanwhile. */
import process from 'node:process';
import t from 'tap';
import type { RunResult } from '../../../core/stats/result.ts';
import { otlpReceiver, pointsOf, type ReceivedPush } from '../../kit/otlp/receiver.ts';
import { letTimePass, opened, requestsOf, result, secondOf, signal, startMs, sumOf } from './stage.ts';

/** The run as it was when only its first operation had come. */
const half: RunResult = { ...result, operations: result.operations.slice(0, 1) };
const total = (pushes: readonly ReceivedPush[], name: string) =>
  pushes.reduce((sum, { metrics }) => sum + sumOf(metrics, name), 0);

t.test('each push has what has come since the one that was taken before', async (t) => {
  const { pushes, faults, url } = await otlpReceiver(t, {}, 503, 400, {});
  const output = await opened({ url, temporality: 'delta' });
  letTimePass(t);
  await output.second(secondOf(4, half), signal);
  await t.rejects(async () => output.second(secondOf(9, result), signal));
  await output.second(secondOf(9, result), signal);
  await output.second(secondOf(14, result), signal);
  await output.end(result, signal);
  await output.close(signal);
  t.same(faults, []);
  t.equal(pushes.length, 3);
  for (const name of ['bench.requests', 'bench.response_time']) t.equal(total(pushes, name), requestsOf(result), name);
  t.equal(sumOf(pushes[0]?.metrics ?? [], 'bench.requests'), requestsOf(half));
  t.same(pointsOf(pushes[2]?.metrics ?? [], 'bench.requests'), [], 'nothing came any more');
  for (const [name, field] of [
    ['bench.requests', 'sum'],
    ['bench.response_time', 'exponentialHistogram'],
  ] as const) {
    const metric = pushes[0]?.metrics.find((one) => one.name === name);
    t.equal(metric?.[field]?.aggregationTemporality, 'AGGREGATION_TEMPORALITY_DELTA');
  }
  const [first, second] = pushes.map(({ metrics }) => pointsOf(metrics, 'bench.requests')[0]);
  t.match(first, { startTimeUnixNano: `${startMs}000000`, timeUnixNano: `${startMs + 5000}000000` });
  t.equal(second?.startTimeUnixNano, first?.timeUnixNano, 'it begins where the one before ended');
  const [time] = pointsOf(pushes[0]?.metrics ?? [], 'bench.response_time');
  t.same([time?.min, time?.max], [undefined, undefined], 'of a stretch they are not known exactly');
  t.match(pointsOf(pushes[1]?.metrics ?? [], 'bench.vus'), [{ asDouble: 3 }], 'gauges are as they are');
});

t.test('the standard variable asks for deltas', async (t) => {
  t.teardown(() => delete process.env.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE);
  const { pushes, url } = await otlpReceiver(t, {});
  for (const [preference, option, expected] of [
    ['Delta', {}, 'DELTA'],
    ['lowmemory', {}, 'DELTA'],
    ['delta', { temporality: 'cumulative' }, 'CUMULATIVE'],
  ] as const) {
    process.env.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE = preference;
    await (await opened({ url, ...option })).end(result, signal);
    const metric = pushes.at(-1)?.metrics.find(({ name }) => name === 'bench.requests');
    t.equal(metric?.sum?.aggregationTemporality, `AGGREGATION_TEMPORALITY_${expected}`);
  }
  process.env.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE = 'often';
  await t.rejects(opened({ url }), { message: /is often; known here: cumulative, delta, lowmemory/ });
});

t.test(
  'a control that has taken over a run counts from then on: what the one before has pushed would count twice',
  async (t) => {
    const { pushes, url } = await otlpReceiver(t, {});
    const began = { startedAt: new Date(Date.now() - 15_000).toISOString() };
    const output = await opened({ url, temporality: 'delta' });
    await output.second(secondOf(12, { ...half, ...began }), signal);
    await output.end({ ...result, ...began }, signal);
    t.equal(total(pushes, 'bench.requests'), requestsOf(result) - requestsOf(half));
  },
);
