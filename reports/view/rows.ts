import type { RunResult, SecondColumns } from '../../core/stats/result.ts';
import { currentPerSecond, type Measured, measuredOf } from '../../core/verdict/measured.ts';
import type { Labels } from '../labels/labels.ts';
import { type Cell, type Column, left, type Table, text } from './table.ts';

/** One row of the results tables: an operation, or all operations together. */
export interface ResultRow {
  readonly scenario: string;
  readonly type: string;
  readonly name: string;
  readonly measured: Measured;
  readonly currentPerSecond: number;
  readonly currentFailuresPerSecond: number;
  readonly isTotal: boolean;
}

/** The operations in the order of the plan, then all merged. */
export function resultRows(result: RunResult, labels: Labels): ResultRow[] {
  const { operations, timeline } = result;
  const row = (name: string, measured: Measured, columns: SecondColumns | undefined) => ({
    name,
    measured,
    currentPerSecond: currentPerSecond(result, columns?.requests ?? []),
    currentFailuresPerSecond: currentPerSecond(result, columns?.errors ?? []),
  });
  const own = operations.map((operation, i) => ({
    ...row(operation.name, measuredOf([operation]), timeline.operations[i]),
    scenario: operation.scenario,
    type: operation.type,
    isTotal: false,
  }));
  const all = row(labels['word.aggregated'], measuredOf(operations), timeline.all);
  return [...own, { ...all, scenario: '', type: '', isTotal: true }];
}

/** A table of these rows. It begins with the scenario if there are several. */
export function tableOf(
  rows: readonly ResultRow[],
  labels: Labels,
  columns: readonly Column[],
  cells: (row: ResultRow) => readonly Cell[],
): Table {
  const scenarios = new Set(rows.filter(({ isTotal }) => !isTotal).map(({ scenario }) => scenario));
  const isSeveral = scenarios.size > 1;
  return {
    columns: isSeveral ? [left(labels['column.scenario']), ...columns] : columns,
    rows: rows.map((row) => (isSeveral ? [text(row.scenario), ...cells(row)] : cells(row))),
    hasTotal: true,
  };
}
