/** Aliases and merges bring to a place what stands elsewhere: its values, and its numbers as they are written. */
import t from 'tap';
import { readPlanText } from '../../../../core/cli/plans/plan-text.ts';

function read(text: string) {
  const plan = readPlanText(text);
  if ('source' in plan) return plan;
  throw new Error(plan.map(({ message, line }) => `${line}: ${message}`).join('\n'));
}

t.test('maps are merged by <<, and what a map has itself comes before', async (t) => {
  const { source } = read(`
base: &base { a: 1, b: 2 }
more: &more { b: 3, c: 4 }
one: { <<: *base, b: 9 }
both: { <<: [*base, *more] }
inline: { <<: { a: 7 }, z: 0 }
chain: { <<: { <<: *base, c: 5 } }
quoted: { "<<": *base }
`);
  t.match(source, {
    one: { a: 1, b: 9 },
    both: { a: 1, b: 2, c: 4 },
    inline: { a: 7, z: 0 },
    chain: { a: 1, b: 2, c: 5 },
    quoted: { '<<': { a: 1, b: 2 } },
  });
  t.notOk('<<' in (source as Record<'one', object>).one);
  t.same(read('{"x": {"<<": {"a": 1}}}').source, { x: { '<<': { a: 1 } } }, 'JSON has no merges');
});

t.test('a merge of something else is refused with its line', async (t) => {
  for (const value of ['5', '[1]', '*text', '[*base, *text]', '*none']) {
    const text = `base: &base { a: 1 }\ntext: &text x\nwrong:\n  <<: ${value}\n`;
    t.throws(
      () => read(text),
      value === '*none'
        ? { message: /^4: the alias \*none has no anchor before it$/m }
        : { message: /^4: << takes a map, an alias/ },
    );
  }
  t.throws(() => read('a: &a { b: 1 }\nc:\n  <<: *a\n  <<: *a\n'), { message: /^4: the key "<<" occurs twice/ });
  t.throws(() => read('a: &a\n  b: { <<: *a }\n'), { message: /^2: the alias \*a refers back to what holds it$/ });
});

t.test('a number that becomes text keeps its digits also where an alias or a merge brings it', async (t) => {
  const plan = (form: string) => `
price: &price 1.10
fields: &fields { price: 1.20 }
body: &body { form: { price: 1.30 } }
drivers:
  http:
    options:
      operations:
        buy: { body: ${form} }
`;
  for (const [form, fault] of [
    ['{ form: { price: *price } }', '2: 1.10 would be sent as 1.1: write it in quotes'],
    ['{ form: *fields }', '3: 1.20 would be sent as 1.2: write it in quotes'],
    ['{ form: { <<: *fields, x: a } }', '3: 1.20 would be sent as 1.2: write it in quotes'],
    ['*body', '4: 1.30 would be sent as 1.3: write it in quotes'],
    ['{ <<: *body }', '4: 1.30 would be sent as 1.3: write it in quotes'],
  ] as const) {
    t.throws(() => read(plan(form)), { message: fault }, form);
  }
  t.ok(read(plan('{ json: *fields }')), 'in JSON both are the same number');
});

t.test('a parameter knows how its default is written, also by an alias or a merge', async (t) => {
  const { written } = read(`
x: &x 1.10
more: &more { price: { default: 2.20 } }
params: { <<: *more, id: { default: *x }, plain: { default: 3.30 }, text: { default: "4.40" } }
`);
  const ofDefault = (name: string) => written(['params', name, 'default']);
  t.strictSame(['price', 'id', 'plain', 'text', 'none'].map(ofDefault), ['2.20', '1.10', '3.30', '4.40', undefined]);
});

t.test('aliases of aliases end in a sentence, not in hours', async (t) => {
  const levels = (entry: (name: string) => string) => [
    'a: &a { k: 1 }',
    ...'bcdefghijkl'.split('').map((name, i) => `${name}: &${name} ${entry('abcdefghijk'[i] as string)}`),
  ];
  const lists = levels((name) => `[${Array(10).fill(`*${name}`).join(', ')}]`).join('\n');
  const merges = levels((name) => `{ <<: [${Array(10).fill(`*${name}`).join(', ')}] }`).join('\n');
  for (const text of [lists, merges]) {
    t.throws(() => read(text), { message: /aliases bring more than 500 others to one place/ });
  }
  const many = Array.from({ length: 400 }, (_, i) => `k${i}: *a`).join('\n');
  t.ok(read(`a: &a { k: 1 }\n${many}\n`), 'many uses of one anchor are no such thing');
});
