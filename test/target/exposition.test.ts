import t from 'tap';
import { parseExposition } from '../../plugins/prometheus/text.ts';
import { DURATION_BOUNDS_SECONDS, RequestMetrics } from '../../target/metrics.ts';
import { get, metricsPage, started, upload } from './fixtures/started.ts';

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
  const [figures] = await requests.routes();
  t.strictSame(
    [...(figures?.countByStatus ?? [])],
    [
      [200, 3],
      [503, 1],
    ],
  );
  t.equal(figures?.count, 4);
  t.equal(figures?.durationSumSeconds.toFixed(4), '60.2011');
  const { values } = await requests.durations.get();
  const upTo = (bound: number | string) =>
    values.find(({ labels }) => (labels as { le?: number | string }).le === bound)?.value;
  t.strictSame([upTo(0.0005), upTo(0.001), upTo(0.1), upTo(0.2)], [1, 2, 2, 3], 'a bound belongs to its bucket');
  t.strictSame([upTo(10), upTo('+Inf')], [3, 4], 'what is slower than all bounds is kept');
});

/** Every family of the page: type, help, and the labels of its samples. */
const FAMILIES = `
bench_target_info gauge version,runtime,os,database,cpus,memory_bytes: The target and the machine it runs on, as labels.
bench_target_requests_in_flight gauge : Requests being handled, this one included.
bench_target_queue_depth gauge : Uploads waiting for the database now.
bench_target_queue_depth_max gauge : The most uploads that waited for the database at once, over the last second.
bench_target_event_loop_lag_seconds gauge : The worst lateness of a timer over the last second.
bench_target_rows_committed_total counter : Rows committed and acknowledged.
bench_target_requests_total counter route,status: Requests answered, by route and HTTP status.
bench_target_request_duration_seconds histogram route,le: Time from the start of handling a request to its answer, by route.
process_cpu_seconds_total counter : CPU time of the target, user and system.
process_resident_memory_bytes gauge : Resident memory of the target.
bench_target_host_cpu_ratio gauge : Share of the CPU time of all cores in use over the last two seconds, 0 to 1.
bench_target_host_memory_bytes gauge : Memory of the host.
bench_target_host_memory_used_bytes gauge : Memory of the host in use.
bench_target_host_disk_read_bytes_total counter : Bytes read from all disks since boot.
bench_target_host_disk_written_bytes_total counter : Bytes written to all disks since boot.
bench_target_host_network_received_bytes_total counter : Bytes received on all interfaces since boot.
bench_target_host_network_sent_bytes_total counter : Bytes sent on all interfaces since boot.
`;
/** Known from the second sample on, and only where the system tells. */
const MAY_BE_MISSING = /^bench_target_host_(cpu_ratio|disk|network)/;

t.test('/metrics is Prometheus text format 0.0.4', async (t) => {
  const { url } = await started(t);
  await Promise.all(Array.from({ length: 20 }, (_, index) => upload(url, `d${index}`)));
  await upload(url, '');
  const answer = await get(`${url}/metrics`);
  t.equal(answer.status, 200);
  t.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const text = answer.body as string;
  t.ok(text.endsWith('\n'));
  const samples = parseExposition(text);
  const familyOf = (name: string) =>
    name.startsWith('bench_target_request_duration_seconds') ? 'bench_target_request_duration_seconds' : name;
  for (const line of FAMILIES.trim().split('\n')) {
    const [, name = '', type, labels = '', help] = /^(\w+) (\w+) ([\w,]*): (.*)$/.exec(line) ?? [];
    const ofFamily = samples.filter((sample) => familyOf(sample.name) === name);
    if (ofFamily.length === 0 && MAY_BE_MISSING.test(name)) continue;
    t.equal(text.split(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}`).length, 2, `${name} is told once`);
    const found = new Set(ofFamily.flatMap((sample) => Object.keys(sample.labels)));
    t.strictSame([...found].sort(), labels.split(',').filter(Boolean).sort(), `labels of ${name}`);
  }
  const families = new Set(samples.map(({ name }) => familyOf(name)));
  for (const name of families) t.match(FAMILIES, `\n${name} `);

  const value = (name: string, labels: Record<string, string> = {}) =>
    samples.find((sample) => {
      const pairs = Object.entries(labels);
      return sample.name === name && pairs.every(([label, text]) => sample.labels[label] === text);
    })?.value;
  const route = '/api/test/upload';
  t.equal(value('bench_target_info'), 1);
  t.equal(value('bench_target_rows_committed_total'), 20);
  t.equal(value('bench_target_requests_in_flight'), 1);
  t.equal(value('bench_target_queue_depth'), 0);
  t.equal(value('bench_target_requests_total', { route, status: '200' }), 20);
  t.equal(value('bench_target_requests_total', { route, status: '422' }), 1);
  t.equal(value('bench_target_request_duration_seconds_count', { route }), 21);
  t.ok((value('bench_target_request_duration_seconds_sum', { route }) ?? 0) > 0);
  const buckets = samples.filter(
    ({ name, labels }) => name === 'bench_target_request_duration_seconds_bucket' && labels.route === route,
  );
  t.strictSame(
    buckets.map(({ labels }) => labels.le),
    [...DURATION_BOUNDS_SECONDS.map(String), '+Inf'],
  );
  t.equal(buckets.at(-1)?.value, 21, 'the last bucket holds all');
  t.ok(
    buckets.every(({ value }, index) => index === 0 || value >= (buckets[index - 1]?.value ?? 0)),
    'buckets are cumulative',
  );
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'bench_target_event_loop_lag_seconds',
    'bench_target_host_memory_used_bytes',
  ]) {
    t.ok((value(name) ?? -1) >= 0, name);
  }
  const again = parseExposition(await metricsPage(url));
  const counted = again.find(
    ({ name, labels }) => name === 'bench_target_requests_total' && labels.route === '/metrics',
  );
  t.equal(counted?.value, 1, 'the page counts itself once it is answered');
  t.equal(again.find(({ name }) => name === 'bench_target_rows_committed_total')?.value, 20);
});
