/** What a sender may make control and agents read, whatever it is hidden behind: files, variables and code. */
import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ContentCache } from '../../../../core/bundle/content-cache.ts';
import { FolderPlanProvider } from '../../../../core/cli/web/plan-provider.ts';
import type { PlanSource } from '../../../../core/web/providers.ts';
import { matchEach } from '../../../kit/match-each.ts';
import fc from '../../../kit/property.ts';

type Plan = Readonly<Record<string, unknown>>;

const TARGET = 'http://127.0.0.1:1';
const LOAD = { executor: 'constant-vus', vus: 1, duration: '1s' };
const OPERATIONS = [{ driver: 'null' }];
const USER = `import { defineUser } from '@bench/toolkit';
export default defineUser({ drivers: ['null'], async iterate({ driver }) { await driver('null').send('noop'); } });
`;
const LEAVES_FILE = `import { writeFileSync } from 'node:fs';
writeFileSync(new URL('ran', import.meta.url), '');
${USER}`;
const INVALID = { message: /^the plan has/, problems: [{ message: /may not be named by a plan/ }] };

/** A plan that is right, but for what is added. */
function planWith(added: Plan = {}): Plan {
  return { name: 'shop', target: TARGET, scenarios: { users: { ...LOAD, operations: OPERATIONS } }, ...added };
}

function scenario(added: Plan): Plan {
  return planWith({ scenarios: { users: { ...LOAD, ...added } } });
}

type Files = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** The folders of a host: `plans` is what control was given. The module outside of it leaves a file when it is run. */
function stage(t: Test, variablePrefix?: string, files: Files = {}) {
  const folder = t.testdir({
    plans: { 'own.csv': 'id\n1\n', 'empty.txt': '', 'user.ts': USER, ...files },
    cache: {},
    'secret.txt': 'of the host',
    'evil.ts': LEAVES_FILE,
    'host.csv': 'id\n1\n',
  });
  const ran = join(folder, 'ran');
  chmodSync(join(folder, 'cache'), 0o700);
  const cache = new ContentCache(join(folder, 'cache'));
  const provider = new FolderPlanProvider({ folder: join(folder, 'plans'), cache, variablePrefix });
  return { folder, ran, prepare: provider.prepare.bind(provider), check: provider.check.bind(provider) };
}

/** Where plans name code, by what a plan looks like that does. */
const CODE: Readonly<Record<string, (name: string) => Plan>> = {
  'an operation': (driver) => scenario({ operations: [{ driver }] }),
  'a step of a flow': (driver) => scenario({ flow: [{ repeat: 2, flow: [{ choose: [{ flow: [{ driver }] }] }] }] }),
  'the first steps': (driver) => scenario({ operations: OPERATIONS, onStart: [{ driver }] }),
  'a driver': (use) => planWith({ drivers: { null: { use } } }),
  'a driver that only a script could use': (use) => planWith({ drivers: { mine: { use } } }),
  'a monitor': (use) => planWith({ monitors: { mine: { use } } }),
  'an output': (use) => planWith({ outputs: { mine: { use } } }),
  'a report': (use) => planWith({ reports: ['json', { use }] }),
  'a report without options': (use) => planWith({ reports: [use] }),
  'a script': (user) => scenario({ user }),
  'a shape': (shape) =>
    planWith({ scenarios: { users: { executor: 'shape', shape, maxVus: 1, operations: OPERATIONS } } }),
};

function http(options: Plan): Plan {
  return { ...scenario({ operations: [{ driver: 'http' }] }), drivers: { http: { options } } };
}

