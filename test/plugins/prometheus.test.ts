import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import type { Monitor } from '../../core/plugin.ts';
import prometheus from '../../plugins/prometheus.ts';
import { matchEach } from '../kit/match-each.ts';
import { answerOf, startRawServer } from './raw-server.ts';

const { signal } = new AbortController();
const PAGE = `# HELP bench_target_info The target.
# TYPE bench_target_info gauge
bench_target_info{version="0.1.0",os="a \\"b\\""} 1
node_uname_info{release="6.1"} 1
bench_target_queue_depth 3
bench_target_requests_total{route="/health",status="200"} 10
bench_target_requests_total{route="/api",status="200"} 90
process_cpu_seconds_total 1.5
bench_target_event_loop_lag_seconds NaN
`;

async function open(t: Test, page: () => string, input: object = {}): Promise<Monitor> {
  const server = await startRawServer((_request, { socket }) => socket.write(page()));
  t.teardown(() => server.stop());
  const checked = await prometheus.options['~standard'].validate(input);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  return prometheus.open(checked.value, { target: `${server.url}/`, baseDirectory: '/' });
}

t.test("the reference target's metrics, and rates from the second sample on", async (t) => {
  let cpuSeconds = 1.5;
  const monitor = await open(t, () => answerOf(PAGE.replace('seconds_total 1.5', `seconds_total ${cpuSeconds}`)));
  t.strictSame(await monitor.sample(signal), { queue_depth: 3 }, 'NaN and what is not there are left out');
  cpuSeconds = 2;
  const second = await monitor.sample(signal);
  t.ok((second.cpu_cores ?? 0) > 0);
  t.equal(second.requests_per_second, 0);
  cpuSeconds = 0;
  t.notOk('cpu_cores' in (await monitor.sample(signal)), 'a counter that fell was started anew');
  t.strictSame(await monitor.describe?.(signal), { version: '0.1.0', os: 'a "b"', 'node_uname.release': '6.1' });
  await monitor.close();
});

t.test("the memory of the target's host, beside what it has of it", async (t) => {
  const memory = 'bench_target_host_memory_bytes 100\nbench_target_host_memory_used_bytes 97\n';
  const monitor = await open(t, () => answerOf(PAGE + memory));
  t.match(await monitor.sample(signal), { host_memory_bytes: 100, host_memory_used_bytes: 97 });
});

t.test('metrics of your own', async (t) => {
  const metrics = { ok: 'bench_target_requests_total{status="200"}', api: 'bench_target_requests_total{route="/api"}' };
  const monitor = await open(t, () => answerOf(PAGE), { metrics });
  t.strictSame(await monitor.sample(signal), { ok: 100, api: 90 });
});

t.test('what is wrong is told', async (t) => {
  let page = answerOf('', 404);
  const monitor = await open(t, () => page);
  await t.rejects(monitor.sample(signal), { name: 'PluginError', message: /\/metrics answered 404$/ });
  page = answerOf('a 1\n');
  await t.rejects(monitor.sample(signal), { message: /has none of the expected metrics/ });
  page = answerOf('<html>\n');
  await t.rejects(monitor.sample(signal), { message: /is not a Prometheus page: line 1 is not a metric: <html>/ });
  page = answerOf('x'.repeat(17 * 1024 * 1024));
  await t.rejects(monitor.sample(signal), { message: /\/metrics answered more than 16 MiB$/ });
  const checked = await prometheus.options['~standard'].validate({ metrics: { a: 'rate(b' } });
  matchEach(t, checked.issues, [{ message: /"rate\(b" is not an expression for a metric: write name/ }]);
  const noUrl = await prometheus.options['~standard'].validate({});
  if (noUrl.issues) throw new Error('refused');
  t.throws(() => prometheus.open(noUrl.value, { target: '', baseDirectory: '/' }), { message: /needs a url/ });
});

t.test('a page that is elsewhere on its host is found; to another host no monitor follows', async (t) => {
  let asked = 0;
  const other = await startRawServer((_request, { socket }) => {
    asked++;
    socket.write(answerOf(PAGE));
  });
  t.teardown(() => other.stop());
  const to = (place: string) => `HTTP/1.1 302 Found\r\nlocation: ${place}\r\ncontent-length: 0\r\n\r\n`;
  let place = '/elsewhere';
  const server = await startRawServer((request, { socket }) =>
    socket.write(request.startsWith('GET /elsewhere ') ? answerOf(PAGE) : to(place)),
  );
  t.teardown(() => server.stop());
  const monitor = await prometheus.open(
    { url: `${server.url}/metrics`, metrics: undefined },
    { target: '', baseDirectory: '/' },
  );
  t.match(await monitor.sample(signal), { queue_depth: 3 });
  place = `${other.url}/metrics`;
  const message = `${server.url}/metrics leads to ${other.url}, where the monitor does not follow: give the address there`;
  await t.rejects(monitor.sample(signal), { name: 'PluginError', message });
  t.equal(asked, 0);
  place = '/metrics';
  await t.rejects(monitor.sample(signal), { message: `${server.url}/metrics answered more than 5 redirects` });
});

