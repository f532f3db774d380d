import type { Distribution } from '../../core/stats/merge-encoded.ts';
import type { JourneyResult, RunResult } from '../../core/stats/result.ts';
import { merged } from '../../core/verdict/distribution.ts';
import type { Labels } from '../labels/labels.ts';
import { type ResultRow, tableOf } from './rows.ts';
import type { Section } from './section.ts';
import {
  type Cell,
  type Column,
  count,
  exactMs,
  left,
  ms,
  NOTHING,
  number,
  rate,
  right,
  share,
  text,
} from './table.ts';

/** The columns of Locust, for response times. */
export function results(rows: readonly ResultRow[], labels: Labels): Section {
  const columns = [
    left(labels['column.type']),
    left(labels['column.name']),
    right(labels['column.requests']),
    right(labels['column.fails']),
    ...durationColumns(labels),
    right(labels['column.size']),
    right(labels['column.rps']),
    right(labels['column.failsPerSecond']),
  ];
  return {
    id: 'results',
    title: labels['section.results'],
    note: labels['section.results.note'],
    table: tableOf(rows, labels, columns, (row) => [
      text(row.type),
      text(row.name),
      count(row.measured.requests),
      count(row.measured.errors, row.measured.errors > 0 ? 'bad' : undefined),
      ...durationCells(row.measured.responseTime),
      row.measured.requests === 0 ? NOTHING : number(row.measured.bytesReceived / row.measured.requests),
      rate(row.currentPerSecond),
      rate(row.currentFailuresPerSecond, row.currentFailuresPerSecond > 0 ? 'bad' : undefined),
    ]),
  };
}

export function serviceTimes(rows: readonly ResultRow[], labels: Labels): Section {
  const columns = [
    left(labels['column.type']),
    left(labels['column.name']),
    ...durationColumns(labels),
    right(labels['column.delayP50']),
    right(labels['column.delayP99']),
    right(labels['column.delayMax']),
  ];
  return {
    id: 'service',
    title: labels['section.service'],
    note: labels['section.service.note'],
    table: tableOf(rows, labels, columns, ({ type, name, measured: { serviceTime, sendDelay } }) => [
      text(type),
      text(name),
      ...durationCells(serviceTime),
      percentile(sendDelay, 0.5),
      percentile(sendDelay, 0.99),
      sendDelay.count === 0 ? NOTHING : exactMs(sendDelay.maxUs),
    ]),
  };
}

/** From median to maximum, in the order of Locust. */
export function durationColumns(labels: Labels): Column[] {
  return [
    right(labels['column.median']),
    right(labels['column.p95']),
    right(labels['column.p99']),
    right(labels['column.average']),
    right(labels['column.min']),
    right(labels['column.max']),
  ];
}

export function durationCells(samples: Distribution): Cell[] {
  if (samples.count === 0) return Array.from({ length: 6 }, () => NOTHING);
  return [
    percentile(samples, 0.5),
    percentile(samples, 0.95),
    percentile(samples, 0.99),
    exactMs(samples.meanUs),
    exactMs(samples.minUs),
    exactMs(samples.maxUs),
  ];
}

export function percentile(samples: Distribution, quantile: number): Cell {
  return samples.count === 0 ? NOTHING : ms(samples.valueAtQuantileUs(quantile));
}

/** Passes through the flows of the scenarios; undefined where no scenario has one. */
export function journeys({ journeys: all = [] }: RunResult, labels: Labels): Section | undefined {
  if (all.length === 0) return undefined;
  return {
    id: 'journeys',
    title: labels['section.journeys'],
    note: labels['section.journeys.note'],
    table: {
      columns: [
        left(labels['column.name']),
        right(labels['column.passes']),
        right(labels['column.fails']),
        right(labels['column.failureShare']),
        ...durationColumns(labels),
        right(labels['column.withoutPauses']),
        right(labels['column.withoutPausesP95']),
      ],
      rows: all.map(rowOf),
    },
  };
}

function rowOf({ name, phases: { measure } }: JourneyResult): Cell[] {
  const { requests, errors } = measure;
  const tone = errors > 0 ? 'bad' : undefined;
  const serviceTime = merged([measure.serviceTime]);
  return [
    text(name),
    count(requests),
    count(errors, tone),
    share(requests === 0 ? 0 : errors / requests, tone),
    ...durationCells(merged([measure.responseTime])),
    percentile(serviceTime, 0.5),
    percentile(serviceTime, 0.95),
  ];
}
