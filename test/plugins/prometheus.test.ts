import t, { type Test } from 'tap';
import type { Monitor } from '../../core/plugin.ts';
import prometheus from '../../plugins/prometheus.ts';
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
  await t.rejects(monitor.sample(signal), { message: /has none of the metrics asked for/ });
  page = answerOf('<html>\n');
  await t.rejects(monitor.sample(signal), { message: /is no Prometheus page: line 1 is no metric: <html>/ });
  const checked = await prometheus.options['~standard'].validate({ metrics: { a: 'rate(b' } });
  t.match(checked.issues, [{ message: /"rate\(b" is no metric: write a name/ }]);
  const noUrl = await prometheus.options['~standard'].validate({});
  if (noUrl.issues) throw new Error('refused');
  t.throws(() => prometheus.open(noUrl.value, { target: '', baseDirectory: '/' }), { message: /needs a url/ });
});
