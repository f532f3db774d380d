import process from 'node:process';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from '../../version.ts';
import type { CommittedWindow, MetricsSink } from './metrics-sink.ts';
import type { RunMetrics } from './run-metrics.ts';
import type { StateCounts } from './state-counts.ts';

const LAG_INTERVAL_MS = 100;
const LATENCY_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Control's own metrics, and the figures of its runs, in the text format of Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export class ControlMetrics implements MetricsSink {
  readonly #registry = new Registry();
  readonly #windows = this.#counter('bench_control_windows_total', 'Windows that arrived from agents', ['outcome']);
  readonly #bytes = this.#counter('bench_control_window_bytes_total', 'Bytes of the windows that were stored');
  readonly #samples = this.#counter('bench_control_samples_total', 'Samples that were merged');
  readonly #errors = this.#counter('bench_control_sample_errors_total', 'Samples that were merged and had failed');
  readonly #failedJoins = this.#counter('bench_control_failed_joins_total', 'Joins that were rejected');
  readonly #endedRuns = this.#counter('bench_control_ended_runs_total', 'Runs that have ended', ['outcome']);
  readonly #dropped = this.#counter(
    'bench_control_export_dropped_total',
    'Seconds of runs that an output did not get',
    ['output'],
  );
  readonly #ack = this.#histogram('bench_control_ack_seconds', "Time from a window's arrival to its acknowledgement");
  readonly #commit = this.#histogram('bench_control_store_commit_seconds', 'Time of a transaction that stores windows');
  #lagTimer: ReturnType<typeof setTimeout> | undefined;
  #worstLagMs = 0;

  readonly #runs: RunMetrics;

  /** @param stateCounts called whenever the page is read */
  constructor(stateCounts: () => StateCounts, runs: RunMetrics) {
    this.#runs = runs;
    for (const outcome of ['received', 'duplicate', 'refused']) this.#windows.inc({ outcome }, 0);
    this.#gauge('bench_control_info', 'Version of control', ['version']).set({ version: VERSION }, 1);
    this.#states('bench_control_agents', 'Agents by state', () => stateCounts().agents);
    this.#states('bench_control_runs', 'Runs that have not ended, by state', () => stateCounts().runs);
    this.#read(
      'bench_control_event_loop_lag_seconds',
      'Longest delay of the event loop since this page was read last',
      () => {
        const worstMs = this.#worstLagMs;
        this.#worstLagMs = 0;
        return worstMs / 1000;
      },
    );
    this.#read('process_resident_memory_bytes', 'Resident memory of the process', () => process.memoryUsage().rss);
    this.#read(
      'process_start_time_seconds',
      'Start of the process, in seconds since 1970',
      () => Date.now() / 1000 - process.uptime(),
    );
    this.#cpu();
    this.#watchLag();
  }

  readonly contentType = this.#registry.contentType;

  async page(): Promise<string> {
    const runs = new Registry();
    this.#runs.fill(runs);
    return (await this.#registry.metrics()) + (await runs.metrics());
  }

  committed(windows: readonly CommittedWindow[], storeUs: number): void {
    this.#commit.observe(storeUs / 1e6);
    for (const { bytes, samples, errors, ackUs } of windows) {
      this.#windows.inc({ outcome: 'received' });
      this.#bytes.inc(bytes);
      this.#samples.inc(samples);
      this.#errors.inc(errors);
      this.#ack.observe(ackUs / 1e6);
    }
  }

  duplicate(): void {
    this.#windows.inc({ outcome: 'duplicate' });
  }

  refused(): void {
    this.#windows.inc({ outcome: 'refused' });
  }

  joinFailed(): void {
    this.#failedJoins.inc();
  }

  outputDropped(output: string, seconds: number): void {
    this.#dropped.inc({ output }, seconds);
  }

  runEnded(outcome: string): void {
    this.#endedRuns.inc({ outcome });
  }

  close(): void {
    clearTimeout(this.#lagTimer);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[] = []): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string): Histogram {
    return new Histogram({ name, help, buckets: LATENCY_BUCKETS_S, registers: [this.#registry] });
  }

  #read(name: string, help: string, read: () => number): void {
    const collect = function (this: Gauge) {
      this.set(read());
    };
    new Gauge({ name, help, collect, registers: [this.#registry] });
  }

  #states(name: string, help: string, count: () => Readonly<Record<string, number>>): void {
    const collect = function (this: Gauge<'state'>) {
      this.reset();
      for (const [state, number] of Object.entries(count())) this.set({ state }, number);
    };
    new Gauge({ name, help, labelNames: ['state'], collect, registers: [this.#registry] });
  }

  #cpu(): void {
    const collect = function (this: Counter) {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    };
    const [name, help] = ['process_cpu_seconds_total', 'CPU time of the process'];
    new Counter({ name, help, collect, registers: [this.#registry] });
  }

  /** Measures the delay by an absolute schedule, because runtimes other than Node cannot monitor their event loop. */
  #watchLag(): void {
    const dueMs = performance.now() + LAG_INTERVAL_MS;
    this.#lagTimer = setTimeout(() => {
      this.#worstLagMs = Math.max(this.#worstLagMs, performance.now() - dueMs);
      this.#watchLag();
    }, LAG_INTERVAL_MS);
    this.#lagTimer.unref?.();
  }
}
