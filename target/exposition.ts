import { Counter, Gauge, Registry } from 'prom-client';
import type { Environment } from './environment.ts';
import type { SystemSample } from './system.ts';
import type { RequestSources } from './system-views.ts';
import type { UploadStore } from './upload-store.ts';

/** Where the figures of the page are read when it is asked for. */
export interface ExpositionSources {
  readonly environment: Environment;
  readonly store: Pick<UploadStore, 'version'>;
  sample(): SystemSample;
  requests(): RequestSources;
}

type Read = () => number | undefined;

/** Everything that `GET /metrics` tells, in Prometheus text format 0.0.4. A figure that is not known yet has no sample. */
export function createExposition({ environment, store, sample, requests }: ExpositionSources): Registry {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, read: Read) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  const counter = (name: string, help: string, read: Read) =>
    new Counter({
      ...{ name, help, registers },
      collect() {
        const value = read();
        this.remove();
        if (value !== undefined) this.inc(value);
      },
    });
  const labels = {
    version: environment.version,
    runtime: environment.runtime,
    os: environment.os,
    database: store.version,
    cpus: environment.cpuCount,
    memory_bytes: environment.memoryBytes,
  };
  const help = 'The target and the machine it runs on, as labels.';
  new Gauge({ name: 'bench_target_info', help, labelNames: Object.keys(labels), registers }).set(labels, 1);
  gauge(
    'bench_target_requests_in_flight',
    'Requests being handled, this one included.',
    () => requests().requests.inFlight,
  );
  gauge('bench_target_queue_depth', 'Uploads waiting for the database now.', () => requests().queueDepth);
  gauge(
    'bench_target_queue_depth_max',
    'The most uploads that waited for the database at once, over the last second.',
    () => sample().deepestQueue,
  );
  gauge(
    'bench_target_event_loop_lag_seconds',
    'The worst lateness of a timer over the last second.',
    () => sample().eventLoopLagMs / 1000,
  );
  counter('bench_target_rows_committed_total', 'Rows committed and acknowledged.', () => requests().rowsCommitted);
  registry.registerMetric(requests().requests.requestsTotal);
  registry.registerMetric(requests().requests.durations);
  counter('process_cpu_seconds_total', 'CPU time of the target, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge('process_resident_memory_bytes', 'Resident memory of the target.', () => sample().residentBytes);
  gauge(
    'bench_target_host_cpu_ratio',
    'Share of the CPU time of all cores in use over the last two seconds, 0 to 1.',
    () => sample().cpuShare,
  );
  gauge('bench_target_host_memory_bytes', 'Memory of the host.', () => sample().host.memory.totalBytes);
  gauge('bench_target_host_memory_used_bytes', 'Memory of the host in use.', () => {
    const { memory } = sample().host;
    return memory.totalBytes - memory.availableBytes;
  });
  counter(
    'bench_target_host_disk_read_bytes_total',
    'Bytes read from all disks since boot.',
    () => sample().host.diskIo?.readBytes,
  );
  counter(
    'bench_target_host_disk_written_bytes_total',
    'Bytes written to all disks since boot.',
    () => sample().host.diskIo?.writtenBytes,
  );
  counter(
    'bench_target_host_network_received_bytes_total',
    'Bytes received on all interfaces since boot.',
    () => sample().host.network?.receivedBytes,
  );
  counter(
    'bench_target_host_network_sent_bytes_total',
    'Bytes sent on all interfaces since boot.',
    () => sample().host.network?.sentBytes,
  );
  return registry;
}