/** Where plans name files. */
const FILES: Readonly<Record<string, (name: string) => Plan>> = {
  'the target': (name) => planWith({ target: `${TARGET}/\${file:${name}}` }),
  'a header': (name) =>
    http({ headers: { authorization: `Bearer \${file:${name}}` }, operations: { a: { path: '/' } } }),
  'a body': (file) => http({ operations: { a: { method: 'POST', path: '/', body: { file } } } }),
  'a part of a body': (file) =>
    http({ operations: { a: { method: 'POST', path: '/', body: { multipart: { a: { file } } } } } }),
  'rows of a driver': (file) => http({ data: { rows: { file } }, operations: { a: { path: '/{{rows.id}}' } } }),
  'rows of a scenario': (file) => ({
    ...scenario({ user: './user.ts', data: { rows: { file } } }),
    drivers: { null: {} },
  }),
  'an authority': (ca) => ({
    ...http({ tls: { ca }, operations: { a: { path: '/' } } }),
    target: 'https://127.0.0.1:1',
  }),
  'a database of uploads': (db) => ({
    ...scenario({ operations: [{ driver: 'http-upload' }] }),
    drivers: { 'http-upload': { options: { verify: { db } } } },
  }),
  'the URL of a database': (name) => ({
    ...scenario({ operations: [{ driver: 'mysql-direct', operation: 'insert' }] }),
    target: `mysql://me@127.0.0.1/a?ssl-mode=verify_ca&ssl-ca=${encodeURI(name)}`,
  }),
  'a monitor of a database': (name) =>
    planWith({
      monitors: { mysql: { options: { url: `mysql://me@127.0.0.1/a?ssl-mode=verify_ca&ssl-ca=${encodeURI(name)}` } } },
    }),
  'a socket of a database': (name) => ({
    ...scenario({ operations: [{ driver: 'mysql-direct', operation: 'insert' }] }),
    target: `mysql://me@localhost/a?socket=${encodeURI(name)}`,
  }),
  'a socket of a monitor': (name) =>
    planWith({ monitors: { mysql: { options: { url: `mysql://me@localhost/a?socket=${encodeURI(name)}` } } } }),
  'a socket of an output': (name) =>
    planWith({
      outputs: {
        postgres: { options: { url: `postgres:///a?ho%73t=${name.startsWith('/') ? '' : '/'}${encodeURI(name)}` } },
      },
    }),
  'a certificate of an output': (name) =>
    planWith({
      outputs: {
        postgres: { options: { url: `postgres://me@127.0.0.1/a?sslmode=require&ss%6cke\ty=${encodeURI(name)}` } },
      },
    }),
};

/** The first text that holds what is named has a parameter there, from a character of it to another. */
function disguised(plan: Plan, path: string, from: number, to: number, isGiven: boolean): PlanSource {
  const written = JSON.stringify(plan);
  // In a URL, the blanks of a folder's name are written otherwise.
  const name = written.includes(path) ? path : encodeURI(path);
  const hidden = name.slice(from, to);
  const text = written.replaceAll(name, `${name.slice(0, from)}\${param.hidden}${name.slice(to)}`);
  const params = { hidden: { default: isGiven ? 'harmless' : hidden } };
  const source = JSON.stringify({ ...(JSON.parse(text) as Plan), params });
  return { text: source, ...(isGiven && { overrides: { params: { hidden } } }) };
}

t.test('no code of this host is named by a plan that is sent, in no disguise', async (t) => {
  const { folder, ran, prepare } = stage(t);
  const name = join(folder, 'evil.ts');
  for (const [place, plan] of Object.entries(CODE)) {
    await t.rejects(prepare({ text: JSON.stringify(plan(name)) }), INVALID, place);
    await t.rejects(prepare({ text: JSON.stringify(plan('../evil.ts')) }), INVALID, `${place}, by a relative path`);
    await t.rejects(prepare({ text: JSON.stringify(plan('tap')) }), INVALID, `${place}, as a package`);
    await t.rejects(prepare({ text: JSON.stringify(plan(`file://${name}`)) }), INVALID, `${place}, as a URL`);
    await t.rejects(prepare({ text: JSON.stringify(plan('file://host/x.ts')) }), INVALID, `${place}, elsewhere`);
    for (const isGiven of [false, true]) {
      await t.rejects(prepare(disguised(plan(name), name, 0, name.length, isGiven)), INVALID, place);
    }
  }
  t.notOk(existsSync(ran));
});

