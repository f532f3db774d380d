import t from 'tap';
import { isNestedDeeper } from '../../../core/text/nesting.ts';

t.test('levels of lists and maps are counted, however many there are', async (t) => {
  const cases: [value: unknown, levels: number][] = [
    ['text', 0],
    [null, 0],
    [[], 1],
    [{ a: 1, b: null }, 1],
    [[1, [2, { a: [] }], {}], 4],
  ];
  for (const [value, levels] of cases) {
    t.notOk(isNestedDeeper(value, levels), JSON.stringify(value));
    if (levels > 0) t.ok(isNestedDeeper(value, levels - 1), JSON.stringify(value));
  }
  t.ok(isNestedDeeper(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 16));
});
