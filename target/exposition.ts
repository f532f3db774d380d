import type { Environment } from './environment.ts';
import { DURATION_BOUNDS_SECONDS } from './metrics.ts';
import type { UploadStore } from './store.ts';
import type { SystemSample } from './system.ts';
import type { RequestSources } from './system-views.ts';

/** The media type of the text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string | number>>;
type MetricType = 'counter' | 'gauge' | 'histogram';

/** Everything `GET /metrics` tells, in Prometheus text format 0.0.4. A figure that is not known yet is left out. */
export function exposition(
  environment: Environment,
  store: UploadStore,
  sample: SystemSample,
  sources: RequestSources,
): string {
  const page = new Page();
  const { requests } = sources;
  const { memory, diskIo, network } = sample.host;
  page.one('bench_target_info', 'gauge', 'The target and the machine it runs on, as labels.', 1, {
    version: environment.version,
    runtime: environment.runtime,
    os: environment.os,
    database: store.version,
    cpus: environment.cpuCount,
    memory_bytes: environment.memoryBytes,
  });
  page.one('bench_target_requests_in_flight', 'gauge', 'Requests being handled, this one included.', requests.inFlight);
  page.one('bench_target_queue_depth', 'gauge', 'Uploads waiting for the database now.', sources.queueDepth);
  page.one(
    'bench_target_queue_depth_max',
    'gauge',
    'The most uploads that waited for the database at once, over the last second.',
    sample.deepestQueue,
  );
  page.one(
    'bench_target_event_loop_lag_seconds',
    'gauge',
    'The worst lateness of a timer over the last second.',
    sample.eventLoopLagMs / 1000,
  );
  page.one('bench_target_rows_committed_total', 'counter', 'Rows committed and acknowledged.', sources.rowsCommitted);
  const routes = requests.routes();
  page.head('bench_target_requests_total', 'counter', 'Requests answered, by route and HTTP status.');
  for (const { route, countByStatus } of routes) {
    for (const [status, count] of countByStatus) page.line('bench_target_requests_total', count, { route, status });
  }
  const duration = 'bench_target_request_duration_seconds';
  page.head(duration, 'histogram', 'Time from the start of handling a request to its answer, by route.');
  for (const { route, countByBucket, durationSumSeconds, count } of routes) {
    let cumulated = 0;
    for (const [index, bound] of DURATION_BOUNDS_SECONDS.entries()) {
      cumulated += countByBucket[index] ?? 0;
      page.line(`${duration}_bucket`, cumulated, { route, le: bound });
    }
    page.line(`${duration}_bucket`, count, { route, le: '+Inf' });
    page.line(`${duration}_sum`, durationSumSeconds, { route });
    page.line(`${duration}_count`, count, { route });
  }
  const { user, system } = process.cpuUsage();
  page.one('process_cpu_seconds_total', 'counter', 'CPU time of the target, user and system.', (user + system) / 1e6);
  page.one('process_resident_memory_bytes', 'gauge', 'Resident memory of the target.', sample.residentBytes);
  page.one(
    'bench_target_host_cpu_ratio',
    'gauge',
    'Share of the CPU time of all cores in use over the last second, 0 to 1.',
    sample.cpuShare,
  );
  page.one('bench_target_host_memory_bytes', 'gauge', 'Memory of the host.', memory.totalBytes);
  page.one(
    'bench_target_host_memory_used_bytes',
    'gauge',
    'Memory of the host in use.',
    memory.totalBytes - memory.availableBytes,
  );
  page.one(
    'bench_target_host_disk_read_bytes_total',
    'counter',
    'Bytes read from all disks since boot.',
    diskIo?.readBytes,
  );
  page.one(
    'bench_target_host_disk_written_bytes_total',
    'counter',
    'Bytes written to all disks since boot.',
    diskIo?.writtenBytes,
  );
  page.one(
    'bench_target_host_network_received_bytes_total',
    'counter',
    'Bytes received on all interfaces since boot.',
    network?.receivedBytes,
  );
  page.one(
    'bench_target_host_network_sent_bytes_total',
    'counter',
    'Bytes sent on all interfaces since boot.',
    network?.sentBytes,
  );
  return page.text;
}

class Page {
  text = '';

  one(name: string, type: MetricType, help: string, value: number | undefined, labels: Labels = {}): void {
    if (value === undefined) return;
    this.head(name, type, help);
    this.line(name, value, labels);
  }

  head(name: string, type: MetricType, help: string): void {
    this.text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  }

  line(name: string, value: number, labels: Labels): void {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(String(text))}"`);
    this.text += `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
  }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
