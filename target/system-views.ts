import { loadavg } from 'node:os';
import type { Environment } from './environment.ts';
import type { RequestMetrics, RouteFigures } from './metrics.ts';
import type { SystemSample } from './system.ts';
import type { UploadStore } from './upload-store.ts';

/** `GET /api/system/info`: what does not change while the target runs. */
export function infoView(environment: Environment, store: UploadStore) {
  return {
    os: environment.os,
    host: environment.host,
    runtime: environment.runtime,
    cpus: { count: environment.cpuCount, model: environment.cpuModel },
    memory: { total_bytes: environment.memoryBytes },
    versions: { bench: environment.version, database: store.version },
    database: store.description,
    pid: environment.pid,
    started_at: environment.startedAt.toISOString(),
  };
}

/** `GET /api/system/health`: the database as the last sample found it; `GET /health` asks the database itself. */
export function healthView(environment: Environment, sample: SystemSample) {
  const problem = sample.databaseProblem;
  return {
    status: problem === undefined ? 'ok' : 'unavailable',
    ...(problem === undefined ? {} : { problem }),
    sampled_at: sample.takenAt.toISOString(),
    uptime_seconds: secondsSince(environment.startedAt),
  };
}

/** `GET /api/system/stats`: host and process over the last second; null where it is not known. */
export function statsView(environment: Environment, sample: SystemSample) {
  const { memory, disk, diskIo, network } = sample.host;
  const usedBytes = memory.totalBytes - memory.availableBytes;
  return {
    sampled_at: sample.takenAt.toISOString(),
    cpu: {
      percent: percent(sample.cpuShare),
      count: environment.cpuCount,
      frequency_mhz: environment.cpuFrequencyMhz ?? null,
      load_average: loadavg(),
    },
    memory: {
      total_bytes: memory.totalBytes,
      used_bytes: usedBytes,
      available_bytes: memory.availableBytes,
      percent: percent(usedBytes / memory.totalBytes),
    },
    disk: {
      total_bytes: disk?.totalBytes ?? null,
      free_bytes: disk?.freeBytes ?? null,
      percent: percent(disk && 1 - disk.freeBytes / disk.totalBytes),
      read_bytes: diskIo?.readBytes ?? null,
      written_bytes: diskIo?.writtenBytes ?? null,
      read_bytes_per_second: rounded(sample.diskReadBytesPerSecond),
      written_bytes_per_second: rounded(sample.diskWrittenBytesPerSecond),
    },
    network: {
      received_bytes: network?.receivedBytes ?? null,
      sent_bytes: network?.sentBytes ?? null,
      received_bytes_per_second: rounded(sample.receivedBytesPerSecond),
      sent_bytes_per_second: rounded(sample.sentBytesPerSecond),
    },
    process: {
      pid: environment.pid,
      uptime_seconds: secondsSince(environment.startedAt),
      cpu_percent: percent(sample.processCpuCores),
      resident_bytes: sample.residentBytes,
      event_loop_lag_ms: rounded(sample.eventLoopLagMs, 1),
    },
  };
}

/** Where the request figures are read. */
export interface RequestSources {
  readonly requests: RequestMetrics;
  readonly queueDepth: number;
  readonly rowsCommitted: number;
}

/** `GET /api/system/metrics`: the stats and the request figures since the start. */
export async function metricsView(environment: Environment, sample: SystemSample, sources: RequestSources) {
  const routes = await sources.requests.routes();
  return {
    ...statsView(environment, sample),
    requests: {
      in_flight: sources.requests.inFlight,
      queue_depth: sources.queueDepth,
      queue_depth_max: sample.deepestQueue,
      rows_committed: sources.rowsCommitted,
      routes: routes.map(routeView),
    },
  };
}

function routeView(figures: RouteFigures) {
  return {
    route: figures.route,
    count: figures.count,
    by_status: Object.fromEntries(figures.countByStatus),
    mean_ms: rounded((figures.durationSumSeconds / figures.count) * 1000, 3),
  };
}

function secondsSince(instant: Date): number {
  return Math.round((Date.now() - instant.getTime()) / 1000);
}

function percent(share: number | undefined): number | null {
  return rounded(share === undefined ? undefined : share * 100, 1);
}

function rounded(value: number | undefined, decimals = 0): number | null {
  return value === undefined ? null : Number(value.toFixed(decimals));
}
