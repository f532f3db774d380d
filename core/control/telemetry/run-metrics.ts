import type { Registry } from 'prom-client';
import type { Output, OutputContext, OutputSecond } from '../../output.ts';
import type { OutputPlugin } from '../../plugin.ts';
import { metricsOf, type Present, type Sums } from '../../series/run-series.ts';
import { CLASSIC_BOUNDS_S, classicCounts, type Labels, type Metric } from '../../series/series.ts';
import { countOf } from '../../stats/merge-encoded.ts';
import type { RunResult } from '../../stats/result.ts';
import { outcomeOf } from '../../verdict/conclusion/run-outcome.ts';

/** How long the figures of a run stay on the page when it has ended, so that whoever reads it each minute gets its last ones. */
const KEPT_MS = 5 * 60_000;

/** A line of the page, as prom-client writes it. */
interface Value {
  readonly metricName?: string;
  readonly labels: Labels;
  readonly value: number;
}

/** The figures of runs on control's page of metrics: an output that every run has, and that a page is made of when it is read. */
export class RunMetrics {
  readonly #runs = new Set<RunPage>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  /** What gives this the figures of every run. */
  readonly plugin: OutputPlugin = {
    kind: 'output',
    name: 'metrics',
    description: "Shows the figures of runs on control's page of metrics.",
    options: { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } },
    open: (_, context) => {
      // Nobody may ever read the page.
      this.#forgetOld();
      const page = new RunPage(context, () => this.#nowMs());
      this.#runs.add(page);
      return page;
    },
  };

  /** Puts the figures into an empty registry. */
  fill(registry: Registry): void {
    this.#forgetOld();
    const byName = Map.groupBy(
      [...this.#runs].flatMap((run) => run.metrics()),
      ({ name }) => name,
    );
    for (const [name, metrics] of byName) {
      const [{ help, kind: type }] = metrics as [Metric, ...Metric[]];
      const values = metrics.flatMap(valuesOf);
      const metric = { name, get: async () => ({ name, help, type, aggregator: 'sum', values }) };
      // prom-client's own histograms can only observe; it writes any metric that has these.
      registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
    }
  }

  #forgetOld(): void {
    const beforeMs = this.#nowMs() - KEPT_MS;
    for (const run of this.#runs) if (run.isOver(beforeMs)) this.#runs.delete(run);
  }
}

/** The newest figures of one run. */
class RunPage implements Output {
  readonly #context: OutputContext;
  readonly #nowMs: () => number;
  #sums: Sums = { operations: [], timings: [], scenarios: [], thresholds: [] };
  #present: Present = { state: 'preparing', scenarios: [], agents: [], monitors: {} };
  #hasResult = false;
  #closedMs = Number.POSITIVE_INFINITY;

  constructor(context: OutputContext, nowMs: () => number) {
    this.#context = context;
    this.#nowMs = nowMs;
  }

  metrics(): Metric[] {
    return metricsOf(this.#context, this.#sums, this.#present);
  }

  isOver(beforeMs: number): boolean {
    return this.#closedMs < beforeMs;
  }

  second({ isCorrection, scenarios, agents, monitors, soFar }: OutputSecond): void {
    if (!isCorrection) this.#present = { state: 'running', scenarios, agents, monitors };
    if (soFar !== undefined) this.#sums = soFar;
  }

  end(result: RunResult): void {
    const { operations, timings, scenarios, thresholds } = result;
    // The rest of the result is large, and nobody reads it here.
    this.#sums = { operations, timings, scenarios, thresholds };
    this.#present = { state: outcomeOf(result), scenarios: [], agents: [], monitors: {} };
    this.#hasResult = true;
  }

  close(): void {
    this.#closedMs = this.#nowMs();
    if (!this.#hasResult) this.#present = { state: 'failed', scenarios: [], agents: [], monitors: {} };
  }
}

function valuesOf(metric: Metric): Value[] {
  if (metric.kind !== 'histogram') return [...metric.points];
  const { name } = metric;
  return metric.points.flatMap(({ labels, histogram }): Value[] => {
    const count = countOf(histogram);
    const buckets = classicCounts(histogram).map((value, i) => {
      return { metricName: `${name}_bucket`, labels: { ...labels, le: String(CLASSIC_BOUNDS_S[i]) }, value };
    });
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels, value: histogram.sumUs / 1e6 },
      { metricName: `${name}_count`, labels, value: count },
    ];
  });
}
