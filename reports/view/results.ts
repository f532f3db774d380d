import type { Distribution } from '../../core/verdict/distribution.ts';
import type { Labels } from '../labels/labels.ts';
import { type ResultRow, tableOf } from './rows.ts';
import type { Section } from './section.ts';
import { type Cell, type Column, count, exactMs, left, ms, NOTHING, number, rate, right, text } from './table.ts';

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
