import type { RatioResult, RunResult } from '../../core/stats/result.ts';
import type { Labels } from '../labels/labels.ts';
import type { Section } from './section.ts';
import { type Cell, count, left, NOTHING, right, share, text } from './table.ts';

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
