import type { RunResult } from '../../core/stats/result.ts';
import type { Labels } from '../labels/labels.ts';
import type { Section } from './section.ts';
import { clockTime, exactMs, left, right, text } from './table.ts';

/** The slowest requests of the measured phase that have a trace; undefined where none have. */
export function slowest({ operations, agents }: RunResult, labels: Labels): Section | undefined {
  const rows = operations.flatMap(({ name, phases }) => {
    return (phases.measure.slowest ?? []).map(({ atUs, responseTimeUs, traceId, agent }) => [
      text(name),
      exactMs(responseTimeUs),
      clockTime(Math.floor(atUs / 1e6)),
      text(traceId),
      ...(agents.length > 1 ? [text(agent)] : []),
    ]);
  });
  if (rows.length === 0) return undefined;
  return {
    id: 'slowest',
    title: labels['section.slowest'],
    note: labels['section.slowest.note'],
    table: {
      columns: [
        left(labels['column.name']),
        right(labels['chart.response']),
        right(labels['column.time']),
        left(labels['column.trace']),
        ...(agents.length > 1 ? [left(labels['column.agent'])] : []),
      ],
      rows,
    },
  };
}
