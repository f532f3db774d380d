import { RELATIVE_ERROR_BOUND } from '../../core/stats/histogram.ts';
import type { Distribution } from '../../core/stats/merge-encoded.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { percentileInterval, samplesBeyond } from '../../core/verdict/confidence.ts';
import { merged } from '../../core/verdict/distribution.ts';
import { formatMs, formatShare } from '../../core/verdict/quantity.ts';
import type { Labels } from '../labels/labels.ts';
import { type ResultRow, tableOf } from './rows.ts';
import type { Section } from './section.ts';
import { type Cell, count, left, NOTHING, right, text } from './table.ts';

const QUANTILES = [0.5, 0.95, 0.99, 0.999];
/** A percentile with fewer samples above it is marked. */
const FEW_SAMPLES = 10;

/** How accurate the figures are: error bound, confidence intervals, numbers of samples, and what is left out. */
export function exactness(result: RunResult, rows: readonly ResultRow[], labels: Labels): Section {
  const columns = [
    left(labels['column.name']),
    right(labels['column.samples']),
    right(labels['column.median']),
    right(labels['column.p95']),
    right(labels['column.p99']),
    right(labels['column.p999']),
    right(labels['column.beyond']),
  ];
  const table = tableOf(rows, labels, columns, ({ name, measured: { responseTime } }) => [
    text(name),
    count(responseTime.count),
    ...QUANTILES.map((quantile) => withInterval(responseTime, quantile)),
    responseTime.count === 0 ? NOTHING : beyond(responseTime.count),
  ]);
  return {
    id: 'exactness',
    title: labels['section.exactness'],
    note: labels['section.exactness.note'],
    sentences: exactnessFacts(result, labels),
    table,
  };
}

function exactnessFacts({ operations, agents }: RunResult, labels: Labels): string[] {
  const requests = (phase: 'warmup' | 'measure') =>
    operations.reduce((sum, { phases }) => sum + phases[phase].requests, 0);
  const all = requests('warmup') + requests('measure');
  const p95s = agents
    .map(({ responseTime }) => merged([responseTime]).valueAtQuantileUs(0.95))
    .filter((us) => us > 0)
    .toSorted((a, b) => a - b);
  const [least] = p95s;
  const most = p95s.at(-1);
  const facts: [string, string][] = [
    [labels['fact.errorBound'], formatShare(RELATIVE_ERROR_BOUND)],
    [labels['fact.exactValues'], labels['fact.exactValues.value']],
    [labels['fact.warmupShare'], formatShare(all === 0 ? 0 : requests('warmup') / all)],
  ];
  if (least !== undefined && most !== undefined && p95s.length > 1) {
    facts.push([labels['fact.agentSkew'], `${formatMs(least)} ms, ${formatMs(most)} ms`]);
  }
  return facts.map((fact) => fact.join(labels['word.colon']));
}

function withInterval(samples: Distribution, quantile: number): Cell {
  if (samples.count === 0) return NOTHING;
  const us = samples.valueAtQuantileUs(quantile);
  const { lowUs, highUs } = percentileInterval(samples, quantile);
  const bound = (side: number | undefined) => (side === undefined ? '–' : formatMs(side));
  const isBounded = lowUs !== undefined && highUs !== undefined;
  const shown = { text: `${formatMs(us)} [${bound(lowUs)}, ${bound(highUs)}]`, order: us };
  return isBounded ? shown : { ...shown, tone: 'warn' };
}

function beyond(samples: number): Cell {
  const rest = samplesBeyond(samples, 0.999);
  return count(rest, rest < FEW_SAMPLES ? 'warn' : undefined);
}
