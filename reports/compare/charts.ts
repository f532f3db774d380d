import { setImmediate } from 'node:timers/promises';
import type { RunResult, SecondColumns } from '../../core/stats/result.ts';
import type { ComparedRuns } from '../../core/verdict/compare/compare-runs.ts';
import { merged } from '../../core/verdict/distribution.ts';
import { type Chart, meanOf, mostOf, type Points, pointsOf, type Series, short, toMs } from '../html/chart.ts';
import { type ChartData, chartWords } from '../html/chart-data.ts';
import { distributionLine } from '../html/distributions.ts';
import type { OperationCharts } from '../html/operation-charts.ts';
import type { Labels } from '../labels/labels.ts';

/** Beyond this a page has no room for more; the table has them all. */
const MAX_OPERATIONS = 30;
/** Numbers of the page's colours. What was before is dashed as well, for those who do not see the difference. */
const AFTER = { colour: 0 };
const BEFORE = { colour: 1, dashed: true };

/** The charts of a comparison: both sides in one picture, over time and by percentile. */
export interface ComparisonCharts {
  readonly main: Readonly<Record<string, Chart>>;
  readonly operations: readonly OperationCharts[];
}

/** Long runs take seconds, so that whatever else this process does goes on between the lines of a chart. */
export async function comparisonCharts(runs: ComparedRuns, labels: Labels): Promise<ComparisonCharts> {
  const points = pointsOf(secondsOf(runs));
  const overTime = async (title: string, valuesOf: (run: RunResult) => (number | null)[]): Promise<Chart> => ({
    title,
    series: await seriesOf(runs, valuesOf, labels),
  });
  const quantile = (share: number) => (run: RunResult) =>
    points.starts.map((from) => {
      const samples = merged(run.timeline.responseTimes.slice(from, from + points.step));
      return samples.count === 0 ? null : toMs(samples.valueAtQuantileUs(share));
    });
  const timeTitle = (figure: string) => `${labels['chart.response']}${labels['word.colon']}${figure} (ms)`;
  return {
    main: {
      distribution: distributionChart(runs, () => true, labels),
      throughput: await overTime(labels['chart.requests'], ({ timeline }) => rate(timeline.all.requests, points)),
      median: await overTime(timeTitle(labels['column.median']), quantile(0.5)),
      p95: await overTime(timeTitle(labels['column.p95']), quantile(0.95)),
    },
    operations: await operationCharts(runs, points, labels),
  };
}

export function comparisonChartData(runs: ComparedRuns, labels: Labels, charts: ComparisonCharts): ChartData {
  const warmups = [...runs.before, ...runs.after].map(({ warmupUs }) => warmupUs / 1e6);
  return {
    seconds: pointsOf(secondsOf(runs)).starts,
    marks: { warmupS: Math.max(...warmups), events: [], levels: [] },
    words: chartWords(labels),
    charts: Object.assign({}, charts.main, ...charts.operations.map((operation) => operation.charts)),
  };
}

function secondsOf({ before, after }: ComparedRuns): number {
  return Math.max(...[...before, ...after].map(({ timeline }) => timeline.vus.length));
}

/** A line for each run, the newer side first. */
async function seriesOf(
  { before, after }: ComparedRuns,
  valuesOf: (run: RunResult) => (number | null)[],
  labels: Labels,
): Promise<Series[]> {
  const linesOf = async (side: readonly RunResult[], label: string, look: Partial<Series>) => {
    const lines: Series[] = [];
    for (const run of side) {
      await setImmediate();
      lines.push({ label: side.length === 1 ? label : `${label} (${run.runId})`, values: valuesOf(run), ...look });
    }
    return lines;
  };
  return [
    ...(await linesOf(after, labels['comparison.after'], AFTER)),
    ...(await linesOf(before, labels['comparison.before'], BEFORE)),
  ];
}

/** A run that ended earlier has no values after its end. */
function upToEnd(values: readonly number[], column: readonly number[], { starts }: Points): (number | null)[] {
  return values.map((value, i) => ((starts[i] as number) < column.length ? value : null));
}

function rate(column: readonly number[], points: Points): (number | null)[] {
  return upToEnd(meanOf(column, points), column, points);
}

type Row = Pick<RunResult['operations'][number], 'scenario' | 'name'>;

/** All runs of a side together: the percentiles of all of their samples. */
function distributionChart({ before, after }: ComparedRuns, isShown: (row: Row) => boolean, labels: Labels): Chart {
  const line = (label: string, side: readonly RunResult[]) => {
    const rows = side.flatMap(({ operations }) => operations.filter(isShown));
    return distributionLine(label, merged(rows.map(({ phases }) => phases.measure.responseTime)));
  };
  return {
    title: labels['comparison.distribution'],
    distribution: [line(labels['comparison.after'], after), line(labels['comparison.before'], before)],
  };
}

async function operationCharts(runs: ComparedRuns, points: Points, labels: Labels): Promise<OperationCharts[]> {
  const rows = new Map<string, Row>(
    [...runs.before, ...runs.after]
      .flatMap(({ operations }) => operations)
      .map(({ scenario, name }) => [JSON.stringify([scenario, name]), { scenario, name }]),
  );
  if (rows.size < 2) return [];
  const charts: OperationCharts[] = [];
  for (const [i, row] of [...rows.values()].slice(0, MAX_OPERATIONS).entries()) {
    const isSame = ({ scenario, name }: Row) => scenario === row.scenario && name === row.name;
    const columnsOf = ({ operations, timeline }: RunResult) => timeline.operations[operations.findIndex(isSame)];
    const p95 = (run: RunResult) => percentiles(columnsOf(run), points);
    charts.push({
      name: row.name,
      charts: {
        [`operation-${i}-distribution`]: distributionChart(runs, isSame, labels),
        [`operation-${i}-p95`]: {
          title: `${labels['chart.response']}${labels['word.colon']}${labels['column.p95']} (ms)`,
          series: await seriesOf(runs, p95, labels),
        },
      },
    });
  }
  return charts;
}

/** For an operation only the percentiles of each second are known, so the greatest one stands for all seconds of a point. */
function percentiles(columns: SecondColumns | undefined, points: Points): (number | null)[] {
  const { p95Us = [], requests = [] } = columns ?? {};
  const counts = mostOf(requests, points);
  return mostOf(p95Us, points).map((us, i) => (counts[i] === 0 ? null : short(us / 1e3)));
}
