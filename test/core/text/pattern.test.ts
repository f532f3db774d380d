import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { compilePattern, type Pattern, PatternBudget } from '../../../core/text/pattern.ts';

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

t.test('the way that is taken for speed changes no result', async (t) => {
  const texts = ['', 'id=a', 'x id=a id=b', 'ID=a', 'a\nid=', `${'-'.repeat(5_000)}id=c`];
  // With text at the begin and without, with an alternative, with groups and without, and with what looks at the neighbours.
  for (const source of [
    'id=(\\w+)',
    'i?d=(\\w+)',
    '(?i)id=(\\w+)',
    'id=a|ID',
    '\\bid=\\w*$',
    '^id',
    '[iI]d=',
    'id?=',
    '',
  ]) {
    const native = new RegExp(source.replace('(?i)', ''), source.startsWith('(?i)') ? 'gi' : 'g');
    for (const text of texts) {
      const all = Array.from(text.matchAll(native), ([whole, group]) => group ?? whole);
      const where = `${source} in ${text.slice(-20)}`;
      t.strictSame(pattern(source).findAll(text), all, where);
      t.equal(pattern(source).find(text), all[0], where);
      t.equal(pattern(source).test(text), all.length > 0, where);
    }
  }
});

t.test('the expressions of one plan may take so much memory together', async (t) => {
  const tooLarge = /^is one too many: the regular expressions of a plan may have 500,000 steps together/;
  t.match(compilePattern(`(?:${'[a-z]x'.repeat(300)}){1000}`), tooLarge, 'one alone');
  const budget = new PatternBudget();
  const large = (i: number) => compilePattern(`${i}(?:abcdefghij){1000}`);
  const made = budget.during(() => Array.from({ length: 100 }, (_, i) => large(i)));
  t.type(made[0], 'object');
  t.match(made.at(-1), tooLarge);
  t.match(
    budget.during(() => compilePattern('a')),
    tooLarge,
    'nothing more is compiled',
  );
  t.type(
    budget.during(() => large(0)),
    'object',
    'but what is there is used again',
  );
  t.type(large(7), 'object', 'another plan has its own');
  t.match(
    new PatternBudget().during(() => compilePattern('\\pL'.repeat(1001))),
    tooLarge,
  );
});

t.test('what a target sends makes the automata of one plan no larger than they may be together', async (t) => {
  let state = 1;
  // A linear congruential generator, whose high bits are even.
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 31;
  };
  const text = Array.from({ length: 100_000 }, () => 'ab'[next()]).join('');
  const budget = new PatternBudget();
  const patterns = budget.during(() =>
    Array.from({ length: 30 }, (_, i) => compilePattern(`[ab]a[ab]{${13 + (i % 4)}}[c-z]{${1 + i}}`)),
  );
  setFlagsFromString('--expose-gc');
  const used = () => {
    runInNewContext('gc')();
    return process.memoryUsage().heapUsed;
  };
  const before = used();
  for (const pattern of patterns) {
    if (typeof pattern === 'string') throw new Error(pattern);
    t.notOk(pattern.test(text));
  }
  const grown = Math.round((used() - before) / 2 ** 20);
  t.ok(grown < 120, `${grown} MiB`);
});
