import t from 'tap';
import { evaluate, parseExpression, select } from '../../../plugins/prometheus/expression.ts';
import { METRIC_SETS } from '../../../plugins/prometheus/sets.ts';
import { parseExposition } from '../../../plugins/prometheus/text.ts';

const samples = parseExposition(
  'r{m="GET",s="200"} 1\nr{m="GET",s="500"} 2\nr{m="POST",s="200"} 4\nn NaN\nzero 0\nrates 8\nq{p="a\\"b"} 16\n',
);

function value(text: string): number | undefined {
  const expression = parseExpression(text);
  if (expression === undefined) throw new Error(`${text} is none`);
  return evaluate(expression, (selector) => {
    const sum = select(samples, selector);
    return sum !== undefined && selector.takes === 'rate' ? sum * 100 : sum;
  });
}

t.test('series by their labels, as Prometheus matches them', async (t) => {
  t.equal(value('r'), 7);
  t.equal(value('r{}'), 7);
  t.equal(value('r{m="GET"}'), 3);
  t.equal(value('r{m="GET",s="500"}'), 2);
  t.equal(value('r{ m != "GET" , }'), 4);
  t.equal(value('r{s=~"2.."}'), 5);
  t.equal(value('r{s=~"0"}'), undefined, 'a pattern is for the whole value');
  t.equal(value('r{s!~"2..|3.."}'), 2);
  t.equal(value('r{other=""}'), 7, 'a label that is not there is empty');
  t.equal(value('q{p="a\\"b"}'), 16);
  t.equal(value('r{m="PUT"}'), undefined);
  t.equal(value('n'), undefined);
  t.equal(value(' rate( r{m="GET"} ) '), 300);
  t.equal(value('rates'), 8, 'a name may begin like a function');
  t.equal(value('count(r)'), 3);
  t.equal(value('count(r{m="GET"}) * 2'), 4);
  t.equal(value('count(r{m="PUT"})'), undefined);
});

t.test('no page makes a pattern run without end', async (t) => {
  const page = parseExposition(`x{l="${'a'.repeat(5000)}!"} 1\n`);
  const expression = parseExpression('x{l!~"(a+)+b|(a|aa)+"}');
  t.equal(expression && evaluate(expression, (selector) => select(page, selector)), 1);
});

t.test('arithmetic', async (t) => {
  t.equal(value('1 - r{m="GET"} / r'), 1 - 3 / 7);
  t.equal(value('(r + 1) * 2'), 16);
  t.equal(value('10 - 3 - 2'), 5);
  t.equal(value('rate(r)/r*1e2'), 10_000);
  t.equal(value('r / zero'), undefined);
  t.equal(value('r - missing'), undefined);
  t.equal(value('clamp_max(r / 2, 3)'), 3);
  t.equal(value('1 + clamp_max( r , 1e2 )'), 8);
  t.equal(value('clamp_max(missing, 1)'), undefined);
});

t.test('what is no expression', async (t) => {
  const slips = [
    '',
    'a b',
    'rate(r',
    'rate(r))',
    'count(r',
    'clamp_max(r)',
    'clamp_max(r, r)',
    'clamp_max(r, 1',
    'r{',
    'r{m=GET}',
    'r{m="a"n="b"}',
    'r{m=~"("}',
    // RE2 has none: it never looks back.
    'r{m=~"(?=G)GET"}',
    'sum(r)',
    'r -',
    '(r',
    '{m="a"}',
  ];
  for (const text of slips) t.equal(parseExpression(text), undefined, text);
});

t.test('the sets hold expressions only', async (t) => {
  for (const { metrics } of METRIC_SETS) {
    for (const text of Object.values(metrics).flat()) t.ok(parseExpression(text), text);
  }
});
