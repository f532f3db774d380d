/** Authors of plugins write schemas of their own: what those refuse is told in the words of plans as well. */
import t from 'tap';
import { z } from 'zod';
import { shown } from '../../../core/plan/messages.ts';

/** What zod says where nobody speaks for it. */
const FOREIGN = /Invalid|\bexpected\b|\breceived\b|Unrecognized|Too (?:small|big)|undefined/;

t.test('no schema speaks the words of its library', async (t) => {
  const date = z.string().refine(() => false);
  const cases: [what: string, schema: z.ZodType, value: unknown][] = [
    ['a key too many', z.strictObject({ a: z.string() }), { a: 'x', b: 1, c: 2 }],
    ['a key too few', z.object({ a: z.custom(() => false) }), {}],
    ['a multiple', z.number().multipleOf(5), 7],
    ['a URL', z.url(), 'no url'],
    ['an address', z.email(), 'nobody'],
    ['an id', z.uuid(), 'x'],
    ['JSON', z.json(), () => {}],
    ['a rule of its own', z.custom(() => false), 'x'],
    ['a refinement', date, 'x'],
    ['one of two rules', z.union([z.custom(() => false), z.custom(() => false)]), 'x'],
    [
      'one of several kinds',
      z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })]),
      { kind: 'c' },
    ],
    ['no kind', z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') })]), {}],
    ['a literal', z.literal(['a', 'b']), 'c'],
    ['nothing', z.never(), 'x'],
    ['not a number', z.number(), Number.NaN],
    ['a date', z.date(), 'x'],
    ['a bigint', z.bigint().max(5n), 7n],
    ['a tuple', z.tuple([z.string(), z.number()]), ['x']],
    ['a tuple that is too long', z.tuple([z.string()]), ['x', 'y']],
    ['a set', z.set(z.string()).min(2), new Set(['x'])],
    ['a map', z.map(z.string(), z.number()), new Map([['x', 'y']])],
    ['a key of a record', z.record(z.string().max(1), z.number()), { long: 1 }],
    ['keys of a record', z.record(z.enum(['a', 'b']), z.number()), { a: 1, c: 2 }],
    ['a template', z.templateLiteral(['a', z.number()]), 'b'],
    ['a length', z.string().length(3), 'x'],
    ['a beginning', z.string().startsWith('a'), 'x'],
    ['an instance', z.instanceof(Date), 'x'],
  ];
  for (const [what, schema, value] of cases) {
    const messages = schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];
    t.ok(messages.length > 0, what);
    for (const message of messages) {
      t.notMatch(message, FOREIGN, `${what}: ${message}`);
      t.match(message, /^(must|cannot|is missing|unknown key|the name)/, `${what}: ${message}`);
    }
  }
});

t.test('a value is shown as JSON, and of a large one the beginning', async (t) => {
  const small = [
    'a "b"',
    '',
    7,
    -0.5,
    true,
    null,
    [],
    {},
    [1, 'x', [], null],
    { a: { b: [1, 2] }, c: '\u0000' },
    new Date(0),
    { a: undefined, b: 1 },
  ];
  for (const value of small) t.equal(shown(value), JSON.stringify(value));
  t.equal(shown(undefined), 'nothing');
  const large = [
    'x'.repeat(100),
    { ['k'.repeat(100)]: 1 },
    Array.from({ length: 100 }, (_, i) => i),
    Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key${i}`, { value: [i] }])),
    [['x'.repeat(40)], ['y'.repeat(40)]],
  ];
  for (const value of large) t.equal(shown(value), `${JSON.stringify(value).slice(0, 57)}…`);
});

t.test('what is nested without end is shown at once', async (t) => {
  const nested = JSON.parse(`${'[{"a":'.repeat(100_000)}1${'}]'.repeat(100_000)}`);
  t.equal(shown(nested), `${'[{"a":'.repeat(10).slice(0, 57)}…`);
  const parsed = z.object({ token: z.string() }).safeParse({ token: nested });
  t.match(parsed.error?.issues[0]?.message, /^must be text, not \[\{/);
});
