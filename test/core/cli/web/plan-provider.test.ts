/** Plans of a folder, and plans that come over the network, which may name nothing of this host. */
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { ContentCache } from '../../../../core/bundle/content-cache.ts';
import { FolderPlanProvider } from '../../../../core/cli/web/plan-provider.ts';
import { matchEach } from '../../../kit/match-each.ts';

const PLAN = `name: shop
target: http://127.0.0.1:1
scenarios:
  users:
    executor: constant-vus
    vus: 5
    duration: 10s
    operations:
      - driver: noop
`;

const NOT_FOUND = { message: /there is no plan/ };
const INVALID = { message: /^the plan has a problem/ };
const BAD = { message: /one of `file` and `text`/ };

type Files = { [name: string]: string | Files };

function provider(t: Test, files: Files = {}, variablePrefix?: string) {
  const folder = t.testdir({ plans: files, cache: {}, 'outside.yaml': PLAN });
  const cache = new ContentCache(join(folder, 'cache'));
  return { folder, provider: new FolderPlanProvider({ folder: join(folder, 'plans'), cache, variablePrefix }) };
}

t.test('the folder is listed: plans with what they do or what is wrong with them, and nothing else', async (t) => {
  const { provider: one } = provider(t, {
    'a.yaml': PLAN.replace('noop', "'null'"),
    'bad.yaml': PLAN.replace('vus: 5', 'vus: many').replace('noop', "'null'"),
    'data.json': '{"rows":[]}',
    'x.schema.json': '{"scenarios":{}}',
    'plan.ts': 'export default {}',
  });
  const { plans } = await one.list();
  matchEach(t, plans, [
    { file: 'a.yaml', outline: { name: 'shop', plannedUs: 10e6, scenarios: [{ name: 'users', level: 5, of: 'vus' }] } },
    { file: 'bad.yaml', outline: null, problems: [{ line: 6, path: 'scenarios.users.vus' }] },
  ]);
});

t.test(
  'plans are found however they lie there: as links, in one line of JSON, and what cannot be read is told',
  async (t) => {
    const line = JSON.stringify({
      name: 'line',
      scenarios: { users: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: 'null' }] } },
    });
    const { folder, provider: one } = provider(t, {
      '..data': { 'mounted.json': line, sub: {} },
      'line.json': line,
      'broken.yaml': 'scenarios: {',
      deep: { 'a.json': line },
      'huge.json': `${line}${' '.repeat(4 << 20)}`,
    });
    const plans = join(folder, 'plans');
    symlinkSync('..data/mounted.json', join(plans, 'mounted.json'));
    symlinkSync(join(folder, 'outside.yaml'), join(plans, 'outside.yaml'));
    symlinkSync('gone.yaml', join(plans, 'gone.yaml'));
    symlinkSync('.', join(plans, 'round'));
    const [listed, again] = await Promise.all([one.list(), one.list()]);
    t.equal(listed, again, 'whoever asks meanwhile gets the same');
    matchEach(t, listed.plans, [
      { file: 'broken.yaml', outline: null, problems: [{ message: /./ }] },
      { file: 'deep/a.json', outline: { name: 'line' } },
      { file: 'line.json', outline: { name: 'line' } },
      { file: 'mounted.json', outline: { name: 'line' } },
    ]);
    t.not(await one.list(), listed, 'and whoever asks later another one');
    t.match(await one.check({ file: 'mounted.json' }), { ok: true });
    t.match(await one.check({ file: 'huge.json' }), { ok: false, problems: [{ message: /too large for a plan/ }] });
  },
);

t.test('a file that goes while the folder is listed is left out, and the others are told', async (t) => {
  const script = PLAN.replace('    operations:\n      - driver: noop\n', '    user: ./user.ts\n');
  const { provider: one } = provider(t, {
    'a.yaml': `${script}drivers: { 'null': {} }\n`,
    'b.yaml': PLAN,
    'c.yaml': PLAN.replace('noop', "'null'"),
    'user.ts': `import { rmSync } from 'node:fs';
      import { defineUser } from '@bench/toolkit';
      rmSync(new URL('b.yaml', import.meta.url));
      export default defineUser({ drivers: ['null'], async iterate({ driver }) { await driver('null').send('noop'); } });`,
  });
  const { plans } = await one.list();
  matchEach(t, plans, [
    { file: 'a.yaml', outline: { name: 'shop' } },
    { file: 'c.yaml', outline: { name: 'shop' } },
  ]);
});

