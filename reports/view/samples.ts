import type { ErrorKind, OperationResult, RunResult } from '../../core/stats/result.ts';
import { exchangeLines } from '../../core/text/exchange.ts';
import { printable } from '../../core/text/printable.ts';
import type { Labels } from '../labels/labels.ts';
import type { Excerpt, Section } from './section.ts';
import { clockTime, exactMs, left, right, text } from './table.ts';

/** Failures of the measured phase that were kept in full: those of the most frequent kind first, each kind in order of time. */
export function samples(result: RunResult, labels: Labels): Section | undefined {
  const excerpts = excerptsOf(result.operations, result.agents.length > 1);
  if (excerpts.length === 0) return undefined;
  return { id: 'samples', title: labels['section.samples'], note: labels['section.samples.note'], excerpts };
}

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

/**
 * @param operations those whose failures are wanted
 * @param namesAgents whether to say which agent saw a failure
 */
export function excerptsOf(
  operations: readonly Pick<OperationResult, 'name' | 'phases'>[],
  namesAgents: boolean,
): Excerpt[] {
  return operations
    .flatMap(({ name, phases }) => phases.measure.errorKinds.map((kind) => ({ name, kind })))
    .toSorted((a, b) => b.kind.count - a.kind.count)
    .flatMap(({ name, kind }) => ofKind(name, kind, namesAgents));
}

function ofKind(name: string, { kind, samples = [] }: ErrorKind, namesAgents: boolean): Excerpt[] {
  return samples.map(({ atUs, durationUs, agent, message, ...exchange }, i) => ({
    title: printable(
      [
        name,
        kind,
        clockTime(Math.floor(atUs / 1e6)).text,
        `${exactMs(durationUs).text} ms`,
        ...(namesAgents && agent !== undefined ? [agent] : []),
      ].join(' · '),
    ),
    isFirst: i === 0,
    lines: [printable(message), ...exchangeLines(exchange)],
  }));
}
