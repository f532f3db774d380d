import type { WriteTally } from '../driver-figures.ts';
import type { KeyDiscrepancy, Reconciliation } from './result.ts';

/** Where stored rows are counted: in the database itself, or by asking the target. */
export interface StoredRows {
  readonly source: Reconciliation['source'];
  readonly sourceDescription: string;
  /** Rows by key. Keys without rows may be missing. */
  count(signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
}

export interface SettleOptions {
  /** Pause between two counts, in milliseconds. */
  readonly intervalMs: number;
  /** Give up waiting for a stable count after this many tries. */
  readonly tries: number;
  /** Injected, so that tests need not wait. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

const MAX_DISCREPANCIES = 20;

/** Compares acknowledged writes with stored rows. A pure function. */
export function reconcile(
  writes: ReadonlyMap<string, Readonly<WriteTally>>,
  stored: ReadonlyMap<string, number>,
  source: Pick<StoredRows, 'source' | 'sourceDescription'>,
  stable: boolean,
): Reconciliation {
  const sum = { acknowledged: 0, unknown: 0, stored: 0, lost: 0, extra: 0, storedWithoutAcknowledgement: 0 };
  const discrepancies: (KeyDiscrepancy & { size: number })[] = [];
  const keys = new Set([...writes.keys(), ...stored.keys()]);
  for (const key of keys) {
    const { acknowledged, unknown } = writes.get(key) ?? { acknowledged: 0, unknown: 0 };
    const rows = stored.get(key) ?? 0;
    const lost = Math.max(0, acknowledged - rows);
    const extra = Math.max(0, rows - acknowledged - unknown);
    sum.acknowledged += acknowledged;
    sum.unknown += unknown;
    sum.stored += rows;
    sum.lost += lost;
    sum.extra += extra;
    sum.storedWithoutAcknowledgement += Math.min(unknown, Math.max(0, rows - acknowledged));
    if (lost + extra > 0) discrepancies.push({ key, acknowledged, unknown, stored: rows, size: lost + extra });
  }
  discrepancies.sort((a, b) => b.size - a.size || (a.key < b.key ? -1 : 1));
  return {
    source: source.source,
    sourceDescription: source.sourceDescription,
    keys: keys.size,
    ...sum,
    discrepancies: discrepancies.slice(0, MAX_DISCREPANCIES).map(({ size: _, ...rest }) => rest),
    stable,
  };
}

/**
 * Counts until two counts in a row agree and nothing is missing, or until the tries are used up, and then reconciles. Rows that a
 * store has not made visible yet are not lost.
 */
export async function reconcileWhenSettled(
  writes: ReadonlyMap<string, Readonly<WriteTally>>,
  stored: StoredRows,
  settle: SettleOptions,
  signal: AbortSignal,
): Promise<Reconciliation> {
  let previous = reconcile(writes, await stored.count(signal), stored, false);
  let unchanged = 0;
  for (let attempt = 1; attempt < settle.tries; attempt++) {
    await settle.pause(settle.intervalMs, signal);
    const current = reconcile(writes, await stored.count(signal), stored, false);
    unchanged = current.stored === previous.stored && current.lost === previous.lost ? unchanged + 1 : 0;
    previous = current;
    // With rows missing, more counts must agree, so that late rows have time to appear.
    if (unchanged >= (current.lost === 0 ? 1 : 5)) return { ...current, stable: true };
  }
  return previous;
}
