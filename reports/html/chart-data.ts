import { parsePlan } from '../../core/plan/parse.ts';
import type { RunResult } from '../../core/stats/result.ts';
import type { Labels } from '../labels/labels.ts';
import { type Chart, type Mark, pointsOf } from './chart.ts';
import { heatMap } from './heat-map.ts';
import { monitorCharts } from './monitor-charts.ts';
import { allDistributions, type OperationCharts, operationCharts, p95ByOperation } from './operation-charts.ts';
import { generator, levelMarks, responseTimes, throughput, users } from './run-charts.ts';

type Charts = Readonly<Record<string, Chart>>;

/** The page's charts, by where they stand. */
export interface PageCharts {
  /** What is looked at first. */
  readonly main: Charts;
  readonly more: Charts;
  readonly namedMonitors: Charts;
  readonly otherMonitors: Charts;
  readonly operations: readonly OperationCharts[];
}

/** What reports/web/page.js draws, as JSON. */
export interface ChartData {
  readonly seconds: readonly number[];
  readonly marks: { readonly warmupS: number; readonly events: readonly Mark[]; readonly levels: readonly Mark[] };
  readonly words: Readonly<Record<'time' | 'percentile' | 'requests' | 'fewer' | 'more', string>>;
  /** Of all places, by id. */
  readonly charts: Charts;
}

/** @param conclusion the report's sentences: a monitor that they name is shown, the others are folded */
export function pageCharts(result: RunResult, labels: Labels, conclusion: readonly string[]): PageCharts {
  const plan = parsePlan(result.plan);
  const points = pointsOf(result.timeline.vus.length);
  const monitors = monitorCharts(result, conclusion);
  return {
    main: {
      throughput: throughput(result, plan, points, labels),
      responseTime: responseTimes(result, points, labels),
    },
    more: {
      users: users(result, points, labels),
      heatmap: { title: labels['chart.heatmap'], heat: heatMap(result.timeline) },
      distribution: allDistributions(result, labels),
      operations: p95ByOperation(result, labels),
      generator: generator(result, points, labels),
    },
    namedMonitors: monitors.named,
    otherMonitors: monitors.others,
    operations: operationCharts(result, labels),
  };
}

export function chartData(result: RunResult, labels: Labels, charts: PageCharts): ChartData {
  const { main, more, namedMonitors, otherMonitors, operations } = charts;
  const ofOperations = operations.map((operation) => operation.charts);
  return {
    seconds: pointsOf(result.timeline.vus.length).starts,
    marks: {
      warmupS: result.warmupUs / 1e6,
      events: result.events.map(({ atUs, text }) => ({ second: Math.max(0, atUs / 1e6), text })),
      levels: levelMarks(result, parsePlan(result.plan)),
    },
    words: {
      time: labels['chart.seconds'],
      percentile: labels['chart.percentile'],
      requests: labels['column.requests'].replace(/^# /, ''),
      fewer: labels['chart.fewer'],
      more: labels['chart.more'],
    },
    charts: Object.assign({}, main, more, namedMonitors, otherMonitors, ...ofOperations),
  };
}
