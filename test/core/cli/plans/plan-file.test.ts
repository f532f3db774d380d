import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { readDocument } from '../../../../core/cli/import/read-document.ts';
import { loadPlanFile, textPlan } from '../../../../core/cli/plans/plan-file.ts';

const yaml = `name: test
# a comment
scenarios:
  a.b:
    executor: constant-vus
    operations:
      - driver: 'null'
        weight: 2
`;

t.test('YAML, JSON with tabs and a module hold the same plan', async (t) => {
  const folder = t.testdir({
    'plan.yaml': yaml,
    'plan.json':
      '{\n\t"name": "test",\n\t"scenarios": {\n\t\t"a.b": {"executor": "constant-vus", "operations": [{"driver": "null", "weight": 2}]}\n\t}\n}\n',
    'plan.mjs':
      "export default { name: 'test', scenarios: { 'a.b': { executor: 'constant-vus', operations: [{ driver: 'null', weight: 2, name: undefined }] } } };\n",
  });
  const source = {
    name: 'test',
    scenarios: { 'a.b': { executor: 'constant-vus', operations: [{ driver: 'null', weight: 2 }] } },
  };
  for (const name of ['plan.yaml', 'plan.json', 'plan.mjs']) {
    const plan = await loadPlanFile(join(folder, name));
    t.strictSame(plan.source, source, name);
    t.equal(plan.baseDirectory, folder);
  }
});

t.test('a script alone is one virtual user for ten seconds', async (t) => {
  const folder = t.testdir({
    'once.mjs': 'export default { iterate() {} };\n',
    'mixed.mjs': 'export default { tasks: { look: { run() {} } } };\n',
    'plan.mjs': "export default { name: 'a plan', scenarios: {}, tasks: {} };\n",
  });
  const source = async (name: string) => (await loadPlanFile(join(folder, name))).source;
  for (const name of ['once.mjs', 'mixed.mjs']) {
    const users = { executor: 'constant-vus', vus: 1, duration: '10s', user: `./${name}` };
    t.strictSame(await source(name), { name, scenarios: { users } });
  }
  t.match(await source('plan.mjs'), { name: 'a plan' });
});

t.test('a path of a problem leads to its line', async (t) => {
  const folder = t.testdir({ 'plan.yaml': yaml });
  const { lineOf } = await loadPlanFile(join(folder, 'plan.yaml'));
  t.equal(lineOf('name'), 1);
  t.equal(lineOf('scenarios.a.b.executor'), 5);
  t.equal(lineOf('scenarios.a.b.operations[0].weight'), 8);
  t.equal(lineOf('scenarios.a.b.operations[0].name'), 7, 'the last part that is there');
  t.equal(lineOf('scenarios.a.b.vus'), 4);
  t.equal(lineOf(''), undefined);
});

t.test('a file that cannot be read says where and why', async (t) => {
  const folder = t.testdir({
    'broken.yaml': 'name: a\nscenarios: [1, 2\nseed: 1\n',
    'twice.yaml': 'name: a\nname: b\n',
    'two.yaml': 'name: a\n---\nname: b\n',
    'tabs.yaml': 'name: a\nscenarios:\n\tx: 1\n',
    'broken.json': '{"name": "a",}\n{',
    'bomb.yaml': `a: &a [x, x]\n${[...'bcdefghijklmnop'].map((name, i) => `${name}: &${name} [${`*${'abcdefghijklmno'[i]}, `.repeat(9)}]`).join('\n')}\n`,
    'plan.txt': 'name: a\n',
    'none.mjs': 'export const plan = {};\n',
    'throws.mjs': "throw new Error('no such thing\\nsecond line');\n",
    'circle.yaml': 'name: a\nscenarios: &all\n  x: *all\n',
    'function.mjs': 'export default { name: "a", scenarios: { x: { operations: [() => 1] } } };\n',
    'date.mjs': 'export default { name: new Date(0) };\n',
    'round.mjs': 'const plan = {}; plan.scenarios = { plan }; export default plan;\n',
    'nan.mjs': 'export default { seed: Number.NaN };\n',
    'upload.yaml': 'name: a\n',
    folder: {},
    'latin-1.yaml': Buffer.from('name: a\nscenarios: { \xe9t\xe9: {} }\n', 'latin1'),
    'endless.yaml': t.fixture('symlink', '/dev/zero'),
    'huge.yaml': 'x'.repeat(5 << 20),
    'huge.mjs': `// ${'x'.repeat(5 << 20)}`,
  });
  const wrong: [string, RegExp][] = [
    ['broken.yaml', /broken\.yaml cannot be read:\n {2}line \d: .+/],
    ['twice.yaml', /line 2: the key "name" occurs twice in this map/],
    ['two.yaml', /line 2: there is more than one document: remove the line ---/],
    ['tabs.yaml', /line 3: Tabs are not allowed as indentation/],
    ['broken.json', /line 2: /],
    ['bomb.yaml', /aliases bring more than 500 others to one place: write out what they stand for/],
    ['circle.yaml', /line 3: the alias \*all refers back to what holds it/],
    ['plan.txt', /plan\.txt is not named like a plan: its name must end in \.yaml, /],
    ['none.mjs', /has no default export: write `export default definePlan\(\{ … \}\)`/],
    ['throws.mjs', /throws\.mjs cannot be loaded: no such thing$/],
    ['function.mjs', /scenarios\.x\.operations\[0\] is a function, which a plan cannot hold/],
    ['date.mjs', /name is a Date, which a plan cannot hold/],
    ['round.mjs', /scenarios\.plan refers back to an object that holds it/],
    ['nan.mjs', /seed is NaN, which a plan cannot hold/],
    ['uplaod.yaml', /There is no plan .*uplaod\.yaml; did you mean .*upload\.yaml\?/],
    ['zzzzzzzzzzzzzz.yaml', /There is no plan .*zzzzzzzzzzzzzz\.yaml\.$/],
    ['folder', /folder is a folder: name the plan in it\.$/],
    ['latin-1.yaml', /cannot be read: line 2 is not UTF-8 text; save the file with the encoding UTF-8\.$/],
    ['endless.yaml', /^The plan .*endless\.yaml cannot be read: it is a device or a pipe, not a regular file\.$/],
    ['huge.yaml', /^The plan .*huge\.yaml cannot be read: it is larger than 4 MiB\.$/],
    ['huge.mjs', /^The plan .*huge\.mjs cannot be read: it is larger than 4 MiB\.$/],
  ];
  for (const [name, message] of wrong) {
    const file = join(folder, name);
    await t.rejects(loadPlanFile(file), { name: 'CommandError', exitCode: 104, message }, name);
  }
  t.throws(() => readDocument('a: 1\n---\na: 2\n', 'x'), { message: /line 2: there is more than one document/ });
});

