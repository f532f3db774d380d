import t from 'tap';
import { compilePattern, type Pattern } from '../../../core/text/pattern.ts';

const pattern = (source: string) => compilePattern(source) as Pattern;

t.test('the first group is what is looked for; without a group, the whole', async (t) => {
  t.equal(pattern('/orders/(\\d+)$').find('/orders/17'), '17');
  t.equal(pattern('o[a-z]+').find('an order of'), 'order');
  t.equal(pattern('a(b)?').find('a'), '', 'a group that took no part is empty');
  t.equal(pattern('x').find('abc'), undefined);
  t.strictSame(pattern('id=(\\w+)').findAll('id=a id=b'), ['a', 'b']);
  t.ok(pattern('^paid$').test('paid'));
});

t.test('what cannot be compiled is said in a sentence', async (t) => {
  t.match(compilePattern('(a'), /is not a regular expression: missing closing \)/);
  t.match(compilePattern('(?=a)'), /is not a regular expression/, 'what needs backtracking is not in it');
});

t.test('no text makes it run without end', async (t) => {
  // A backtracking engine needs 2^40 steps for this.
  t.equal(pattern('^(a+)+$').test(`${'a'.repeat(40)}b`), false);
});