t.test('a file that nobody may read is told by its name', { skip: process.getuid?.() === 0 }, async (t) => {
  const { folder, provider: one } = provider(t, { 'a.yaml': PLAN });
  chmodSync(join(folder, 'plans', 'a.yaml'), 0);
  t.match(await one.list(), {
    plans: [{ file: 'a.yaml', problems: [{ message: /cannot be read: permission denied/ }] }],
  });
});

t.test('a load whose height a module says has no highest level', async (t) => {
  const { provider: one } = provider(t, {
    'shape.ts': "import { defineShape } from '@bench/toolkit';\nexport default defineShape({ at: () => 1 });\n",
  });
  const shape = (load: string) =>
    PLAN.replace('constant-vus', 'shape')
      .replace('vus: 5', `shape: ./shape.ts\n    load: ${load}\n    maxVus: 7`)
      .replace('duration: 10s', 'maxDuration: 10s')
      .replace('noop', "'null'");
  t.match(await one.check({ text: shape('rate') }), { outline: { scenarios: [{ level: null, of: 'rate' }] } });
  t.match(await one.check({ text: shape('vus') }), { outline: { scenarios: [{ level: 7, of: 'vus' }] } });
});

t.test('no file outside of the folder is read', async (t) => {
  const { folder, provider: one } = provider(t, { 'a.yaml': PLAN });
  for (const file of ['../outside.yaml', join(folder, 'outside.yaml'), 'none.yaml', '', '..', 'plan.ts']) {
    await t.rejects(one.check({ file }), NOT_FOUND, file);
  }
});

t.test('the form of the page changes users, spawn rate, run time and host', async (t) => {
  const { provider: one } = provider(t, { 'a.yaml': PLAN.replace('noop', "'null'") });
  const { json } = await one.prepare({
    file: 'a.yaml',
    overrides: { vus: 50, spawnRate: 10, runTime: '1m', host: 'http://127.0.0.1:2' },
  });
  t.match(JSON.parse(json), {
    target: 'http://127.0.0.1:2',
    scenarios: { users: { executor: 'constant-vus', vus: 50, spawnRate: 10, duration: '1m' } },
  });
  await t.rejects(one.prepare({ file: 'a.yaml', overrides: { runTime: 'soon' } }), INVALID);
});

t.test('a plan that is sent names no code, no file and no variable of this host', async (t) => {
  const { provider: one } = provider(t);
  const named: Record<string, string> = {
    'scenarios.users.operations[0].driver': PLAN.replace('driver: noop', 'driver: ../evil.ts'),
    target: PLAN.replace('http://127.0.0.1:1', `"http://127.0.0.1:1/\${file:/etc/passwd}"`),
    name: PLAN.replace('name: shop', `name: "\${env:HOME}"`).replace('noop', "'null'"),
  };
  for (const [path, text] of Object.entries(named)) {
    const { ok, problems } = await one.check({ text });
    t.equal(ok, false, path);
    t.ok(
      problems.some(
        (problem) => problem.path === path && /that was sent/.test(problem.message) && problem.line !== null,
      ),
      `${path}: ${JSON.stringify(problems)}`,
    );
  }
  const script = PLAN.replace('    operations:\n      - driver: noop\n', '    user: /tmp/user.ts\n');
  t.match(await one.check({ text: script }), {
    problems: [{ path: 'scenarios.users.user', message: /--plans|below/ }],
  });
});

t.test('a plan that is sent is told all that is wrong with it, with lines; broken YAML too', async (t) => {
  const { provider: one } = provider(t);
  const text = PLAN.replace('vus: 5', 'vus: -1').replace('10s', 'soon').replace('noop', "'null'");
  t.match(await one.check({ text }), { ok: false, problems: [{ line: 6 }, { line: 7 }] });
  t.match(await one.check({ text: 'name: [' }), { ok: false, problems: [{ line: 1 }] });
  t.match(await one.check({ text: PLAN.replace('noop', "'null'") }), { ok: true, outline: { name: 'shop' } });
  await t.rejects(one.check({}), BAD);
  await t.rejects(one.check({ text: 'x', file: 'y' }), BAD);
});

