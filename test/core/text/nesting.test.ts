import t from 'tap';
import { isJsonNestedDeeper, isNestedDeeper } from '../../../core/text/nesting.ts';
import fc from '../../kit/property.ts';

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

t.test('JSON tells its levels before it is parsed, whatever its texts hold', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(7), (value, levels) => {
      const text = JSON.stringify(value);
      return isJsonNestedDeeper(text, levels) === isNestedDeeper(JSON.parse(text), levels);
    }),
    { numRuns: 2000 },
  );
  const brackets = fc.array(fc.constantFrom('[', ']', '{', '}', '"', '\\', 'a'), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(brackets), fc.nat(4), (texts, levels) => {
      const text = JSON.stringify(texts.map((parts) => parts.join('')));
      return isJsonNestedDeeper(text, levels) === levels < 1;
    }),
  );
  t.ok(isJsonNestedDeeper('['.repeat(1001), 1000), 'and where it breaks off');
  t.notOk(isJsonNestedDeeper('['.repeat(1000), 1000));
  t.notOk(isJsonNestedDeeper(`"${'['.repeat(2000)}`, 1000), 'a text without an end');
});