/** A plan with one operation of this body. */
const sent = (body: string) =>
  `name: a\ndrivers: { http: { options: { operations: { o: { body: { ${body} } } } } } }\n`;

t.test('numbers that would change, and bytes that are not UTF-8, are refused with their line', async (t) => {
  const folder = t.testdir({
    'integer.yaml': 'name: a\ndrivers:\n  http: { options: { body: { json: { id: 9007199254740993 } } } }\n',
    'integer.json': '{\n"name": "a",\n"drivers": {"x": {"options": {"id": -9007199254740993}}}}',
    'decimal.yaml': 'name: a\nx: 0.1234567890123456789\n',
    'zeros.yaml': 'name: a\nx:\n  zip: 01234\n',
    'infinite.yaml': 'name: a\nx: 1e400\n',
    'form.yaml': sent('form: { n: 1.5,\n m: [2, 1.10] }'),
    'part.yaml': sent('multipart: { n: 2,\n t: { text: 2.50 } }'),
    'equals.yaml': 'name: a\nscenarios: { s: { flow: [{ if: { variable: v,\n equals: 1.0 } }] } }\n',
    'name.yaml': 'name: a\nx:\n 1.10: b\n',
    'module.mjs': 'export default { name: "a", drivers: { x: { options: { id: 2 ** 60 } } } };\n',
    'proto.json': '{"name": "a",\n"scenarios": {\n"__proto__": {"executor": "constant-vus"}}}',
    'same.yaml': sent("form: { n: '1.10', m: 1.5, json: 2 }, headers: { a: 1.10 }, x: { json: { n: 1.10 } }"),
    'exact.yaml': 'name: a\nx: [1.50, 1e3, 9007199254740991, -0.1, 0x1F, "01", 0, 0.5, -12]\n',
  });
  writeFileSync(join(folder, 'latin1.yaml'), 'name: a\ndescription: caf\u00e9\n', 'latin1');
  const wrong: [string, RegExp][] = [
    [
      'integer.yaml',
      /line 3: 9007199254740993 would be read as 9007199254740992: write it in quotes, or, in a JSON body/,
    ],
    ['integer.json', /line 3: -9007199254740993 would be read as -9007199254740992: /],
    ['decimal.yaml', /line 2: 0\.1234567890123456789 would be read as 0\.12345678901234568: /],
    ['zeros.yaml', /line 3: 01234 would be read as the number 1234: write it in quotes/],
    ['infinite.yaml', /line 2: 1e400 would be read as Infinity/],
    ['form.yaml', /line 3: 1\.10 would be sent as 1\.1: write it in quotes$/],
    ['part.yaml', /line 3: 2\.50 would be sent as 2\.5: write it in quotes$/],
    ['equals.yaml', /line 3: 1\.0 would be sent as 1: write it in quotes$/],
    ['name.yaml', /line 3: 1\.10 would be read as the name 1\.1: write it in quotes$/],
    ['module.mjs', /drivers\.x\.options\.id: the number is beyond 9007199254740991/],
    ['proto.json', /line 3: scenarios\.__proto__: "__proto__" cannot be a name in a plan/],
    [
      'latin1.yaml',
      /The plan .*latin1\.yaml cannot be read: line 2 is not UTF-8 text; save the file with the encoding UTF-8\.$/,
    ],
  ];
  for (const [name, message] of wrong) {
    await t.rejects(loadPlanFile(join(folder, name)), { name: 'CommandError', exitCode: 104, message }, name);
  }
  await loadPlanFile(join(folder, 'same.yaml'));
  const { source } = await loadPlanFile(join(folder, 'exact.yaml'));
  t.strictSame(source, { name: 'a', x: [1.5, 1000, 9007199254740991, -0.1, 31, '01', 0, 0.5, -12] });
});

