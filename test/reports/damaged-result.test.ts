/** Results that were cut, edited by hand or written by something else: each is refused in a sentence, or can be reported. */

import t from 'tap';
import type { RunResult } from '../../core/stats/result.ts';
import { builtinReports } from '../../reports/builtin.ts';
import { ResultError, readResult } from '../../reports/read-result.ts';
import fc from '../kit/property.ts';
import { FAILING, INVALID, resultOf } from '../kit/results/documents.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Path = readonly (string | number)[];

const reports = await Promise.all(Object.values(builtinReports).map(async (load) => (await load()).default));

/** Renders every report. */
function reportAll(result: RunResult): void {
  for (const report of reports) {
    const checked = report.options['~standard'].validate({});
    if (checked instanceof Promise || checked.issues !== undefined) throw new Error(`options of ${report.name}`);
    report.render(result, checked.value);
  }
}

/** Every place in a value, but of each array only those in its first entries. */
function pathsIn(value: Json, maxEntries: number, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()].slice(0, maxEntries) : Object.entries(value);
  const inside = entries.flatMap(([key, inner]) => pathsIn(inner, maxEntries, [...path, key]));
  return [...(path.length > 0 ? [path] : []), ...inside];
}

function changed(
  value: Json,
  path: Path,
  change: (parent: Record<string | number, Json>, key: string | number) => void,
) {
  const copy = structuredClone(value);
  let parent = copy as Record<string | number, Json>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, Json>;
  change(parent, path.at(-1) as string | number);
  return JSON.stringify(copy).replaceAll('"1e999"', '1e999');
}

/** @returns the refusal; undefined where the text is read and every report can be made of it */
function refusal(text: string): string | undefined {
  try {
    reportAll(readResult(text));
    return undefined;
  } catch (error) {
    if (error instanceof ResultError) return error.message;
    throw error;
  }
}

const results = [FAILING, INVALID].map((shape) => JSON.parse(JSON.stringify(resultOf(shape))) as Json);
const places = results.map((result) => pathsIn(result, 3));
/** Where in the message the place stands: the schema names the whole path, or that of the list around it. */
const SENTENCE =
  /^(is damaged: [\w.<>-]+: .+; copy it again, or .+|holds a plan that this bench cannot read: .+|is not the result of a run: .+|has result version .+)$/s;

t.test('a key that is missing is named, or not needed', async (t) => {
  for (const result of results) {
    // The entries of an array have the same keys.
    for (const path of pathsIn(result, 1)) {
      if (typeof path.at(-1) === 'number') continue;
      const message = refusal(changed(result, path, (parent, key) => delete parent[key]));
      if (message !== undefined) t.match(message, SENTENCE, path.join('.'));
    }
  }
});

t.test('any key with a value of another kind or size is refused in one sentence, or does no harm', async () => {
  const values = fc.constantFrom<Json>(null, true, 0, -1, 0.5, 1e15, 2 ** 60, '1e999', '', 'x', [], [1], {}, { x: 1 }, [
    'a',
    null,
  ]);
  const cases = fc
    .nat(results.length - 1)
    .chain((i) => fc.tuple(fc.constant(i), fc.constantFrom(...(places[i] as Path[])), values));
  fc.assert(
    fc.property(cases, ([i, path, value]) => {
      const message = refusal(
        changed(results[i] as Json, path, (parent, key) => {
          parent[key] = value;
        }),
      );
      return message === undefined || SENTENCE.test(message);
    }),
    { numRuns: 150 },
  );
});

t.test('what belongs together must fit', async (t) => {
  const [failing] = results as [Json];
  const set = (path: Path, value: Json) =>
    refusal(
      changed(failing, path, (parent, key) => {
        parent[key] = value;
      }),
    );
  t.match(set(['timeline', 'all', 'requests'], [1, 2]), /^is damaged: timeline\.all\.requests: must have 20 entries/);
  t.match(set(['timeline', 'operations'], []), /^is damaged: timeline\.operations: must have 2 entries, as operations/);
  t.match(set(['monitors', 0, 'values'], [1]), /^is damaged: monitors\.0: has \d+ seconds and 1 values/);
  t.match(set(['plan', 'thresholds', 0], 'plain'), /^is damaged: plan\.thresholds\.0\.criterion: "plain", column 6: /);
  t.match(set(['thresholds', 0, 'criterion'], 'p95'), /^is damaged: thresholds\.0\.criterion: "p95", column 4: /);
  const histogram = ['operations', 0, 'phases', 'measure', 'responseTime'];
  t.match(set([...histogram, 'indices'], [1]), /responseTime: has 1 indices and \d+ counts/);
  t.match(set([...histogram, 'indices', 0], 99_999), /must have indices that rise and are below/);
  t.match(set([...histogram, 'counts', 0], 0), /must have counts above 0, not 0/);
  t.match(set(['monitors', 0, 'seconds', 0], 1e9), /^is damaged: monitors\.0\.seconds\.0: must be at most/);
  t.match(set(['measuredUs'], -1), /^is damaged: measuredUs: must be at least 0, not -1/);
});

t.test('older results lack fields, and can be reported', async (t) => {
  const { loadChanges: _, lossTolerance: __, ...older } = results[0] as { [name: string]: Json };
  const agents = (older.agents as { [name: string]: Json }[]).map(({ joinedUs: _, missing: __, ...agent }) => agent);
  const read = readResult(JSON.stringify({ ...older, agents }));
  t.match(read, { loadChanges: [], lossTolerance: 0, agents: [{ joinedUs: 0, missing: [] }] });
  reportAll(read);
});
