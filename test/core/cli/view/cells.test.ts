import stringWidth from 'string-width';
import t from 'tap';
import { columnsOf, cut, padEnd, padStart, wrap } from '../../../../core/cli/view/cells.ts';
import { printable } from '../../../../core/text/printable.ts';
import fc from '../../../kit/property.ts';

/** Characters as a reader counts them; a single one cannot be broken, however wide it is. */
const charactersOf = (text: string) => [...new Intl.Segmenter().segment(text)].length;

t.test('wide characters take two columns', async (t) => {
  t.equal(columnsOf('测试数据上传接口'), 16);
  t.equal(columnsOf('a😀b'), 4);
  t.equal(cut('测试数据', 5), '测试…');
  t.equal(cut('测试数据', 4), '测…');
  t.equal(cut('测试', 4), '测试');
  t.equal(cut('upload', 0), '');
  t.equal(padEnd('测试', 6), '测试  ');
  t.equal(padStart('测试', 6), '  测试');
});

t.test('what is measured in a short way is as wide as the library says', async (t) => {
  for (const character of '·–—…─✓✗') t.equal(columnsOf(character), stringWidth(character), character);
});

t.test('text is wrapped at spaces, and where there are none', async (t) => {
  t.strictSame(wrap('one two three', 7), ['one two', 'three']);
  t.strictSame(wrap('在 100 并发压力下完全满足性能要求', 10), ['在 100', '并发压力下', '完全满足性', '能要求']);
  t.strictSame(wrap('', 10), ['']);
  t.strictSame(wrap('👨‍👩‍👧👨‍👩‍👧ab', 4), ['👨‍👩‍👧👨‍👩‍👧', 'ab']);
});

t.test('a cut or wrapped text never takes more than its columns', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, columns) => {
      const plain = printable(text);
      t.ok(columnsOf(cut(plain, columns)) <= columns);
      for (const line of wrap(plain, columns))
        if (columnsOf(line) > columns && charactersOf(line) > 1) t.fail(`${JSON.stringify(line)} in ${columns}`);
    }),
    { numRuns: 200 },
  );
});
