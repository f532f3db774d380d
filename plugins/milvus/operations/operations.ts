import type { DriverContext, OperationInfo } from '../../../core/plugin.ts';
import type { MilvusOptions, OperationOptions } from '../options.ts';
import type { MilvusOperation } from './operation.ts';
import { deleteOperation, insertOperation, queryOperation, upsertOperation } from './read-write-operations.ts';
import { type SearchContext, SearchOperation } from './search-operation.ts';

/** Keys of the tallies. */
export const INSERTED = 'inserted';
export const UPSERTED = 'upserted';
export const DELETED = 'deleted';

export function operationInfos({ operations }: MilvusOptions): OperationInfo[] {
  return Object.entries(operations).map(([name, operation]) => ({ name, type: kindOf(operation) }));
}

/** Whether operations of these names write. */
export function isWrite({ insert, upsert, delete: remove }: OperationOptions): boolean {
  return (insert ?? upsert ?? remove) !== undefined;
}

/**
 * The operations of a plan by their names.
 * @param noTruth why the nearest rows are not known, where somebody asks for recall and they are not
 */
export function compiledOperations(
  { operations, groundTruth }: MilvusOptions,
  context: SearchContext,
  noTruth: string | undefined,
  driver: Pick<DriverContext, 'deal' | 'ratio' | 'tally'>,
): ReadonlyMap<string, MilvusOperation> {
  const all = Object.entries(operations);
  const deletes = all.some(([, operation]) => operation.delete !== undefined);
  const dealt = deletes ? driver.deal(DELETED, Math.ceil(context.rows / 2), false) : undefined;
  return new Map(
    all.map(([name, { search, insert, upsert, delete: remove, query }]) => {
      if (insert !== undefined) return [name, insertOperation(name, insert, context, driver.tally(INSERTED))];
      if (upsert !== undefined) return [name, upsertOperation(name, upsert, context, driver.tally(UPSERTED))];
      if (remove !== undefined && dealt !== undefined) {
        return [name, deleteOperation(name, remove.ids, context, dealt, driver.tally(DELETED))];
      }
      if (query !== undefined) return [name, queryOperation(name, query, context)];
      const recall = groundTruth === undefined ? undefined : driver.ratio(recallName(name));
      if (noTruth !== undefined) recall?.void(noTruth);
      return [name, new SearchOperation(name, search as NonNullable<typeof search>, context, recall)];
    }),
  );
}

/** The ratio that says how many of the nearest rows a search has found. */
export function recallName(operation: string): string {
  return `${operation}.recall`;
}

function kindOf(operation: OperationOptions): string {
  const [kind = ''] = Object.entries(operation).find(([, options]) => options !== undefined) ?? [];
  return kind;
}
