import { z } from 'zod';
import { PluginError } from '../plugin.ts';
import type { Reconciliation } from './result.ts';

export const count = z.int().min(0);
/** A sum of counts that agents sent. An absurd count may make it larger than a safe integer. */
export const sum = z.number().min(0);

export const reconciliationSchema = z.object({
  source: z.enum(['database', 'target']),
  sourceDescription: z.string(),
  keys: count,
  acknowledged: sum,
  unknown: sum,
  stored: count,
  lost: sum,
  extra: sum,
  storedWithoutAcknowledgement: sum,
  discrepancies: z.array(z.object({ key: z.string(), acknowledged: sum, unknown: sum, stored: count })),
  stable: z.boolean(),
});

/** What a driver's `verify` gave. @throws {PluginError} naming the first field that is not as it must be */
export function checkReconciliation(given: unknown): Reconciliation {
  const { data, error } = reconciliationSchema.safeParse(given);
  if (data !== undefined) return data;
  const { path = [], message = '' } = error?.issues[0] ?? {};
  const where = path.length === 0 ? 'what it gave' : path.join('.');
  throw new PluginError(`${where}: ${message}; give what reconcile() gives`);
}
