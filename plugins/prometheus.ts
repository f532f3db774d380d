import { z } from 'zod';
import { object } from '../core/plan/fields.ts';
import { shown } from '../core/plan/messages.ts';
import { defineMonitor, type Monitor, PluginError } from '../core/plugin.ts';
import { boundedText } from './net/bounded-text.ts';
import { httpUrl } from './net/http-url.ts';
import { withoutAccount } from './net/url-account.ts';
import { type Expression, evaluate, parseExpression, type SeriesSelector, select } from './prometheus/expression.ts';
import { METRIC_SETS, type MetricSet } from './prometheus/sets.ts';
import { type ExposedSample, ExpositionError, parseExposition } from './prometheus/text.ts';

const MAX_REDIRECTS = 5;
const MAX_PAGE_BYTES = 16 * 1024 * 1024;

/** Expressions by metric name; of several alternatives, the first that has a value on the page is used. */
type Metrics = readonly (readonly [name: string, expressions: readonly Expression[]])[];

const expression = z.string().transform((text, context): Expression => {
  const parsed = parseExpression(text);
  if (parsed) return parsed;
  context.addIssue({
    code: 'custom',
    message: `${shown(text)} is not an expression for a metric: write name, name{label="value"}, rate(…) of one of these, or a calculation with + - * / and such parts`,
  });
  return z.NEVER;
});

const options = object({
  url: httpUrl()
    .refine((url) => !url.includes('#'), { error: 'must not contain a fragment (#…), which is never sent: remove it' })
    .optional()
    .describe(
      `The page with the metrics; with a password it is written as http://user:\${env:NAME}@host/metrics. Default: the target's /metrics.`,
    ),
  metrics: z
    .record(z.string().regex(/^[a-zA-Z_]\w*$/, { error: 'must be letters, digits and _' }), expression)
    .optional()
    .describe(
      'Expressions by the name of the metric to report: a metric of the page, with labels where needed, in rate(…) for a counter. Default: the usual metrics of the target, node_exporter and mysqld_exporter.',
    ),
});

/** Samples a page in Prometheus text format, such as that of the reference target or of an exporter. */
export default defineMonitor<z.output<typeof options>>({
  name: 'prometheus',
  description: "Samples a page in Prometheus text format each second: the target's /metrics, or that of an exporter.",
  options,
  open({ url, metrics }, { target }) {
    if (url === undefined && !/^https?:/i.test(target)) {
      throw new PluginError('monitor "prometheus" needs a url, because the plan has no http target');
    }
    return new PrometheusMonitor(url ?? metricsUrl(target), metrics);
  },
});

/** @throws {PluginError} when the target has a query or a fragment, which would end up in the middle of the address */
function metricsUrl(target: string): string {
  if (/[?#]/.test(target)) {
    throw new PluginError('the target contains a query or a fragment: give the monitor "prometheus" a url of its own');
  }
  return `${target.replace(/(?<!\/)\/+$/, '')}/metrics`;
}

class PrometheusMonitor implements Monitor {
  /** Without user and password, because messages show it. */
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  /** Undefined until the first page has shown which kind of page it is. */
  #metrics: Metrics | undefined;
  /** Counters of the previous sample, and when that was taken. */
  #counters = new Map<SeriesSelector, number>();
  #atMs = 0;

  constructor(url: string, metrics: Readonly<Record<string, Expression>> | undefined) {
    const { plainUrl, headers } = withoutAccount(url);
    this.#url = plainUrl;
    this.#headers = headers;
    this.#metrics = metrics && Object.entries(metrics).map(([name, only]) => [name, [only]]);
  }

  async sample(signal: AbortSignal): Promise<Record<string, number>> {
    const page = await this.#page(signal);
    const nowMs = performance.now();
    const elapsedS = (nowMs - this.#atMs) / 1000;
    this.#metrics ??= metricsOf(page);
    const counters = new Map<SeriesSelector, number>();
    let found = 0;
    const seriesValue = (selector: SeriesSelector): number | undefined => {
      const value = select(page, selector);
      if (value === undefined) return undefined;
      found += 1;
      if (selector.takes !== 'rate') return value;
      const before = this.#counters.get(selector);
      counters.set(selector, value);
      // A counter that fell has restarted from 0: its growth is not known.
      return before !== undefined && value >= before && elapsedS > 0 ? (value - before) / elapsedS : undefined;
    };
    const values: Record<string, number> = {};
    for (const [name, expressions] of this.#metrics) {
      const value = expressions.map((one) => evaluate(one, seriesValue)).find((one) => one !== undefined);
      if (value !== undefined) values[name] = value;
    }
    if (found === 0) {
      throw new PluginError(`${this.#url} has none of the expected metrics: name some that it has in options.metrics`);
    }
    this.#counters = counters;
    this.#atMs = nowMs;
    return values;
  }

  /** Reports the labels of the page's `…_info` metrics. */
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

  /** Follows redirects on the page's own origin: another one would be asked for whatever a target likes, by control. */
  async #answer(signal: AbortSignal): Promise<Response> {
    let url = this.#url;
    for (let followed = 0; ; followed++) {
      const response = await fetch(url, { signal, headers: this.#headers, redirect: 'manual' });
      const { status, headers } = response;
      const place = headers.get('location');
      if (status < 300 || status >= 400 || place === null || !URL.canParse(place, url)) return response;
      await response.body?.cancel();
      const { href, origin } = new URL(place, url);
      if (origin !== new URL(url).origin)
        throw new PluginError(
          `${this.#url} leads to ${origin}, where the monitor does not follow: give the address there`,
        );
      if (followed === MAX_REDIRECTS)
        throw new PluginError(`${this.#url} answered more than ${MAX_REDIRECTS} redirects`);
      url = href;
    }
  }

  async #page(signal: AbortSignal): Promise<readonly ExposedSample[]> {
    let text: string;
    try {
      const response = await this.#answer(signal);
      if (!response.ok) throw new PluginError(`${this.#url} answered ${response.status}`);
      const read = response.body === null ? '' : await boundedText(response.body, MAX_PAGE_BYTES);
      if (read === undefined) throw new PluginError(`${this.#url} answered more than 16 MiB`);
      text = read;
    } catch (error) {
      if (error instanceof PluginError || signal.aborted) throw error;
      throw new PluginError(`${this.#url} cannot be reached`, { cause: error });
    }
    try {
      return parseExposition(text);
    } catch (error) {
      if (error instanceof ExpositionError)
        throw new PluginError(`${this.#url} is not a Prometheus page: ${error.message}`, { cause: error });
      throw error;
    }
  }
}

function metricsOf(page: readonly ExposedSample[]): Metrics {
  const names = new Set(page.map(({ name }) => name));
  const { metrics } = METRIC_SETS.find(({ mark }) => names.has(mark)) ?? (METRIC_SETS.at(-1) as MetricSet);
  return Object.entries(metrics).map(([name, texts]) => [
    name,
    [texts].flat().map((text) => parseExpression(text) as Expression),
  ]);
}
