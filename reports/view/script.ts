import type { CheckResult, MeasureResult, RunResult } from '../../core/stats/result.ts';
import { merged } from '../../core/verdict/distribution.ts';
import type { Labels } from '../labels/labels.ts';
import { durationCells, durationColumns } from './results.ts';
import type { Section } from './section.ts';
import { type Cell, count, left, right, share, text } from './table.ts';

/** Spans that scripts measured; undefined where there are none. */
export function measures({ measures: all = [] }: RunResult, labels: Labels): Section | undefined {
  if (all.length === 0) return undefined;
  return {
    id: 'measures',
    title: labels['section.measures'],
    note: labels['section.measures.note'],
    table: {
      columns: [
        left(labels['column.name']),
        right(labels['column.count']),
        right(labels['column.fails']),
        right(labels['column.failureShare']),
        ...durationColumns(labels),
      ],
      rows: all.map(measureCells),
    },
  };
}

function measureCells({ name, phases: { measure } }: MeasureResult): Cell[] {
  const { requests, errors } = measure;
  return [text(name), count(requests), ...failures(requests, errors), ...durationCells(merged([measure.responseTime]))];
}

/** What scripts checked; undefined where they checked nothing. */
export function checks({ checks: all = [] }: RunResult, labels: Labels): Section | undefined {
  if (all.length === 0) return undefined;
  return {
    id: 'checks',
    title: labels['section.checks'],
    note: labels['section.checks.note'],
    table: {
      columns: [
        left(labels['column.name']),
        right(labels['column.checkPasses']),
        right(labels['column.fails']),
        right(labels['column.failureShare']),
      ],
      rows: all.map(checkCells),
    },
  };
}

function checkCells({ name, phases: { measure } }: CheckResult): Cell[] {
  const { passes, fails } = measure;
  return [text(name), count(passes), ...failures(passes + fails, fails)];
}

function failures(all: number, failed: number): Cell[] {
  const tone = failed > 0 ? 'bad' : undefined;
  return [count(failed, tone), share(all === 0 ? 0 : failed / all, tone)];
}
