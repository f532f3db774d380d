// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of plans
import type { PlanInput } from '../../../../core/plan/schema.ts';

/** What is searched: rows of a text's usual embedding, of four kinds. */
export const DIM = 768;
export const ROWS = 10_000;
const EF_HIGH = 256;

const COLLECTION = {
  reuse: true,
  fields: {
    id: { type: 'int64', primary: true },
    embedding: { type: 'floatVector', dim: DIM },
    category: { type: 'varchar', maxLength: 10, values: ['A', 'B', 'C', 'D'] },
  },
};
const FILTER = "category == '${pick:category}'";
const OPERATIONS = {
  vector_search: { search: { limit: 10, params: { ef: 64 } } },
  hybrid_search: { search: { limit: 10, params: { ef: 64 }, filter: FILTER } },
  batch_search: { search: { limit: 10, params: { ef: 64 }, vectors: 5 } },
  wide_search: { search: { limit: 10, params: { ef: EF_HIGH } } },
  exact_search: { search: { limit: 10 } },
};
export type SearchName = keyof typeof OPERATIONS;

/** Operations with their weights. */
export type Mix = Readonly<Partial<Record<SearchName, number>>>;

/** Ten searches for one vector, three with a filter, and one for five vectors. */
export const DOCUMENTED_MIX: Mix = { vector_search: 10, hybrid_search: 3, batch_search: 1 };

/** A collection that is kept, and what it is loaded with. */
export interface Collection {
  readonly name: string;
  readonly rows: number;
  readonly index: 'HNSW' | 'FLAT';
  readonly groundTruth: boolean;
}

/** How many virtual users, one after the other. */
export interface Load {
  readonly users: readonly number[];
  readonly secondsEach: number;
  readonly thinkTime: boolean;
}

/** Users who search that collection. */
export function searchPlan(target: string, collection: Collection, mix: Mix, load: Load): PlanInput {
  const { name, rows, index, groundTruth } = collection;
  const names = Object.keys(mix) as SearchName[];
  return {
    name: 'Searches of vectors',
    target,
    drivers: {
      milvus: {
        options: {
          collection: { ...COLLECTION, name, index: { type: index } },
          data: { rows },
          ...(groundTruth && { groundTruth: { queries: 100, k: 10 } }),
          operations: Object.fromEntries(names.map((operation) => [operation, OPERATIONS[operation]])),
        },
      },
    },
    scenarios: {
      users: {
        ...loadModel(load),
        gracefulStop: '30s',
        ...(load.thinkTime && { thinkTime: { uniform: ['100ms', '500ms'] as [string, string] } }),
        operations: names.map((operation) => ({ driver: 'milvus', operation, weight: mix[operation] ?? 1 })),
      },
    },
  };
}

function loadModel({ users, secondsEach }: Load) {
  const [first = 1, ...others] = users;
  if (others.length === 0) return { executor: 'constant-vus' as const, vus: first, duration: `${secondsEach}s` };
  const stages = others.flatMap((target) => [
    { target, duration: '1s' },
    { target, duration: `${secondsEach}s` },
  ]);
  return {
    executor: 'ramping-vus' as const,
    startVus: first,
    stages: [{ target: first, duration: `${secondsEach}s` }, ...stages],
  };
}
