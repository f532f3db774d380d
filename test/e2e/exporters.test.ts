import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';

t.test("the host's and the database's exporters stand beside the load, and bound it", async (t) => {
  const page = (name: string) => readFileSync(new URL(`../plugins/exposition/${name}.txt`, import.meta.url), 'utf8');
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const exporter = request.url?.slice(1) ?? '';
    const times = (asked.get(exporter) ?? 0) + 1;
    asked.set(exporter, times);
    const shown = times < 3 ? 1 : 2;
    // The exporter's own clock: the two pages were recorded 2.11 s apart, whenever they are served.
    const clock = exporter.startsWith('node') ? `node_time_seconds ${1_700_000_000 + 2.11 * shown}\n` : '';
    response.end(page(`${exporter}-${shown}`) + clock);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { folder, start } = workbench(t, {
    'plan.yaml': `name: Exporters
scenarios:
  all: { executor: constant-vus, vus: 2, duration: 4s, thinkTime: 20ms, operations: [{ driver: 'null' }] }
monitors:
  host: { use: prometheus, options: { url: '${url}/node-exporter-1.5.0' } }
  db: { use: prometheus, options: { url: '${url}/mysqld-exporter-0.14.0' } }
thresholds:
  - host.host_memory_used_share max < 20%
  - host.host_cpu_share max < 95%
  - db.row_lock_waits_per_second max == 0
  - db.threads_connected max < 1
`,
  });
  const ended = await start(['run', 'plan.yaml', '--out', 'out']).ended;
  const result = resultIn(`${folder}/out`);
  endedWith(t, ended, 99, result);
  t.strictSame(
    result.thresholds.map(({ status }) => status),
    ['pass', 'pass', 'pass', 'fail', 'pass'],
    ended.stdout,
  );
  const names = result.monitors.map(({ name }) => name);
  for (const name of ['host.host_cpu_share', 'host.host_disk_written_bytes_per_second', 'db.commits_per_second']) {
    t.ok(names.includes(name), name);
  }
  t.match(readFileSync(`${folder}/out/report.md`, 'utf8'), /host\.host_cpu_share/);
});
