import type { RatioResult, RunResult } from '../../core/stats/result.ts';
import { merged } from '../../core/verdict/distribution.ts';
import type { Labels } from '../labels/labels.ts';
import { durationCells, durationColumns } from './results.ts';
import type { Section } from './section.ts';
import { type Cell, count, left, NOTHING, right, share, text } from './table.ts';

/** Durations that drivers measured in addition to their operations. */
export function timings({ timings: all }: RunResult, labels: Labels): Section | undefined {
  const measured = all
    .map(({ name, phases }) => ({ name, histogram: merged([phases.warmup, phases.measure]) }))
    .filter(({ histogram }) => histogram.count > 0);
  if (measured.length === 0) return undefined;
  return {
    id: 'timings',
    title: labels['section.timings'],
    table: {
      columns: [left(labels['column.name']), right(labels['column.count']), ...durationColumns(labels)],
      rows: measured.map(({ name, histogram }) => [text(name), count(histogram.count), ...durationCells(histogram)]),
    },
  };
}

/** Hits of attempts that drivers counted; undefined where they counted none. */
export function ratios({ ratios: all = [] }: RunResult, labels: Labels): Section | undefined {
  if (all.length === 0) return undefined;
  const isVoid = all.some(({ voidReason }) => voidReason !== undefined);
  return {
    id: 'ratios',
    title: labels['section.ratios'],
    note: labels['section.ratios.note'],
    table: {
      columns: [
        left(labels['column.name']),
        right(labels['column.hits']),
        right(labels['column.attempts']),
        right(labels['column.ratio']),
        ...(isVoid ? [left(labels['column.void'])] : []),
      ],
      rows: all.map((ratio) => [...ratioCells(ratio), ...(isVoid ? [text(ratio.voidReason ?? '', 'warn')] : [])]),
    },
  };
}

function ratioCells({ name, phases: { measure }, voidReason }: RatioResult): Cell[] {
  const { hits, of } = measure;
  const isKnown = of > 0 && voidReason === undefined;
  return [text(name), count(hits), count(of), isKnown ? share(hits / of) : NOTHING];
}
