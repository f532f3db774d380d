import type { RunResult } from '../../core/stats/result.ts';
import { answerOf } from '../../core/verdict/capacity/answer.ts';
import type { Levels } from '../../core/verdict/conclusion/levels.ts';
import { type Criterion, parseThreshold } from '../../core/verdict/criterion.ts';
import { formatRate } from '../../core/verdict/quantity.ts';
import type { Labels } from '../labels/labels.ts';
import { type LimitLine, short, type TimeChart, toMs } from './chart.ts';

/** Throughput and p95 by load, with the limits of the search and its answer; undefined where nothing was searched. */
export function searchChart({ search }: RunResult, levels: Levels, labels: Labels): TimeChart | undefined {
  if (search === undefined || levels.levels.length === 0) return undefined;
  const answer = answerOf(search);
  const held = 'held' in answer ? answer.held : undefined;
  return {
    title: labels['chart.search'],
    load: labels[levels.of === 'vus' ? 'column.users' : 'column.offered'],
    seconds: levels.levels.map(({ load }) => load),
    series: [
      { label: `${labels['column.p95']} (ms)`, values: levels.levels.map(({ p95Us }) => toMs(p95Us)) },
      {
        label: labels['column.requestsPerSecond'],
        values: levels.levels.map(({ perSecond }) => short(perSecond)),
        right: true,
      },
    ],
    limits: search.criteria.map(parseThreshold).flatMap(limitOf),
    marks: {
      warmupS: 0,
      events: [],
      levels: held === undefined ? [] : [{ second: held.level, text: `${formatRate(held.perSecond)}/s` }],
    },
  };
}

/** A limit of the p95 of all requests, in milliseconds. */
function limitOf({ metric, subject, limit, text }: Criterion): LimitLine[] {
  const isOfP95 = metric.kind === 'percentile' && metric.quantile === 0.95 && subject === undefined;
  return isOfP95 && limit.unit === 'us' ? [{ value: toMs(limit.value), label: text }] : [];
}
