/** What a receiver of OTLP has of a run is what its result says, whatever becomes of the receiver meanwhile. */
import process from 'node:process';
import t from 'tap';
import type { Output, OutputSecond } from '../../core/output.ts';
import { CLASSIC_BOUNDS_S } from '../../core/series/classic.ts';
import type { RunResult } from '../../core/stats/result.ts';
import otlp from '../../plugins/otlp.ts';
import { sampleResult } from '../../testing/index.ts';
import { otlpReceiver, pointsOf, type ReceivedMetric } from '../kit/otlp/receiver.ts';
import { letTimePass, setHostClock } from './otlp/stage.ts';

const RUN = { runId: 'r1', plan: 'Shop', target: 'http://shop.example', seed: 7 };
const { signal } = new AbortController();
/** Of a run that starts once its outputs are open. */
const result = { ...sampleResult('failed'), startedAt: new Date(Date.now() + 600_000).toISOString() };
const startMs = Date.parse(result.startedAt);

/** @param notes gets what is told those who watch the run */
async function opened(options: object, notes: string[] = []): Promise<Output> {
  const checked = await otlp.options['~standard'].validate(options);
  if (checked.issues !== undefined) throw new Error(checked.issues[0]?.message);
  return otlp.open(checked.value, { ...RUN, note: (text) => void notes.push(text) }, signal);
}

/** A second of the run with what its result has come to, or without. */
function secondOf(second: number, sums: RunResult | undefined): OutputSecond {
  return {
    second,
    startedAt: result.startedAt,
    isCorrection: false,
    rows: [],
    scenarios: [{ name: 'shoppers', vus: 3, droppedArrivals: 0 }],
    agents: [{ name: 'a', state: 'here', processCpuCores: 0.5, processMemoryBytes: 1e8, loopLagUs: 900 }],
    monitors: { 'target.queue_depth': 4.5 },
    soFar: sums && { ...sums, seconds: second + 1, behindSeconds: 0.5, verdict: 'pass' },
  };
}

const requestsOf = ({ operations }: RunResult) =>
  operations.reduce((sum, { phases: { warmup, measure } }) => sum + warmup.requests + measure.requests, 0);
const sumOf = (metrics: readonly ReceivedMetric[], name: string) =>
  pointsOf(metrics, name).reduce((sum, { asInt = 0, count = 0 }) => sum + Number(asInt) + Number(count), 0);