t.test('files that would fill the memory or keep control busy are refused', async (t) => {
  const folder = t.testdir({
    'keys.yaml': `name: a\n${Array.from({ length: 100_000 }, (_, i) => `k${i}: ${i}\n`).join('')}`,
    'deep.yaml': `name: a\nx: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
    'aliases.yaml': `name: &a x\n${Array.from({ length: 501 }, (_, i) => `k${i}: *a\n`).join('')}`,
    'nested.json': `{"name":"a",\n"x":${'['.repeat(100)}${']'.repeat(100)}}`,
  });
  const wrong: [string, RegExp][] = [
    ['keys.yaml', /the plan has more than 100,000 values: move data into data files/],
    ['deep.yaml', /line 2: this is nested too deeply/],
    ['aliases.yaml', /line 502: there are more than 500 aliases/],
    ['nested.json', /line 2: x\[0\]\[0\]: is nested more than 64 levels deep/],
  ];
  for (const [name, message] of wrong) {
    await t.rejects(loadPlanFile(join(folder, name)), { name: 'CommandError', exitCode: 104, message }, name);
  }
});

t.test('a few characters that would keep control busy for hours are refused at once', async (t) => {
  const KEY = /cannot be read:\n {2}line 1: a key must be a text, not a list, a map or an alias$/;
  const DEEP = /cannot be read:\n {2}line \d+: this is nested too deeply$/;
  const shapes: [text: string, message: RegExp][] = [
    ['? '.repeat(60), KEY],
    [
      '? : '.repeat(30),
      /read:\n {2}line 1: Nested mappings are not allowed in compact mappings\n {2}line 1: a key must be a text/,
    ],
    ['- ? '.repeat(60), KEY],
    [`${'[? '.repeat(40)}a${']'.repeat(40)}`, /./],
    ['{{a: b}: c}', KEY],
    ['a: &x [1]\n*x : 2', /line 2: a key must be a text/],
    ...['? ', '- ', ': ', 'a: ', '- ? ', '[', '[{a: '].map((part): [string, RegExp] => [part.repeat(3000), DEEP]),
    ['!a - '.repeat(3000), /line 1: Unexpected tag at node end/],
    [Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), DEEP],
  ];
  const warned: string[] = [];
  const hear = ({ message }: Error) => warned.push(message);
  process.on('warning', hear);
  const before = process.cpuUsage();
  for (const [text, message] of shapes) t.throws(() => textPlan('x', '/x.yaml', text), { message }, text.slice(0, 20));
  const { user } = process.cpuUsage(before);
  t.ok(user < 10e6, `${user} µs of CPU`);
  await new Promise(setImmediate);
  process.off('warning', hear);
  t.strictSame(warned, []);
  t.throws(() => readDocument('? '.repeat(60), 'x'), {
    message: 'x cannot be imported: line 1: a key must be a text, not a list, a map or an alias',
  });
  t.throws(() => readDocument('a: '.repeat(3000), 'x'), { message: 'x cannot be imported: it is nested too deeply' });
});

t.test('aliases take no square of the time', async (t) => {
  const folder = t.testdir({
    'many.yaml': `name: &x a\nx: [${'*x,'.repeat(30_000)}*x]\n`,
    'again.yaml': 'x: &x [&x 1, *x]\n',
  });
  const before = process.cpuUsage();
  await t.rejects(loadPlanFile(join(folder, 'many.yaml')), { message: /line 2: there are more than 500 aliases$/ });
  const { user } = process.cpuUsage(before);
  t.ok(user < 10e6, `${user} µs of CPU`);
  t.strictSame(
    (await loadPlanFile(join(folder, 'again.yaml'))).source,
    { x: [1, 1] },
    'the last one before it is meant',
  );
});

t.test('a module plan resolves @bench/toolkit and its own relative imports', async (t) => {
  // Inside the package, as a plan of the repository is.
  const folder = t.testdir({
    'plan.ts':
      "import { definePlan } from '@bench/toolkit';\nimport { name } from './name.ts';\nexport default definePlan({ name, scenarios: {} });\n",
    'name.ts': "export const name: string = 'typed';\n",
  });
  const plan = await loadPlanFile(join(folder, 'plan.ts'));
  t.strictSame(plan.source, { name: 'typed', scenarios: {} });
  t.equal(dirname(join(folder, 'plan.ts')), plan.baseDirectory);
});
