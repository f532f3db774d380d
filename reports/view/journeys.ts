import type { JourneyResult, RunResult } from '../../core/stats/result.ts';
import { merged } from '../../core/verdict/distribution.ts';
import type { Labels } from '../labels/labels.ts';
import { durationCells, durationColumns, percentile } from './results.ts';
import type { Section } from './section.ts';
import { type Cell, count, left, right, share, text } from './table.ts';

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