t.test('what is pushed is the result, by the official schema', async (t) => {
  const { pushes, faults, url } = await otlpReceiver(t, {});
  const output = await opened({ url, headers: { 'x-scope-orgid': 'load' } });
  letTimePass(t);
  await output.second(secondOf(3, undefined), signal);
  t.same(pushes, [], 'between the fifth seconds nothing is pushed');
  await output.second(secondOf(4, result), signal);
  await output.end(result, signal);
  await output.close(signal);
  t.same(faults, []);
  const [during, after] = pushes as [(typeof pushes)[number], (typeof pushes)[number]];
  t.match(during, {
    url: '/v1/metrics',
    headers: { 'content-type': 'application/x-protobuf', 'x-scope-orgid': 'load' },
  });
  t.match(during.resource[0], { key: 'service.name', value: { stringValue: 'bench' } });
  t.equal(sumOf(after.metrics, 'bench.requests'), requestsOf(result));
  t.equal(sumOf(after.metrics, 'bench.response_time'), requestsOf(result));
  const [requests, times] = ['bench.requests', 'bench.response_time'].map((name) =>
    after.metrics.find((metric) => metric.name === name),
  );
  t.match(requests, { sum: { aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE', isMonotonic: true } });
  t.match(times, { unit: 's', exponentialHistogram: { aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE' } });
  t.match(
    after.metrics.find(({ name }) => name === 'bench.io'),
    { unit: 'By' },
  );
  t.equal(
    after.metrics.find(({ unit }) => unit === '1'),
    undefined,
    'Prometheus would call it a ratio',
  );
  for (const { scenario, name: operation, phases } of result.operations) {
    const { requests, responseTime } = phases.measure;
    if (requests === 0) continue;
    const [point] = pointsOf(after.metrics, 'bench.response_time', {
      run_id: 'r1',
      plan: 'Shop',
      scenario,
      operation,
      phase: 'measure',
    });
    t.equal(point?.sum, responseTime.sumUs / 1e6);
    t.equal(point?.max, responseTime.maxUs / 1e6);
    const inBuckets = point?.positive?.bucketCounts.reduce(
      (sum, count) => sum + Number(count),
      Number(point.zeroCount ?? 0),
    );
    t.equal(inBuckets, requests);
  }
  const [first] = pointsOf(during.metrics, 'bench.requests');
  t.match(first, { startTimeUnixNano: `${startMs}000000`, timeUnixNano: `${startMs + 5000}000000` });
  t.equal(pointsOf(after.metrics, 'bench.requests')[0]?.startTimeUnixNano, first?.startTimeUnixNano);
  t.match(pointsOf(during.metrics, 'bench.monitor', { monitor: 'target', metric: 'queue_depth' }), [{ asDouble: 4.5 }]);
  t.match(pointsOf(during.metrics, 'bench.run_state'), [{ asDouble: 1 }]);
  t.match(pointsOf(after.metrics, 'bench.run_state', { state: 'running' }), [{ flags: 1 }], 'it has no value any more');
  t.match(pointsOf(after.metrics, 'bench.run_state', { state: 'fail' }), [{ asDouble: 1 }]);
  t.match(pointsOf(after.metrics, 'bench.agent_cpu_cores'), [{ flags: 1 }]);
});

t.test('explicit histograms have the bounds of the page of control', async (t) => {
  const { pushes, faults, url } = await otlpReceiver(t, {});
  await (await opened({ url, histograms: 'explicit' })).end(result, signal);
  t.same(faults, []);
  const points = pointsOf(pushes[0]?.metrics ?? [], 'bench.response_time');
  t.ok(points.length > 0);
  for (const { explicitBounds, bucketCounts = [], count } of points) {
    t.same(explicitBounds, CLASSIC_BOUNDS_S);
    t.equal(bucketCounts.length, CLASSIC_BOUNDS_S.length + 1);
    t.equal(
      bucketCounts.reduce((sum, one) => sum + Number(one), 0),
      Number(count),
    );
    t.ok(bucketCounts.every((one) => Number(one) >= 0));
  }
});

t.test('a receiver that is busy gets the same push again, and one later than the one before', async (t) => {
  const { pushes, url } = await otlpReceiver(t, {}, 503, {}, 429, {}, 502, {}, 504, {});
  const output = await opened({ url: `${url}/otlp/` });
  letTimePass(t);
  const give = async (call: () => unknown) => {
    await t.rejects(async () => call(), {
      name: 'PluginError',
      message: /^http:\/\/127.0.0.1:\d+ answered (429|502|503|504)$/,
    });
    await call();
  };
  await output.second(secondOf(4, result), signal);
  await give(() => output.second(secondOf(9, result), signal));
  await give(() => output.second(secondOf(14, result), signal));
  await give(() => output.second(secondOf(19, result), signal));
  await give(() => output.end({ ...result, warmupUs: 0, measuredUs: 1 }, signal));
  const times = pushes.map(
    ({ metrics }) => Number(pointsOf(metrics, 'bench.requests')[0]?.timeUnixNano) / 1e6 - startMs,
  );
  t.same(times.map(Math.round), [5000, 10_000, 15_000, 20_000, 20_001]);
  t.equal(pushes[0]?.url, '/otlp/v1/metrics');
});

t.test('pushes have the times of the run when the host has its clock set back or forward', async (t) => {
  for (const hours of [-5, 5]) {
    await t.test(`by ${hours} h`, async (t) => {
      const { pushes, url } = await otlpReceiver(t, {}, {}, {});
      const output = await opened({ url });
      letTimePass(t);
      await output.second(secondOf(4, result), signal);
      setHostClock(t, hours * 3_600_000);
      await output.second(secondOf(9, result), signal);
      await output.second(secondOf(14, result), signal);
      const times = pushes.map(
        ({ metrics }) => Number(pointsOf(metrics, 'bench.requests')[0]?.timeUnixNano) / 1e6 - startMs,
      );
      t.same(times.map(Math.round), [5000, 10_000, 15_000]);
    });
  }
});

t.test(
  'what a receiver does not take is told once with its reason, and counted at the end; it does not come again',
  async (t) => {
    const partial = { partialSuccess: { rejectedDataPoints: '3', errorMessage: 'too\nold' } };
    for (const [answer, message] of [
      [partial, 'has not taken 3 points: too old'],
      ...[307, 400, 401, 404, 408, 413, 500, 501].map((status) => [status, `answered ${status}`] as const),
    ] as const) {
      const { calls, url } = await otlpReceiver(t, answer);
      const notes: string[] = [];
      const output = await opened({ url }, notes);
      await output.second(secondOf(4, result), signal);
      await output.second(secondOf(9, result), signal);
      t.same(notes, [`${url} ${message}`]);
      await output.end(result, signal);
      await output.close(signal);
      t.same(notes.slice(1), ['3 of 3 pushes were refused, wholly or in part']);
      t.equal(calls(), 3);
    }
    const { pushes, url } = await otlpReceiver(t, { partialSuccess: { errorMessage: 'only a warning' } });
    await (await opened({ url })).second(secondOf(4, result), signal);
    t.equal(pushes.length, 1);
  },
);

t.test('a refusal that comes with the result alone is told', async (t) => {
  const { calls, url } = await otlpReceiver(t, 400);
  const notes: string[] = [];
  const output = await opened({ url }, notes);
  await output.end(result, signal);
  await output.close(signal);
  t.same(notes, [`${url} answered 400`]);
  t.equal(calls(), 1);
});

t.test('a run that ends without a result has failed, and its gauges end', async (t) => {
  const { pushes, faults, url } = await otlpReceiver(t, {});
  const output = await opened({ url });
  await output.second(secondOf(4, result), signal);
  await output.close(signal);
  t.same(faults, []);
  const metrics = pushes.at(-1)?.metrics ?? [];
  t.equal(pushes.length, 2);
  t.match(pointsOf(metrics, 'bench.run_state', { state: 'failed' }), [{ asDouble: 1 }]);
  for (const [name, wanted] of [
    ['bench.run_state', { state: 'running' }],
    ['bench.vus', {}],
    ['bench.agents', {}],
  ] as const) {
    const points = pointsOf(metrics, name, wanted);
    t.ok(points.length > 0);
    t.ok(
      points.every(({ flags }) => flags === 1),
      `${name} has no value any more`,
    );
  }
  t.equal(sumOf(metrics, 'bench.requests'), requestsOf(result));
});

t.test('a run that ends without a result, and of which nothing was pushed, ends without a push', async (t) => {
  const { calls, url } = await otlpReceiver(t, {});
  await (await opened({ url })).close(signal);
  t.equal(calls(), 0);
});

t.test('nothing is failed about a run whose result has not arrived', async (t) => {
  const { pushes, url } = await otlpReceiver(t, {}, 503);
  const output = await opened({ url });
  await output.second(secondOf(4, result), signal);
  await t.rejects(async () => output.end(result, signal));
  await output.close(signal);
  t.equal(pushes.length, 1);
});

t.test(
  'the last second of a load, which is not over when the load is, is pushed with the time that it is',
  async (t) => {
    const { pushes, url } = await otlpReceiver(t, {});
    const began = { ...result, startedAt: new Date(Date.now() - 4600).toISOString() };
    const output = await opened({ url });
    await output.second({ ...secondOf(4, began), startedAt: began.startedAt }, signal);
    await output.end({ ...began, warmupUs: 0, measuredUs: 4.6e6 }, signal);
    const times = pushes.map(({ metrics }) => Number(pointsOf(metrics, 'bench.requests')[0]?.timeUnixNano) / 1e6);
    const now = Date.now();
    t.equal(times.length, 2);
    for (const time of times) t.ok(time <= now + 2, `${time} is not later than ${now}`);
  },
);

t.test('what a control pushes that has taken over a run is later than what the one before it pushed', async (t) => {
  const { pushes, url } = await otlpReceiver(t, {});
  const began = { ...result, startedAt: new Date(Date.now() - 15_000).toISOString() };
  const openedMs = Date.now();
  const output = await opened({ url });
  await output.second({ ...secondOf(12, began), startedAt: began.startedAt }, signal);
  await output.end({ ...began, warmupUs: 0, measuredUs: 12e6 }, signal);
  const times = pushes.map(({ metrics }) => Number(pointsOf(metrics, 'bench.requests')[0]?.timeUnixNano) / 1e6);
  const [first = 0, last = 0] = times.map(Math.round);
  t.ok(first > openedMs, `${first} is later than ${openedMs}`);
  t.ok(last > first, `${last} is later than ${first}`);
});

t.test('a receiver that is away, or hangs', async (t) => {
  const away = await opened({ url: 'http://127.0.0.1:1' });
  await t.rejects(async () => away.end(result, signal), { message: 'http://127.0.0.1:1 cannot be reached' });
  const late = AbortSignal.abort(new Error('late'));
  await t.rejects(async () => away.end(result, late), { message: 'late' });
});

t.test('without a url the standard variables count, and their headers are for that receiver alone', async (t) => {
  const { pushes, url } = await otlpReceiver(t, {});
  const before = { ...process.env };
  t.teardown(() => {
    process.env = before;
  });
  const withEnvironment = async (options: object, variables: Readonly<Record<string, string>>) => {
    process.env = { ...before, ...variables };
    await (await opened(options)).end(result, signal);
    return pushes.at(-1);
  };
  const OTEL_EXPORTER_OTLP_HEADERS = 'x-tenant=a%20b,authorization=Bearer t0ken';
  t.match(await withEnvironment({}, { OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/base`, OTEL_EXPORTER_OTLP_HEADERS }), {
    url: '/base/v1/metrics',
    headers: { 'x-tenant': 'a b', authorization: 'Bearer t0ken' },
  });
  t.equal((await withEnvironment({}, { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/as-is` }))?.url, '/as-is');
  const named = await withEnvironment(
    { url },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_EXPORTER_OTLP_HEADERS },
  );
  t.notOk('authorization' in (named?.headers ?? {}));
  await t.rejects(withEnvironment({}, { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' }), {
    message: 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL is http/json; known here: http/protobuf, grpc',
  });
  for (const wrong of ['1.5', '0', '1e10']) {
    await t.rejects(withEnvironment({}, { OTEL_EXPORTER_OTLP_TIMEOUT: wrong }), { message: /must be a whole number/ });
  }
  await t.rejects(withEnvironment({}, { OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }), {
    message: 'OTEL_EXPORTER_OTLP_TIMEOUT must be a whole number of milliseconds from 1 to 3600000',
  });
  await t.rejects(withEnvironment({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }), {
    message: /is no http URL/,
  });
});

t.test('a header has one value, however its name is written', async (t) => {
  const { pushes, url } = await otlpReceiver(t, {});
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = url.replace('://', '://me:own@');
  t.teardown(() => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  });
  const headers = { Authorization: `\${env:TOKEN}`, 'Content-Type': 'text/plain', 'USER-Agent': 'me' };
  await (await opened({ headers })).end(result, signal);
  t.match(pushes[0]?.headers, {
    authorization: `\${env:TOKEN}`,
    'content-type': 'application/x-protobuf',
    'user-agent': 'me',
  });
  const checked = await otlp.options['~standard'].validate({ headers: { 'X-Tenant': 'a', 'x-tenant': 'b' } });
  t.match(JSON.stringify(checked.issues), 'is the same as X-Tenant');
  await t.rejects(opened({ url, headers: { 'x-tenant': '\u4e16' } }), {
    message: 'the header x-tenant has a value that cannot be sent',
  });
});

t.test('options that cannot work are refused', async (t) => {
  for (const [options, message] of [
    [{ url: 'grpc://a' }, /must be an http URL/],
    [{ url: 'http://u:secret@a' }, /contains a password/],
    [{ headers: { Authorization: 'Bearer secret' } }, /must hold \$\{env:NAME\}/],
    [{ headers: { 'a b': 'x' } }, /is not a valid header name/],
    [{ headers: { 'Content-Length': '5' } }, /is set by the client itself: leave it out/],
    [{ headers: { expect: '100-continue' } }, /is set by the client itself: leave it out/],
    [{ compression: 'gzip' }, /unknown key/],
  ] as const) {
    const { issues } = await otlp.options['~standard'].validate(options);
    t.match(JSON.stringify(issues), message);
    t.notMatch(JSON.stringify(issues), 'secret');
  }
});
