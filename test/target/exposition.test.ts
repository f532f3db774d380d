import t from 'tap';
import { DURATION_BOUNDS_SECONDS, RequestMetrics } from '../../target/metrics.ts';
import { get, started, upload } from './fixtures/started.ts';

t.test('requests are counted by status and by duration', async (t) => {
  const requests = new RequestMetrics();
  for (const [status, durationMs] of [
    [200, 0.5],
    [200, 0.6],
    [503, 200],
    [200, 60_000],
  ] as const) {
    requests.begin();
    requests.end('/a', status, durationMs);
  }
  requests.begin();
  t.equal(requests.inFlight, 1);
  const [figures] = requests.routes();
  t.strictSame(
    [...(figures?.countByStatus ?? [])],
    [
      [200, 3],
      [503, 1],
    ],
  );
  const bucketAt = (seconds: number) => figures?.countByBucket[DURATION_BOUNDS_SECONDS.indexOf(seconds as 0.0005)];
  t.strictSame([bucketAt(0.0005), bucketAt(0.001), bucketAt(0.2)], [1, 1, 1], 'a bound belongs to its bucket');
  t.equal(figures?.countByBucket.at(-1), 1, 'what is slower than all bounds is kept');
  t.equal(figures?.durationSumSeconds.toFixed(4), '60.2011');
});

t.test('/metrics is Prometheus text format 0.0.4', async (t) => {
  const { url } = await started(t);
  await Promise.all(Array.from({ length: 20 }, (_, index) => upload(url, `d${index}`)));
  await upload(url, '');
  const answer = await get(`${url}/metrics`);
  t.equal(answer.status, 200);
  t.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const text = answer.body as string;
  t.ok(text.endsWith('\n'));

  const typeByFamily = new Map<string, string>();
  const values = new Map<string, number>();
  let helped = '';
  for (const line of text.trimEnd().split('\n')) {
    const help = /^# HELP ([a-z_]+) .+$/.exec(line);
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line);
    const sample = /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?[0-9.e+-]+)$/.exec(line);
    if (help) helped = help[1] ?? '';
    else if (type) {
      t.equal(type[1], helped, 'TYPE follows its HELP');
      t.notOk(typeByFamily.has(helped), `${helped} is told once`);
      typeByFamily.set(helped, type[2] ?? '');
    } else if (sample) {
      const family = (sample[1] ?? '').replace(/_(bucket|sum|count)$/, (suffix) =>
        helped.endsWith(suffix) ? suffix : '',
      );
      t.equal(family, helped, `${line} stands under its family`);
      values.set(`${sample[1]}${sample[2] ?? ''}`, Number(sample[3]));
    } else t.fail(`not a line of the format: ${line}`);
  }
  for (const [family, type] of typeByFamily) t.equal(family.endsWith('_total'), type === 'counter', family);

  t.match(
    [...values.keys()].find((key) => key.startsWith('bench_target_info')),
    /version=.*runtime=.*os=.*database=.*cpus=.*memory_bytes=/,
  );
  t.equal(values.get('bench_target_rows_committed_total'), 20);
  t.equal(values.get('bench_target_requests_in_flight'), 1);
  t.equal(values.get('bench_target_queue_depth'), 0);
  t.equal(values.get('bench_target_requests_total{route="/api/test/upload",status="200"}'), 20);
  t.equal(values.get('bench_target_requests_total{route="/api/test/upload",status="422"}'), 1);
  t.equal(values.get('bench_target_request_duration_seconds_count{route="/api/test/upload"}'), 21);
  const buckets = [...values].filter(([key]) =>
    key.startsWith('bench_target_request_duration_seconds_bucket{route="/api/test/upload"'),
  );
  t.equal(buckets.length, DURATION_BOUNDS_SECONDS.length + 1);
  t.equal(buckets.at(-1)?.[1], 21, 'the last bucket holds all');
  t.ok(
    buckets.every(([, count], index) => index === 0 || count >= (buckets[index - 1]?.[1] ?? 0)),
    'buckets are cumulative',
  );
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'bench_target_event_loop_lag_seconds',
    'bench_target_host_memory_used_bytes',
  ]) {
    t.ok((values.get(name) ?? -1) >= 0, name);
  }
});
