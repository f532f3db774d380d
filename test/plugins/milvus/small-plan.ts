import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

const PLAN = join(import.meta.dirname, '../../../plans/milvus-small.yaml');

/**
 * The plan as it is shipped, with fewer rows of fewer dimensions.
 * @param options beside those that it has
 * @param load of its scenario, in place of what it has of it
 * @param more of the plan, in place of what it has of it
 */
export function smallPlan(
  target: string,
  { rows, dim }: { readonly rows: number; readonly dim: number },
  options: object = {},
  load: object = {},
  more: object = {},
): string {
  const plan = parse(readFileSync(PLAN, 'utf8'));
  const given = plan.drivers.milvus.options;
  given.data.rows = rows;
  given.collection.fields.embedding.dim = dim;
  Object.assign(given, options);
  Object.assign(plan.scenarios.users, load);
  return stringify({
    ...plan,
    target,
    thresholds: ['fails == 0', 'vector_search.recall ratio >= 0.9'],
    reports: ['json', 'markdown', 'html', 'csv'],
    ...more,
  });
}
