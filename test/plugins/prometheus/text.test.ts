import t from 'tap';
import { parseExposition } from '../../../plugins/prometheus/text.ts';

t.test('the text format', async (t) => {
  const text = [
    '# HELP a Help with "quotes" and {braces}',
    '# a comment',
    '',
    'plain 1',
    '  spaced   2.5e-3   ',
    'stamped 3 1395066363000',
    'labelled{a="1",b="two words"} 4',
    'labelled{ a = "1" , b = "x", } 5',
    'empty{} 6',
    'escaped{path="C:\\\\DIR",error="a\\nb \\"c\\" }"} 7',
    'inf +Inf',
    'minus -Inf',
    'nan NaN',
    'name:with:colons 8\r',
  ].join('\n');
  const samples = parseExposition(text);
  t.strictSame(
    samples.map(({ name, labels, value }) => [name, labels, value]),
    [
      ['plain', {}, 1],
      ['spaced', {}, 0.0025],
      ['stamped', {}, 3],
      ['labelled', { a: '1', b: 'two words' }, 4],
      ['labelled', { a: '1', b: 'x' }, 5],
      ['empty', {}, 6],
      ['escaped', { path: 'C:\\DIR', error: 'a\nb "c" }' }, 7],
      ['inf', {}, Number.POSITIVE_INFINITY],
      ['minus', {}, Number.NEGATIVE_INFINITY],
      ['nan', {}, Number.NaN],
      ['name:with:colons', {}, 8],
    ],
  );
});

t.test('what is no metric is told with its line', async (t) => {
  for (const line of [
    '9name 1',
    'name',
    'name one',
    'name{a="1" 1',
    'name{a=1} 1',
    'name{a="1"b="2"} 1',
    'name 1 2 3',
  ]) {
    t.throws(() => parseExposition(`ok 1\n${line}\n`), { message: /^line 2 is not a metric: / }, line);
  }
});

t.test('a page of so many values that they would fill the memory is refused', async (t) => {
  const refused = { name: 'ExpositionError', message: 'it has more than 1,000,000 metrics and labels' };
  t.throws(() => parseExposition('a 1\n'.repeat(1_000_001)), refused);
  const labels = Array.from({ length: 1000 }, (_, i) => `l${i}=""`).join(',');
  t.throws(() => parseExposition(`a{${labels}} 1\n`.repeat(1000)), refused);
});