t.test('no file of this host is named by a plan that is sent, in no disguise', async (t) => {
  const { folder, prepare, check } = stage(t);
  const name = join(folder, 'host.csv');
  const own = join(folder, 'plans', 'own.csv');
  for (const [place, plan] of Object.entries(FILES)) {
    const text = JSON.stringify(plan(name));
    await t.rejects(prepare({ text }), INVALID, place);
    t.match(await check({ text }), { ok: false, problems: INVALID.problems }, `${place}, before it is started`);
    const mine = JSON.stringify(plan(own));
    t.match(await check({ text: mine }), { ok: true, problems: [] }, `${place}, below the folder`);
    await prepare({ text: mine });
  }
  const anywhere = fc.record({
    place: fc.constantFrom(...Object.values(FILES)),
    from: fc.nat(name.length - 1),
    length: fc.integer({ min: 1, max: name.length }),
    isGiven: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(anywhere, async ({ place, from, length, isGiven }) => {
      const sent = disguised(place(name), name, from, from + length, isGiven);
      await t.rejects(prepare(sent), INVALID);
    }),
    { numRuns: 60, seed: 7 },
  );
});

t.test('nothing is told of a file in which services are described, unless a plan may name it', async (t) => {
  const { folder, prepare, check } = stage(t);
  const name = join(folder, 'host.csv');
  for (const described of [{ proto: name }, { proto: '../host.csv' }, { descriptorSet: name }]) {
    const plan = {
      ...scenario({ operations: [{ driver: 'grpc', operation: 'a' }] }),
      drivers: { grpc: { options: { ...described, operations: { a: { method: 'a.A/B' } } } } },
      target: 'http://127.0.0.1:1',
    };
    const text = JSON.stringify(plan);
    await t.rejects(prepare({ text }), INVALID);
    const { problems } = await check({ text });
    t.match(problems, INVALID.problems);
    t.notMatch(JSON.stringify(problems), /illegal|descriptor set|cannot be read/);
  }
});

t.test('no file is named with a part that only its process knows, which may be empty', async (t) => {
  const { folder, prepare } = stage(t);
  const name = join(folder, `host\${file:./empty.txt}.csv`);
  for (const [place, plan] of Object.entries(FILES)) {
    // A reference in a reference is none.
    if (JSON.stringify(plan(name)).includes('${file:/')) continue;
    await t.rejects(prepare({ text: JSON.stringify(plan(name)) }), INVALID, place);
  }
});

t.test('a link that lies below the folder leads out of it', async (t) => {
  const { folder, prepare } = stage(t);
  symlinkSync(join(folder, 'host.csv'), join(folder, 'plans', 'link.csv'));
  symlinkSync(folder, join(folder, 'plans', 'above'));
  for (const name of ['link.csv', './above/host.csv']) {
    for (const plan of Object.values(FILES)) {
      await t.rejects(prepare({ text: JSON.stringify(plan(name)) }), INVALID, name);
    }
  }
});

t.test('what is hidden in the folder is not for those who send plans', async (t) => {
  const { prepare } = stage(t, undefined, {
    '.env': 'KEY=1',
    'plan.json': JSON.stringify(FILES['a header']?.('.env')),
  });
  for (const [place, plan] of [...Object.entries(FILES), ...Object.entries(CODE)]) {
    for (const name of ['./.env', './.hidden/x.ts']) {
      await t.rejects(prepare({ text: JSON.stringify(plan(name)) }), INVALID, `${place}: ${name}`);
    }
  }
  await prepare({ file: 'plan.json' });
});

t.test('a link leads to what is hidden in the folder, and the folder itself may lie in a hidden place', async (t) => {
  const { folder, prepare } = stage(t, undefined, { '.git': { 'host.csv': 'id\n1\n' } });
  symlinkSync('.git', join(folder, 'plans', 'latest'));
  for (const [place, plan] of Object.entries(FILES)) {
    await t.rejects(prepare({ text: JSON.stringify(plan('./latest/host.csv')) }), INVALID, place);
  }
  const plan = JSON.stringify(FILES['a header']?.('./own.csv'));
  const home = t.testdir({ '.real': { 'own.csv': 'id\n1\n', 'plan.json': plan, '.env': 'KEY=1' } });
  symlinkSync('.real', join(home, 'plans'));
  const linked = new FolderPlanProvider({
    folder: join(home, 'plans'),
    cache: new ContentCache(join(folder, 'cache')),
    variablePrefix: undefined,
  });
  const overrides = { host: 'http://127.0.0.1:2' };
  await linked.prepare({ file: 'plan.json', overrides });
  await linked.prepare({ text: plan });
  await t.rejects(linked.prepare({ text: JSON.stringify(FILES['a header']?.('./.env')) }), INVALID);
  await t.rejects(linked.prepare({ text: JSON.stringify(FILES['a header']?.(join(home, '.real', '.env'))) }), INVALID);
});

t.test(
  'what hides the options of an address is refused; what stands for all of it, or its account, is not',
  async (t) => {
    const { prepare } = stage(t, 'SHOP_');
    const output = (url: string) => JSON.stringify(planWith({ outputs: { postgres: { options: { url } } } }));
    for (const url of [
      `\${env:SHOP_DB}&sslkey=/etc/hostname`,
      `postgres://me@127.0.0.1/a\${file:./empty.txt}sslkey=/etc/hostname`,
      `postgres://me@127.0.0.1/a?ssl\${file:./empty.txt}key=/etc/hostname`,
    ]) {
      await t.rejects(prepare({ text: output(url) }), INVALID, url);
    }
    for (const url of [`\${env:SHOP_DB}`, `postgres://\${env:SHOP_USER}:\${env:SHOP_PASSWORD}@127.0.0.1/a`]) {
      await prepare({ text: output(url) });
    }
  },
);

t.test('variables with the prefix of control may be named, and no others', async (t) => {
  const { check } = stage(t, 'SHOP_');
  const plan = (variable: string) => planWith({ target: `${TARGET}/\${env:${variable}}` });
  t.match(await check({ text: JSON.stringify(plan('SHOP_TOKEN')) }), { ok: true });
  for (const sent of [{ text: JSON.stringify(plan('HOME')) }, disguised(plan('HOME'), 'HOME', 1, 3, true)]) {
    t.match(await check(sent), { ok: false, problems: [{ path: 'target', message: /must begin with SHOP_/ }] });
  }
});

t.test('a target that is sent names neither variables nor files', async (t) => {
  const { check } = stage(t, undefined, { 'plan.json': JSON.stringify(planWith()) });
  for (const host of [`http://x/\${env:HOME}`, `\${file:/etc/hostname}`, `\${file:../secret.txt}`]) {
    for (const source of [{ file: 'plan.json' }, { text: JSON.stringify(planWith()) }]) {
      const { ok, problems } = await check({ ...source, overrides: { host } });
      t.equal(ok, false, host);
      matchEach(t, problems, [{ path: 'target', message: /may not be named by a plan (that was|whose target)/ }], host);
    }
  }
  t.match(await check({ file: 'plan.json', overrides: { host: 'http://127.0.0.1:2' } }), { ok: true });
});

t.test("an author's plan names what its author likes, which goes nowhere else", async (t) => {
  const { ran, prepare, check } = stage(t, undefined, {
    'plan.json': JSON.stringify({
      ...http({
        headers: {
          authorization: `Bearer \${env:HOME}`,
          'x-key': `\${file:../secret.txt}`,
          'x-page': `page \${param.page}`,
        },
        data: { rows: { file: '../host.csv' } },
        operations: { a: { path: '/{{rows.id}}' } },
      }),
      params: { page: { default: 20 } },
    }),
    'code.json': JSON.stringify({ ...scenario({ user: '../evil.ts' }), drivers: { null: {} } }),
  });
  const file = 'plan.json';
  for (const overrides of [{}, { vus: 5 }, { host: TARGET }, { params: { page: '20' } }]) {
    const { bundle } = await prepare({ file, overrides });
    matchEach(t, bundle, [{ name: '../host.csv' }], JSON.stringify(overrides));
  }
  for (const overrides of [{ host: 'http://127.0.0.1:2' }, { params: { page: '30' } }]) {
    const { problems } = await check({ file, overrides });
    matchEach(t, problems.map(({ message }) => message).sort(), [
      /^the file .*secret.txt may not be named by a plan whose target or parameters were sent/,
      /^the variable HOME may not be named .*--secrets/,
    ]);
  }
  t.match(await check({ file: 'code.json', overrides: { host: 'http://127.0.0.1:2' } }), { ok: true });
  t.ok(existsSync(ran));
});

t.test("an author's file outside of the folder goes to no target that is sent", async (t) => {
  const plan = http({ data: { rows: { file: '../host.csv' } }, operations: { a: { path: '/{{rows.id}}' } } });
  const { prepare } = stage(t, undefined, { 'plan.json': JSON.stringify(plan) });
  await prepare({ file: 'plan.json' });
  await t.rejects(prepare({ file: 'plan.json', overrides: { host: 'http://127.0.0.1:2' } }), INVALID);
});

t.test("what an author's file leads to is the author's, too", async (t) => {
  const { folder, prepare, check } = stage(t, undefined, {
    'shop.proto': 'syntax = "proto3"; import "../common.proto"; service A { rpc B (Empty) returns (Empty); }',
    'plan.json': JSON.stringify({
      ...scenario({ operations: [{ driver: 'grpc', operation: 'a' }] }),
      drivers: { grpc: { options: { proto: './shop.proto', operations: { a: { method: 'A/B' } } } } },
    }),
  });
  writeFileSync(join(folder, 'common.proto'), 'syntax = "proto3"; message Empty {}');
  t.match(await check({ file: 'plan.json' }), { ok: true, problems: [] });
  const { bundle } = await prepare({ file: 'plan.json', overrides: { vus: 5 } });
  matchEach(t, bundle, [{ name: 'shop.proto' }, { name: '../common.proto' }]);
  const elsewhere = { file: 'plan.json', overrides: { host: 'http://127.0.0.1:2' } };
  await t.rejects(prepare(elsewhere), INVALID);
  const { problems } = await check(elsewhere);
  matchEach(t, problems, [{ path: 'drivers.grpc.options', message: /common.proto may not be named/ }]);
});

t.test('what plugins open on the host where they run is judged, and not sent', async (t) => {
  const plugin = (kind: string, rest: string) => `import { define${kind}, z } from '@bench/toolkit';
export default define${kind}({
  name: 'reader', description: 'Opens a file.', options: z.strictObject({ db: z.string() }),
  hostFiles: ({ db }) => [db], open: () => { throw new Error('never'); }, ${rest}
});
`;
  const { folder, prepare, check } = stage(t, undefined, {
    'driver.ts': plugin('Driver', "operations: () => [{ name: 'go', type: 'X' }]"),
    'monitor.ts': plugin('Monitor', ''),
    'output.ts': plugin('Output', ''),
  });
  const opening = (db: string) => ({
    ...scenario({ operations: [{ driver: 'reader' }] }),
    drivers: { reader: { use: './driver.ts', options: { db } } },
    monitors: { host: { use: './monitor.ts', options: { db } } },
    outputs: { log: { use: './output.ts', options: { db } } },
  });
  for (const db of ['../host.csv', join(folder, 'host.csv'), `\${file:./empty.txt}x`, `db://x/\${file:./empty.txt}`]) {
    const { problems } = await check({ text: JSON.stringify(opening(db)) });
    const refused = ['drivers.reader', 'monitors.host', 'outputs.log'];
    matchEach(
      t,
      problems,
      refused.map((place) => ({ path: `${place}.options`, message: /may not be named by a plan that was sent/ })),
      db,
    );
  }
  const { bundle } = await prepare({ text: JSON.stringify(opening('own.csv')) });
  t.notOk(bundle.some(({ name }) => name.endsWith('own.csv')));
});

t.test('a plugin is asked once which files it reads, and told where it is refused one', async (t) => {
  const plugin = (kind: string, rest: string) => `import { appendFileSync } from 'node:fs';
import { define${kind}, z } from '@bench/toolkit';
export default define${kind}({
  name: 'reader', description: 'Reads a file.', options: z.strictObject({}),
  files: () => { appendFileSync(new URL('../asked', import.meta.url), '${kind} '); return ['../host.csv']; },
  open: () => { throw new Error('never'); }, ${rest}
});
`;
  const { folder, check } = stage(t, undefined, {
    'driver.ts': plugin('Driver', "operations: () => [{ name: 'go', type: 'X' }]"),
    'monitor.ts': plugin('Monitor', ''),
  });
  const reading = {
    ...scenario({ operations: [{ driver: 'reader' }] }),
    drivers: { reader: { use: './driver.ts' } },
    monitors: { host: { use: './monitor.ts' } },
  };
  const { problems } = await check({ text: JSON.stringify(reading) });
  matchEach(t, problems, [
    { path: 'drivers.reader.options', line: 1, message: /host.csv may not be named by a plan that was sent/ },
    { path: 'monitors.host.options', line: 1, message: /host.csv may not be named by a plan that was sent/ },
  ]);
  t.equal(readFileSync(join(folder, 'asked'), 'utf8'), 'Driver Monitor ');
});
