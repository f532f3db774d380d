import type { RunResult } from '../../core/stats/result.ts';
import type { Lang } from '../../core/verdict/messages/lang.ts';
import { spokenIn } from '../../core/verdict/messages/spoken/spoken.ts';
import type { Labels } from '../labels/labels.ts';
import type { Section } from './section.ts';
import { clockTime, code, count, left, right, text } from './table.ts';

/** Failures of the measured phase by operation and kind, and those of passes and of spans that scripts measured. */
export function errors({ operations, journeys = [], measures = [] }: RunResult, labels: Labels): Section {
  const kinds = [...operations, ...journeys, ...measures].flatMap(({ name, phases }) => {
    return phases.measure.errorKinds.map((kind) => ({ operation: name, ...kind }));
  });
  const title = labels['section.errors'];
  if (kinds.length === 0) return { id: 'errors', title, sentences: [labels['section.errors.none']] };
  return {
    id: 'errors',
    title,
    table: {
      columns: [
        left(labels['column.name']),
        left(labels['column.kind']),
        right(labels['column.count']),
        right(labels['column.first']),
        right(labels['column.last']),
        left(labels['column.example']),
      ],
      rows: kinds.map((kind) => [
        text(kind.operation),
        code(kind.kind),
        count(kind.count),
        clockTime(kind.firstSecond),
        clockTime(kind.lastSecond),
        text(kind.example),
      ]),
    },
  };
}

/** Acknowledged writes compared with stored rows. */
export function data({ reconciliations, warmupUs }: RunResult, labels: Labels): Section[] {
  if (reconciliations.length === 0) return [];
  const sources = { database: labels['word.database'], target: labels['word.targetItself'] };
  const discrepancies = reconciliations.flatMap(({ reconciliation }) => reconciliation.discrepancies);
  const section: Section = {
    id: 'data',
    title: labels['section.data'],
    ...(warmupUs > 0 && { note: labels['section.data.note'] }),
    table: {
      columns: [
        left(labels['column.driver']),
        right(labels['column.acknowledged']),
        right(labels['column.stored']),
        right(labels['column.lost']),
        right(labels['column.extra']),
        right(labels['column.unknown']),
        right(labels['column.keys']),
        left(labels['column.source']),
      ],
      rows: reconciliations.map(({ driver, reconciliation: of }) => [
        text(driver),
        count(of.acknowledged),
        count(of.stored),
        count(of.lost, of.lost > 0 ? 'bad' : 'good'),
        count(of.extra, of.extra > 0 ? 'warn' : undefined),
        count(of.unknown),
        count(of.keys),
        text(`${sources[of.source]}: ${of.sourceDescription}`),
      ]),
    },
  };
  if (discrepancies.length === 0) return [section];
  const columns = [
    left(labels['column.key']),
    right(labels['column.acknowledged']),
    right(labels['column.unknown']),
    right(labels['column.stored']),
  ];
  const rows = discrepancies.map(({ key, acknowledged, unknown, stored }) => {
    return [text(key), count(acknowledged), count(unknown), count(stored)];
  });
  return [section, { id: 'discrepancies', title: labels['section.discrepancies'], table: { columns, rows } }];
}

export function events({ events: all }: RunResult, labels: Labels, lang: Lang): Section | undefined {
  if (all.length === 0) return undefined;
  return {
    id: 'events',
    title: labels['section.events'],
    table: {
      columns: [right(labels['column.time']), left(labels['column.event'])],
      rows: all.map(({ atUs, text: what }) => [
        { text: `${Math.round(atUs / 1e4) / 100} s`, order: atUs },
        text(spokenIn(what, lang)),
      ]),
    },
  };
}
