import type { RunResult, SecondColumns } from '../../core/stats/result.ts';
import type { Labels } from '../labels/labels.ts';
import { type Chart, type TimeChart, toMs } from './chart.ts';
import { distributions } from './distributions.ts';

/** More lines cannot be told apart. */
const MAX_LINES = 8;
/** Percentiles by operation are there for each second and cannot be merged: a long run shows fewer operations. */
const MAX_VALUES = 150_000;
/** Lines of an operation's own charts over time. */
const OWN_LINES = 5;
/** Beyond this a page has no room for more; the tables have them all. */
const MAX_OPERATIONS = 100;

/** One operation's charts, which the page draws when they are asked for. */
export interface OperationCharts {
  readonly name: string;
  /** By the chart's id. */
  readonly charts: Readonly<Record<string, Chart>>;
}

/** The p95 of the operations with the most requests. */
export function p95ByOperation({ operations, timeline }: RunResult, labels: Labels): TimeChart {
  const seconds = timeline.vus.map((_, second) => second);
  const room = Math.floor(MAX_VALUES / Math.max(1, seconds.length));
  const shown = operations
    .map(({ name, phases }, i) => ({ name, requests: phases.measure.requests, columns: timeline.operations[i] }))
    .toSorted((a, b) => b.requests - a.requests)
    .slice(0, Math.min(MAX_LINES, room));
  return {
    title: labels['chart.operations'],
    seconds,
    series: shown.map(({ name, columns }) => ({ label: name, values: percentiles(columns, 'p95Us') })),
  };
}

/** Response and service time of all operations together. */
export function allDistributions(result: RunResult, labels: Labels): Chart {
  const [all] = distributions(result, labels);
  return { title: labels['chart.distribution'], distribution: all?.lines ?? [] };
}

/** Each operation over time and by percentile. */
export function operationCharts(result: RunResult, labels: Labels): OperationCharts[] {
  const { operations, timeline } = result;
  if (operations.length < 2) return [];
  const seconds = timeline.vus.map((_, second) => second);
  const overTime = Math.floor(MAX_VALUES / Math.max(1, seconds.length * OWN_LINES));
  const [, ...groups] = distributions(result, labels);
  return operations.slice(0, MAX_OPERATIONS).map(({ name }, i) => {
    const columns = timeline.operations[i];
    const charts: Record<string, Chart> = {};
    if (i < overTime && columns !== undefined) {
      charts[`operation-${i}-throughput`] = {
        title: labels['chart.throughput'],
        seconds,
        series: [
          { label: labels['chart.requests'], values: columns.requests },
          { label: labels['chart.failures'], values: columns.errors },
        ],
      };
      charts[`operation-${i}-response`] = {
        title: labels['chart.responseTime'],
        seconds,
        series: [
          { label: labels['column.median'], values: percentiles(columns, 'p50Us') },
          { label: labels['column.p95'], values: percentiles(columns, 'p95Us') },
          { label: labels['column.p99'], values: percentiles(columns, 'p99Us') },
        ],
      };
    }
    charts[`operation-${i}-distribution`] = {
      title: labels['chart.distribution'],
      distribution: groups[i]?.lines ?? [],
    };
    return { name, charts };
  });
}

function percentiles(columns: SecondColumns | undefined, key: 'p50Us' | 'p95Us' | 'p99Us'): (number | null)[] {
  return (columns?.[key] ?? []).map((us, second) => (columns?.requests[second] === 0 ? null : toMs(us)));
}
