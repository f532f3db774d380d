import { clipped } from '../../text/printable.ts';
import { MAX_RUN_TEXT } from '../limits.ts';
import type { RunNotes } from '../run/run-notes.ts';
import { RUN_STATES, type RunState } from '../run/run-state.ts';

export interface StoredRun extends RunNotes {
  readonly runId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly state: RunState['kind'];
  readonly reason: string;
  /** `pass`, `fail`, `invalid`, `aborted` or `no-criteria`; empty until the run has finished. */
  readonly verdict: string;
  /** Whether not all of its row can be read; the reason then says so. */
  readonly isDamaged?: boolean;
}

/** What is listed of a run, as the database has it: SQLite takes any value in any column. */
type SummaryRow = Readonly<Record<Exclude<keyof StoredRun, 'isDamaged'>, unknown>>;

/**
 * Reads what is listed of a run. A disk may have damaged its row, or somebody who wrote to the file: what cannot be read of it
 * is left empty, and told as the run's reason, since all other runs are to be listed as ever.
 */
export function storedRun(row: SummaryRow): StoredRun {
  const wrong: string[] = [];
  const without = <Value>(column: string, value: Value) => {
    wrong.push(column);
    return value;
  };
  const text = (column: string, value: unknown) => (typeof value === 'string' ? value : without(column, ''));
  const createdAt = text('created_at', row.createdAt);
  const run = {
    runId: text('id', row.runId),
    name: text('name', row.name),
    createdAt: createdAt === '' || Number.isFinite(Date.parse(createdAt)) ? createdAt : without('created_at', ''),
    state: RUN_STATES.find((state) => state === row.state) ?? without('state', 'failed'),
    reason: clipped(text('reason', row.reason), MAX_RUN_TEXT),
    verdict: text('verdict', row.verdict),
    note: text('note', row.note),
    tags: readTexts(row.tags) ?? without('tags', []),
  };
  if (wrong.length === 0) return run;
  const reason = `its row in the store is damaged (${wrong.join(', ')}): \`bench delete ${run.runId}\` deletes the run`;
  return { ...run, reason, isDamaged: true };
}

/** @returns the texts of a list in JSON; undefined when it is something else */
export function readTexts(json: unknown): readonly string[] | undefined {
  const value = readJson(json);
  return Array.isArray(value) && value.every((text) => typeof text === 'string') ? value : undefined;
}

/** Undefined when it is no JSON. */
export function readJson(json: unknown): unknown {
  try {
    return JSON.parse(String(json));
  } catch {
    return undefined;
  }
}
