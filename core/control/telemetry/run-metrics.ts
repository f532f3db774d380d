import type { Registry } from 'prom-client';
import type { Output, OutputContext, OutputSecond } from '../../output.ts';
import type { OutputPlugin } from '../../plugin.ts';
import { classicSamples } from '../../series/classic.ts';
import { RecentTimes } from '../../series/recent-times.ts';
import { behindSeconds, metricsOf, type Present, responseTimesOf, type Sums } from '../../series/run-series.ts';
import type { Metric } from '../../series/series.ts';
import type { RunResult } from '../../stats/result.ts';
import { outcomeOf } from '../../verdict/conclusion/run-outcome.ts';

/** How long the figures of a run stay on the page when it has ended, so that whoever reads it each minute gets its last ones. */
const KEPT_MS = 5 * 60_000;

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
      const values = metrics
        .flatMap(classicSamples)
        .map(({ name: metricName, ...value }) => ({ metricName, ...value }));
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
  readonly #recent = new RecentTimes();
  #present: Present = { state: 'preparing', scenarios: [], agents: [], monitors: {} };
  /** The newest second, and the run start in milliseconds since 1970; undefined when the run does not go on. */
  #shown: { readonly second: number; readonly startMs: number } | undefined;
  #hasResult = false;
  #closedMs = Number.POSITIVE_INFINITY;

  constructor(context: OutputContext, nowMs: () => number) {
    this.#context = context;
    this.#nowMs = nowMs;
  }

  metrics(): Metric[] {
    const behind = this.#shown && behindSeconds(this.#shown.startMs, this.#shown.second, this.#nowMs());
    return metricsOf(this.#context, this.#sums, { ...this.#present, behindSeconds: behind });
  }

  isOver(beforeMs: number): boolean {
    return this.#closedMs < beforeMs;
  }

  second({ second, startedAt, isCorrection, scenarios, agents, monitors, soFar }: OutputSecond): void {
    if (isCorrection) return;
    let { recent } = this.#present;
    if (soFar !== undefined) {
      this.#sums = soFar;
      recent = this.#recent.add(second, responseTimesOf(soFar.operations));
    }
    this.#present = { state: 'running', scenarios, agents, monitors, recent };
    this.#shown = { second, startMs: Date.parse(startedAt) };
  }

  end(result: RunResult): void {
    const { operations, timings, ratios, scenarios, thresholds, reconciliations } = result;
    // The rest of the result is large, and nobody reads it here.
    this.#sums = { operations, timings, ratios, scenarios, thresholds, reconciliations };
    this.#present = { state: outcomeOf(result), scenarios: [], agents: [], monitors: {} };
    this.#shown = undefined;
    this.#hasResult = true;
  }

  close(): void {
    this.#closedMs = this.#nowMs();
    this.#shown = undefined;
    if (!this.#hasResult) this.#present = { state: 'failed', scenarios: [], agents: [], monitors: {} };
  }
}
