import { setTimeout as sleep } from 'node:timers/promises';
import { PluginError, type StepContext, type VerifyContext, type WriteTally } from '../../../core/plugin.ts';
import type { StoredRows } from '../../../core/stats/reconcile.ts';
import { checkedFields } from '../data/dataset.ts';
import { withMilvus } from '../milvus-client.ts';
import { DELETED, INSERTED, UPSERTED } from '../operations/operations.ts';
import { IDS_OF_A_USER, upsertableRows } from '../operations/read-write-operations.ts';
import type { MilvusOptions } from '../options.ts';
import { collectionName, countRows } from './collection.ts';

/** A server that was killed reads what is missing from its log and loads the collection again. */
const PATIENCE_MS = 120_000;
const RETRY_MS = 500;

const LOADED_ROWS = 'rows loaded before the run';
const NEW_ROWS = 'rows inserted in the run';
const ALL_ROWS = 'all rows';

/** What must be stored after the writes of a run. @param rows how many were loaded before it */
export function expectedRows(
  options: MilvusOptions,
  rows: number,
  writes: VerifyContext['writes'],
): ReadonlyMap<string, WriteTally> {
  const none = { acknowledged: 0, unknown: 0 };
  const inserted = { ...(writes.get(INSERTED) ?? none) };
  const deleted = writes.get(DELETED) ?? none;
  // Milvus deletes and inserts apart: an upsert that was cut off may have lost a row, or doubled it. The same row may have been in
  // many of them, and can be lost once.
  const { unknown: upserts } = writes.get(UPSERTED) ?? none;
  const mayBeLost = Math.min(upserts, upsertableRows(rows));
  const left = {
    acknowledged: rows - deleted.acknowledged - deleted.unknown - mayBeLost,
    unknown: deleted.unknown + mayBeLost + upserts,
  };
  if (!checkedFields(options).primary.auto)
    return new Map([
      [LOADED_ROWS, left],
      [NEW_ROWS, inserted],
    ]);
  return new Map([[ALL_ROWS, { acknowledged: rows + inserted.acknowledged, unknown: inserted.unknown }]]);
}

/** Counts the rows of the collection, with the consistency strong. Waits for a server that is starting. */
export function storedRows(options: MilvusOptions, context: StepContext): StoredRows {
  const name = collectionName(options, context.runId);
  const { primary } = checkedFields(options);
  const filters: [string, string][] = primary.auto
    ? [[ALL_ROWS, '']]
    : [
        [LOADED_ROWS, `${primary.name} < ${IDS_OF_A_USER}`],
        [NEW_ROWS, `${primary.name} >= ${IDS_OF_A_USER}`],
      ];
  return {
    source: 'database',
    sourceDescription: `count(*) of the collection ${name}, consistency strong`,
    async count(signal) {
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        try {
          return await withMilvus(options, context, async (client) => {
            const counts = new Map<string, number>();
            for (const [key, filter] of filters) counts.set(key, await countRows(client, name, filter));
            return counts;
          });
        } catch (error) {
          if (!(error instanceof PluginError) || performance.now() > deadline) throw error;
          await sleep(RETRY_MS, undefined, { signal });
        }
      }
    },
  };
}
