// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in plans

import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import { PlanError } from '../../../core/plan/problem.ts';
import { paramValues, resolveSecrets } from '../../../core/plan/secrets.ts';
import { lookupIn, referencesIn, withReferences } from '../../../core/secrets/reference.ts';
import { SecretMask } from '../../../core/secrets/secret-mask.ts';
import fc from '../../kit/property.ts';

const scenarios = {
  s: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: 'd' }] },
};

function planWith(options: Record<string, unknown>, target = 'http://127.0.0.1:1') {
  return parsePlan({
    name: 'x',
    target,
    drivers: { d: { options } },
    monitors: { m: { options: { key: '${env:KEY}' } } },
    scenarios,
  });
}

const all = { target: true, drivers: ['d'], monitors: ['m'], outputs: [] };

t.test('references are found and replaced, and those that are written with $$ stay', async (t) => {
  t.same(
    referencesIn('${env:A} $${env:B} ${file: /run/c } ${vu} ${env:D}').map(({ kind, name }) => `${kind} ${name}`),
    ['env A', 'file /run/c', 'env D'],
  );
  t.equal(
    withReferences('${env:A}-$${env:A}-${vu}', () => '$1$&'),
    '$1$&-${env:A}-${vu}',
  );
});

t.test('values go where the references stand, also into what a schema has made of options', async (t) => {
  const options = { headers: { a: 'Bearer ${env:KEY}' }, list: ['${file:f}', 7, null], plain: '$${env:KEY}' };
  const lookup = lookupIn({ KEY: 'k"1', USER: 'u@x' }, (path) => (path === 'f' ? 'of the file\n' : ''));
  const { target, fill } = resolveSecrets(
    planWith(options, 'mysql://${env:USER}:${env:KEY}@h/${env:KEY}'),
    all,
    lookup,
  );
  t.equal(target, 'mysql://u%40x:k%221@h/k"1', 'an account in a URL is percent-encoded');
  const regex = /x/;
  t.same(fill({ ...options, template: ['a', { kind: 'reference', text: '${env:KEY}' }], regex }), {
    headers: { a: 'Bearer k"1' },
    list: ['of the file', 7, null],
    plain: '${env:KEY}',
    template: ['a', { kind: 'reference', text: 'k"1' }],
    regex,
  });
});

t.test('a value that looks like a reference is none', async (t) => {
  const { fill } = resolveSecrets(
    planWith({ a: '${env:A}' }),
    { ...all, monitors: [], outputs: [] },
    lookupIn({ A: '${env:B}' }),
  );
  t.same(fill({ a: '${env:A}' }), { a: '${env:B}' });
});

t.test('what has no value is told all at once, with where it stands; what is not used is not looked up', async (t) => {
  const plan = planWith({ a: { b: ['x', '${env:NONE}'] }, c: '${file:none}' }, '${env:HOST}');
  const readFile = () => {
    throw new Error('there is none');
  };
  try {
    resolveSecrets(plan, all, lookupIn({}, readFile));
    t.fail('it was resolved');
  } catch (error) {
    t.same(error instanceof PlanError && error.problems.map(({ path }) => path), [
      'target',
      'drivers.d.options.a.b[1]',
      'drivers.d.options.c',
      'monitors.m.options.key',
    ]);
    t.match((error as Error).message, /a\.b\[1\]: \$\{env:NONE\} has no value: set the variable NONE/);
    t.match((error as Error).message, /c: \$\{file:none\} has no value: the file cannot be read \(there is none\)/);
  }
  t.equal(
    resolveSecrets(plan, { target: false, drivers: [], monitors: [], outputs: [] }, lookupIn({})).target,
    '${env:HOST}',
  );
});

t.test('a reference that is misspelt is a fault of the plan', async (t) => {
  t.throws(
    () => planWith({ a: ['${env:A B}'], b: '${file:}', c: 'Bearer ${env:TOKEN' }),
    new PlanError([
      { path: 'drivers.d.options.a[0]', message: '${env:A B} does not name an environment variable' },
      { path: 'drivers.d.options.b', message: '${file:} does not name a file' },
      { path: 'drivers.d.options.c', message: '${env:TOKEN lacks its closing brace' },
    ]),
  );
});

t.test('a mask hides each value in each of its forms', async (t) => {
  const mask = new SecretMask();
  t.ok(mask.isEmpty);
  mask.add('p@ss "word"', '${env:A}');
  mask.add('p@ss', '${env:B}');
  mask.add('abc', '${env:SHORT}');
  mask.add('-----BEGIN\nsecond line\n', '${file:key}');
  t.equal(mask.hide('x p@ss "word" y p@ss z abc'), 'x ${env:A} y ${env:B} z abc');
  t.equal(mask.hide(JSON.stringify({ a: 'p@ss "word"' })), '{"a":"${env:A}"}');
  t.equal(mask.hide('mysql://u:p%40ss%20%22word%22@h'), 'mysql://u:${env:A}@h');
  t.equal(mask.hide('the key: second line'), 'the key: ${file:key}');
  t.equal(mask.hide('it was p@ss "wo'), 'it was ${env:A}', 'cut off in its middle');
  t.equal(mask.hide('it was -----BEG'), 'it was ${file:key}', 'cut off at the end');
});

t.test('no text that holds a value comes through a mask with it', async () => {
  const value = fc.string({ minLength: 4, maxLength: 12, unit: fc.constantFrom('a', 'b', '$', '&', '1') });
  fc.assert(
    fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
      const mask = new SecretMask();
      mask.add(secret, '<>');
      return !mask.hide(before + secret + after).includes(secret);
    }),
  );
});

t.test(
  'scripts read parameters by name, with what they refer to; what is missing throws where it is read',
  async (t) => {
    const params = {
      users: { default: 50 },
      isNew: { default: true },
      login: { default: 'mysql://u:${env:KEY}@h' },
      token: { default: 'Bearer ${env:ABSENT}' },
      plain: { default: '$${env:KEY} ${vu}' },
    };
    const mask = new SecretMask();
    const values = paramValues(parsePlan({ name: 'x', params, scenarios }), lookupIn({ KEY: 'k"1secret' }), mask);
    t.same(
      [values.users, values.isNew, values.login, values.plain],
      [50, true, 'mysql://u:k%221secret@h', '$${env:KEY} ${vu}'],
    );
    t.equal(mask.hide('sent k"1secret'), 'sent ${env:KEY}');
    t.throws(() => values.token, {
      message: 'params.token: ${env:ABSENT} has no value: set the variable ABSENT for this process',
    });
    t.throws(() => values.user, { message: 'params.user: there is no such parameter; did you mean users?' });
    t.throws(() => values.constructor, {
      message:
        /^params\.constructor: there is no such parameter; the plan has users, isNew, login, token, plain under params$/,
    });
  },
);