t.test('a plan that would keep others waiting is not taken from the network, and one in the folder is', async (t) => {
  const longer = (length: number) => {
    const operations = Array.from({ length }, (_, i) => `      - { driver: 'null', name: n${i} }\n`).join('');
    return PLAN.replace('      - driver: noop\n', operations);
  };
  const long = longer(1000);
  const { provider: one } = provider(t, { 'long.yaml': long, 'longer.yaml': longer(8000) });
  t.match(await one.check({ text: long }), {
    ok: false,
    problems: [
      { message: /^it has more than 12,000 words, marks and line ends.* put it in the folder of plans, or run it/ },
    ],
  });
  t.match(await one.check({ file: 'long.yaml' }), { ok: true });
  const refused = [
    { message: /^it has more than 100,000 words.* keep others waiting: run it with `bench run --control`$/ },
  ];
  t.match(
    await one.check({ file: 'longer.yaml' }),
    { ok: false, problems: refused },
    'in the folder there is a limit too',
  );
  matchEach(t, (await one.list()).plans, [
    { file: 'long.yaml', outline: { name: 'shop' } },
    { file: 'longer.yaml', outline: null, problems: refused },
  ]);
  const comment = `# ${'long '.repeat(50_000)}\n`;
  t.match(
    await one.check({ text: `${comment}${PLAN.replace('noop', "'null'")}` }),
    { ok: true },
    'length alone is no harm',
  );
});

t.test('thousands of wrong names are answered soon, and not with all names each', async (t) => {
  const names = Array.from({ length: 300 }, (_, i) => `${'operation-'.repeat(7)}${i}`);
  const defined = names.map((name) => `        ${name}: { path: / }\n`).join('');
  const steps = names.map((_, i) => `      - { driver: http, operation: ${'noitarepo-'.repeat(7)}${i} }\n`).join('');
  const params = `params:\n${names
    .slice(0, 100)
    .map((name) => `  ${name}: { default: 1 }\n`)
    .join('')}`;
  const text = `drivers:\n  http:\n    options:\n      operations:\n${defined}${PLAN.replace('      - driver: noop\n', steps)}`;
  const { provider: one } = provider(t, { 'params.yaml': params + PLAN.replace('noop', "'null'") });
  const unknown = await one.check({ text });
  t.match(unknown.problems[0], { line: Number, message: /has no operation ".+"; it has .+, and 290 more$/ });
  t.match(unknown.problems.at(-1), { message: 'There are 250 more problems.' });
  const given = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`${'maraprap-'.repeat(8)}${i}`, 'x']));
  const { problems } = await one.check({ file: 'params.yaml', overrides: { params: given } });
  t.match(problems.at(-1), { message: 'There are 9900 more problems.' });
  t.ok(JSON.stringify(unknown).length < 100_000);
  t.ok(JSON.stringify(problems).length < 200_000);
});

t.test('what is wrong with overrides is told by the names that requests have for them', async (t) => {
  const { provider: one } = provider(t);
  const asked = async (text: string, overrides: object) => (await one.check({ text, overrides })).problems;
  const plan = PLAN.replace('noop', "'null'");
  const arrivals = plan.replace('constant-vus', 'constant-arrival-rate').replace('vus: 5', 'rate: 5\n    maxVus: 5');
  matchEach(t, await asked(arrivals, { vus: 5 }), [{ message: /^`vus` does not fit scenario users/ }]);
  const stages = plan
    .replace('constant-vus', 'ramping-vus')
    .replace('vus: 5', 'stages: [{ duration: 5s, target: 5 }]')
    .replace('    duration: 10s\n', '');
  matchEach(t, await asked(stages, { runTime: '1m' }), [
    { message: /^`runTime` does not fit .*: give `vus` and `runTime` for a constant load/ },
  ]);
  const open = `params: { page: {} }\n${plan}`;
  matchEach(t, await asked(open, { params: { pge: '1' } }), [
    { path: 'params', message: '`params.pge`: there is no parameter "pge"; did you mean "page"?' },
    { path: 'params.page', message: 'has no value: give it in `params.page`, or give it a default' },
  ]);
  const health = plan.replace("'null'", 'health');
  matchEach(t, await asked(health, { host: 'htp://127.0.0.1:1' }), [{ message: /^`host`: must begin with http/ }]);
  t.same(await asked(health, { host: 'http://127.0.0.1:1' }), []);
});
