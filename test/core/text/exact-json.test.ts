import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { isRawJson, parseExactJson, parseJsonWithBigints, repeatedKey } from '../../../core/text/exact-json.ts';
import fc from '../../kit/property.ts';

/** A value as JSON writes it, with numbers of any spelling. */
const numberText = fc.oneof(
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc
    .tuple(fc.nat(), fc.stringMatching(/^\d{1,22}$/), fc.constantFrom('', 'e5', 'E-7', 'e+0'))
    .map(([whole, fraction, exponent]) => `${whole}.${fraction}${exponent}`),
  fc.constantFrom('-0', '-0.5', '0.0', '1.10', '0.0000001', '0.000001', '1e400', '123456789012345', '1234567890123456'),
);
const text = fc.string().map((value) => JSON.stringify(value));
const { tree } = fc.letrec<{ tree: string; list: string; map: string }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, numberText, text, fc.constantFrom('true', 'null'), tie('list'), tie('map')),
  list: fc.array(tie('tree'), { maxLength: 4 }).map((values) => `[${values.join(',')}]`),
  map: fc.array(fc.tuple(text, tie('tree')), { maxLength: 4 }).map((entries) => {
    const unique = new Map(entries.filter(([name]) => name !== '"__proto__"'));
    return `{ ${Array.from(unique, ([name, value]) => `${name}: ${value}`).join(', ')} }`;
  }),
}));

t.test('each number comes back as it was written', (t) => {
  fc.assert(
    fc.property(numberText, (written) => {
      const value = parseExactJson(`{"n": ${written}}`) as { readonly n: unknown };
      return (isRawJson(value.n) ? value.n.rawJSON : String(value.n)) === written;
    }),
    { numRuns: 2000 },
  );
  t.end();
});

t.test('all else is as JSON.parse has it, and what is no JSON is refused', (t) => {
  fc.assert(
    fc.property(tree, (written) =>
      isDeepStrictEqual(JSON.parse(JSON.stringify(parseExactJson(written))), JSON.parse(written)),
    ),
    { numRuns: 500 },
  );
  t.throws(() => parseExactJson('{"n": 1.10'), SyntaxError);
  t.throws(() => parseExactJson('plain'), SyntaxError);
  t.end();
});

t.test(
  'what nobody means is refused before it is parsed: brackets and nothing else hold a process for seconds',
  async (t) => {
    const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}9007199254740993${'}]'.repeat(levels / 2)}`;
    const tooDeep = { message: 'JSON is nested more than 1000 levels deep' };
    for (const parse of [parseExactJson, parseJsonWithBigints]) {
      t.doesNotThrow(() => parse(nested(1000)));
      t.throws(() => parse(nested(1002)), tooDeep);
      t.throws(() => parse('['.repeat(16 << 20)), tooDeep);
      t.throws(() => parse(`${'['.repeat(1e6)}${']'.repeat(1e6)}`), tooDeep);
    }
  },
);

t.test('a key that occurs twice in one object is found, and no other', async (t) => {
  const entry = (text: string) => repeatedKey(text);
  t.strictSame(entry('{"a":1,"a":2}'), { key: 'a', at: 7, entry: 0 });
  t.strictSame(entry('[{"a":1},{"b":{"c":1,"\\u0063":2}}]'), { key: 'c', at: 21, entry: 1 });
  t.strictSame(entry('[1, [2, 3], {"x": [1, {"y": 1}], "x": 2}]'), { key: 'x', at: 33, entry: 2 });
  t.strictSame(entry('{"a\\"":1,"a\\"":2}'), { key: 'a"', at: 9, entry: 0 });
  for (const text of ['{"a":{"a":["a","a"]},"b":"a","c":"{\\"a\\":1,"}', '[{"a":1},{"a":1}]', '"a"', '7', '[]', '{}']) {
    t.equal(entry(text), undefined, text);
  }
});