t.test('a page behind a password: it goes into a header, and neither into messages nor into the plan', async (t) => {
  const requests: string[] = [];
  let page = answerOf(PAGE);
  const server = await startRawServer((request, { socket }) => {
    requests.push(request);
    socket.write(page);
  });
  t.teardown(() => server.stop());
  const context = { target: '', baseDirectory: '/' };
  const url = `${server.url.replace('://', '://an%20a:p%40s%2F%3A@')}/metrics`;
  const monitor = await prometheus.open({ url, metrics: undefined }, context);
  t.match(await monitor.sample(signal), { queue_depth: 3 });
  t.match(requests[0], `authorization: Basic ${Buffer.from('an a:p@s/:').toString('base64')}\r\n`);
  page = answerOf('', 401);
  await t.rejects(monitor.sample(signal), { message: `${server.url}/metrics answered 401` });

  const issuesOf = async (url: string) => (await prometheus.options['~standard'].validate({ url })).issues;
  for (const written of ['http://u:secret@h/metrics', 'ftp://u:secret@h/metrics']) {
    const issues = await issuesOf(written);
    t.match(JSON.stringify(issues), /contains a password/);
    t.notMatch(JSON.stringify(issues), /secret/);
  }
  t.notOk(await issuesOf(`http://u:\${env:PW}@h/metrics`));
  t.notOk(await issuesOf('http://h/metrics'));
});

/** What the exporters really said, two seconds apart, while something inserted 40,845 rows. */
function captured(exporter: string, changed = (page: string, _index: number) => page): () => string {
  const pages = [1, 2].map((n, index) =>
    answerOf(changed(readFileSync(new URL(`./exposition/${exporter}-${n}.txt`, import.meta.url), 'utf8'), index)),
  );
  let asked = 0;
  return () => pages[Math.min(asked++, 1)] as string;
}

/** The pages were 2.14 s apart. */
const withTime = (page: string, index: number) => `${page}node_time_seconds ${1_669_000_000 + 2.14 * index}\n`;

t.test('node_exporter: processors, memory, disk and network of a host', async (t) => {
  const monitor = await open(t, captured('node-exporter-1.5.0', withTime));
  const first = await monitor.sample(signal);
  t.strictSame(first, {
    host_load: 3.02,
    host_memory_used_bytes: 25_276_502_016 - 22_800_805_888,
    host_memory_used_share: 1 - 22_800_805_888 / 25_276_502_016,
  });
  const second = await monitor.sample(signal);
  const close = (actual: number | undefined, wanted: number) =>
    t.ok(Math.abs((actual ?? -1) - wanted) < 1e-6, `${actual}`);
  close(second.host_cpu_share, 0.3995327 + 0.3504673 + 0.1495327);
  close(second.host_cpu_iowait_share, 0.0093458);
  t.equal(second.host_cpu_steal_share, 0);
  const { host_disk_read_bytes_per_second: read = 0, host_disk_written_bytes_per_second: written = 0 } = second;
  close(written / read, 23_228_416 / 954_368);
  t.equal(second.host_network_received_bytes_per_second, 0);
  t.equal(second.host_network_sent_bytes_per_second, 0);
  t.notOk('memory_bytes' in second, "the exporter's own memory is none of the host's");
  t.match(await monitor.describe?.(signal), { 'node_uname.nodename': 'db-1', 'node_exporter_build.version': '1.5.0' });
});

t.test('mysqld_exporter: the names of the mysql monitor', async (t) => {
  const monitor = await open(t, captured('mysqld-exporter-0.14.0'));
  t.strictSame(await monitor.sample(signal), { threads_running: 1, threads_connected: 1, row_lock_waiting: 0 });
  const { commits_per_second: commits = 0, ...second } = await monitor.sample(signal);
  t.ok(commits > 0);
  t.equal(second.rows_inserted_per_second, commits, 'each row in a transaction of its own');
  t.ok(Math.abs((second.questions_per_second ?? 0) / commits - 40_908 / 40_845) < 1e-9);
  t.ok(Math.abs((second.bytes_received_per_second ?? 0) / commits - 2_058_243 / 40_845) < 1e-9);
  t.match(second, { buffer_pool_hit_share: 1, row_lock_waits_per_second: 0, slow_queries_per_second: 0 });
  t.match(await monitor.describe?.(signal), { 'mysql_version.version': /^10\.11.*MariaDB/ });
});

t.test('rows inserted, as MySQL counts them', async (t) => {
  let rows = 5;
  const page = () => `mysql_up 1\nmysql_global_status_innodb_row_ops_total{operation="inserted"} ${rows}\n`;
  const monitor = await open(t, () => answerOf(`${page()}mysql_global_status_handlers_total{handler="write"} 9\n`));
  await monitor.sample(signal);
  rows = 6;
  t.ok(((await monitor.sample(signal)).rows_inserted_per_second ?? 0) > 0, 'not the rows of temporary tables too');
});

t.test('node_exporter: the share of the processors is what they were busy, however idle counters jump', async (t) => {
  for (const idle of [0, 0.4, 300]) {
    const jumpy = (page: string, index: number) =>
      page.replaceAll(/^(node_cpu_seconds_total\{cpu="\d",mode="idle"\}) .*$/gm, `$1 ${7000 + idle * index}`);
    const pages = captured('node-exporter-1.5.0', (page, index) => withTime(jumpy(page, index), index));
    const monitor = await open(t, pages);
    await monitor.sample(signal);
    const { host_cpu_share: share = -1 } = await monitor.sample(signal);
    t.ok(Math.abs(share - 0.8995327) < 1e-6, `${share}`);
  }
});

t.test('a URL that becomes that of a file once its references are filled in is not fetched', (t) => {
  const context = { target: 'http://127.0.0.1:1', baseDirectory: '/' };
  for (const url of ['file:///etc/hostname', 'data:text/plain,up 1', '']) {
    t.throws(() => prometheus.open({ url }, context), /the url is no http URL/);
  }
  t.end();
});
