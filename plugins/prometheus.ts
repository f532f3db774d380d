import { z } from 'zod';
import { object, shown } from '../core/plan/fields.ts';
import { referencesIn } from '../core/plan/reference.ts';
import { defineMonitor, type Monitor, PluginError } from '../core/plugin.ts';
import {
  type ExposedSample,
  ExpositionError,
  type MetricSelector,
  parseExposition,
  parseSelector,
  select,
} from './prometheus-text.ts';

/** What is taken of the reference target's page. */
const TARGET_METRICS: Readonly<Record<string, string>> = {
  queue_depth: 'bench_target_queue_depth',
  queue_depth_max: 'bench_target_queue_depth_max',
  requests_in_flight: 'bench_target_requests_in_flight',
  requests_per_second: 'rate(bench_target_requests_total)',
  rows_committed: 'bench_target_rows_committed_total',
  event_loop_lag_seconds: 'bench_target_event_loop_lag_seconds',
  cpu_cores: 'rate(process_cpu_seconds_total)',
  memory_bytes: 'process_resident_memory_bytes',
  host_cpu_share: 'bench_target_host_cpu_ratio',
  host_memory_used_bytes: 'bench_target_host_memory_used_bytes',
  host_disk_read_bytes_per_second: 'rate(bench_target_host_disk_read_bytes_total)',
  host_disk_written_bytes_per_second: 'rate(bench_target_host_disk_written_bytes_total)',
  host_network_received_bytes_per_second: 'rate(bench_target_host_network_received_bytes_total)',
  host_network_sent_bytes_per_second: 'rate(bench_target_host_network_sent_bytes_total)',
};
const PAGE_LIMIT_CHARACTERS = 16 * 1024 * 1024;

const selector = z.string().transform((text, context): MetricSelector => {
  const parsed = parseSelector(text);
  if (parsed) return parsed;
  context.addIssue({
    code: 'custom',
    message: `${shown(text)} is no metric: write a name, name{label="value"}, or rate(…) of one of these`,
  });
  return z.NEVER;
});

const options = object({
  url: z
    .string()
    .refine((url) => referencesIn(url).length > 0 || /^https?:$/.test(URL.parse(url)?.protocol ?? ''), {
      error: (issue) => `must be a http URL, not ${shown(issue.input)}`,
    })
    .optional()
    .describe("The page with the metrics. Default: the target's /metrics."),
  metrics: z
    .record(z.string().regex(/^[a-zA-Z_]\w*$/, { error: 'must be letters, digits and _' }), selector)
    .prefault(TARGET_METRICS)
    .describe('What to take, by the name it gets: a metric, with labels where needed, in rate(…) for a counter.'),
});

/** Samples a page in Prometheus text format, such as that of the reference target. */
export default defineMonitor<z.output<typeof options>>({
  name: 'prometheus',
  description: "Samples the target's /metrics page (Prometheus text format) each second.",
  options,
  open({ url, metrics }, { target }) {
    if (url === undefined && !/^https?:/i.test(target)) {
      throw new PluginError('monitor "prometheus" needs a url, because the plan has no http target');
    }
    return new PrometheusMonitor(url ?? `${target.replace(/\/+$/, '')}/metrics`, metrics);
  },
});

class PrometheusMonitor implements Monitor {
  readonly #url: string;
  readonly #metrics: readonly (readonly [string, MetricSelector])[];
  /** Counter values of the sample before, and when that was. */
  #counters = new Map<string, number>();
  #atMs = 0;

  constructor(url: string, metrics: Readonly<Record<string, MetricSelector>>) {
    this.#url = url;
    this.#metrics = Object.entries(metrics);
  }

  async sample(signal: AbortSignal): Promise<Record<string, number>> {
    const page = await this.#page(signal);
    const nowMs = performance.now();
    const elapsedS = (nowMs - this.#atMs) / 1000;
    const counters = new Map<string, number>();
    const values: Record<string, number> = {};
    let found = 0;
    for (const [name, wanted] of this.#metrics) {
      const value = select(page, wanted);
      if (value === undefined) continue;
      found += 1;
      if (!wanted.perSecond) {
        values[name] = value;
        continue;
      }
      const before = this.#counters.get(name);
      counters.set(name, value);
      // A counter that fell was started anew: its growth is not known.
      if (before !== undefined && value >= before && elapsedS > 0) values[name] = (value - before) / elapsedS;
    }
    if (found === 0) {
      throw new PluginError(
        `${this.#url} has none of the metrics asked for: name those that it has in options.metrics`,
      );
    }
    this.#counters = counters;
    this.#atMs = nowMs;
    return values;
  }

  /** The labels of the page's `…_info` metrics. */
  async describe(signal: AbortSignal): Promise<Record<string, string>> {
    const facts: Record<string, string> = {};
    for (const { name, labels } of await this.#page(signal)) {
      if (!name.endsWith('_info')) continue;
      const prefix = name === 'bench_target_info' ? '' : `${name.slice(0, -'_info'.length)}.`;
      for (const [label, value] of Object.entries(labels)) facts[`${prefix}${label}`] = value;
    }
    return facts;
  }

  close(): void {}

  async #page(signal: AbortSignal): Promise<readonly ExposedSample[]> {
    let text: string;
    try {
      const response = await fetch(this.#url, { signal });
      if (!response.ok) throw new PluginError(`${this.#url} answered ${response.status}`);
      text = await response.text();
    } catch (error) {
      if (error instanceof PluginError || signal.aborted) throw error;
      throw new PluginError(`${this.#url} cannot be reached`);
    }
    if (text.length > PAGE_LIMIT_CHARACTERS) throw new PluginError(`${this.#url} answered more than 16 MiB`);
    try {
      return parseExposition(text);
    } catch (error) {
      if (error instanceof ExpositionError)
        throw new PluginError(`${this.#url} is no Prometheus page: ${error.message}`);
      throw error;
    }
  }
}
