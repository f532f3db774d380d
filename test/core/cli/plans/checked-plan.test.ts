// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are parameters of plans
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { readRunnablePlan } from '../../../../core/cli/plans/checked-plan.ts';

const YAML = `name: Shop
params:
  users: { default: 20, description: how many shoppers }
  page: {}
  depth: { default: 3 }
target: http://127.0.0.1:1
drivers:
  http:
    options:
      timeout: \${param.depth}s
      operations:
        list: { path: '/items/\${param.page}', checks: { status: 200 } }
scenarios:
  shoppers:
    executor: constant-vus
    vus: \${param.users}
    duration: 1m
    operations:
      - { driver: http, operation: list, weight: '\${param.depth}' }
`;
const SOURCE = {
  name: 'Shop',
  params: { users: { default: 20, description: 'how many shoppers' }, page: {}, depth: { default: 3 } },
  target: 'http://127.0.0.1:1',
  drivers: {
    http: {
      options: {
        timeout: '${param.depth}s',
        operations: { list: { path: '/items/${param.page}', checks: { status: 200 } } },
      },
    },
  },
  scenarios: {
    shoppers: {
      executor: 'constant-vus',
      vus: '${param.users}',
      duration: '1m',
      operations: [{ driver: 'http', operation: 'list', weight: '${param.depth}' }],
    },
  },
};

t.test('YAML, JSON and TypeScript plans take the same parameters', async (t) => {
  const folder = t.testdir({
    'plan.yaml': YAML,
    'plan.json': JSON.stringify(SOURCE),
    'plan.ts': `import { definePlan } from '@bench/toolkit';\nexport default definePlan(${JSON.stringify(SOURCE)});\n`,
  });
  for (const name of ['plan.yaml', 'plan.json', 'plan.ts']) {
    const param = { users: '50', page: 'a-b' };
    const { resolved, input, params } = await readRunnablePlan(join(folder, name), { param });
    t.match(resolved.plan.scenarios.shoppers, { vus: 50, operations: [{ weight: 3 }] }, name);
    t.match(input.drivers?.http?.options, { timeout: '3s', operations: { list: { path: '/items/a-b' } } }, name);
    t.strictSame(input.params?.users, { default: 50, description: 'how many shoppers' });
    t.strictSame(
      params.map(({ name, value }) => [name, value]),
      [
        ['users', 50],
        ['page', 'a-b'],
        ['depth', 3],
      ],
    );
  }
});

t.test('flags for the load come after the parameters', async (t) => {
  const folder = t.testdir({ 'plan.yaml': YAML });
  const { resolved } = await readRunnablePlan(join(folder, 'plan.yaml'), { param: { page: '1' }, vus: 7 });
  t.match(resolved.plan.scenarios.shoppers, { vus: 7 });
});

t.test('what is wrong with parameters is told together with all else, with lines, and nothing twice', async (t) => {
  const folder = t.testdir({
    'plan.yaml': YAML.replace('duration: 1m', 'duration: 1 fortnight')
      .replace('param.depth}s', 'param.dept}s')
      .replace('status: 200', 'statsu: 200'),
  });
  const file = join(folder, 'plan.yaml');
  await t.rejects(readRunnablePlan(file, { param: { users: 'many', pge: '1' } }), {
    name: 'CommandError',
    exitCode: 104,
    message: new RegExp(
      [
        'has 6 problems:',
        '  line 2: params: --param pge: there is no parameter "pge"; did you mean "page"\\?',
        '  line 3: params\\.users: what --param gives must be a number, not "many"',
        '  line 4: params\\.page: has no value: give it with --param page=… or the variable BENCH_PARAM_PAGE, .*',
        '  line 10: drivers\\.http\\.options\\.timeout: there is no parameter "dept"; did you mean "depth"\\?',
        '  line 12: drivers\\.http\\.options\\.operations\\.list\\.checks: unknown key "statsu"; .*',
        '  line 17: scenarios\\.shoppers\\.duration: "1 fortnight" is not a duration: .*$',
      ].join('\\n'),
    ),
  });
});

t.test('what the schema and a plugin both find is told once, and so is what is of the wrong kind', async (t) => {
  const folder = t.testdir({
    'plan.json': JSON.stringify({
      name: 'x',
      drivers: { http: { options: 'none' } },
      monitors: { target: { use: 'prometheus', options: [] } },
      scenarios: {
        s: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: 'http', operation: [] }] },
      },
    }),
  });
  await t.rejects(readRunnablePlan(join(folder, 'plan.json'), {}), {
    message: new RegExp(
      [
        'has 3 problems:',
        '  line 1: drivers\\.http\\.options: must be a map, not "none"',
        '  line 1: scenarios\\.s\\.operations\\[0\\]\\.operation: must be text, not \\[\\]',
        '  line 1: monitors\\.target\\.options: must be a map, not \\[\\]$',
      ].join('\\n'),
    ),
  });
});

t.test('more criteria than are judged each second are refused', async (t) => {
  const thresholds = Array.from({ length: 1001 }, () => 'error_rate < 1%');
  const folder = t.testdir({ 'plan.yaml': `${YAML}\nthresholds: ${JSON.stringify(thresholds)}\n` });
  await t.rejects(readRunnablePlan(join(folder, 'plan.yaml'), { param: { page: '1' } }), {
    message: /thresholds: must have at most 1000 entries/,
  });
});

t.test('a variable of the environment gives a value', async (t) => {
  process.env.BENCH_PARAM_PAGE = 'from the environment';
  t.teardown(() => delete process.env.BENCH_PARAM_PAGE);
  const folder = t.testdir({ 'plan.yaml': YAML.replace("'/items/${param.page}'", "'/items'") });
  const { params } = await readRunnablePlan(join(folder, 'plan.yaml'), {});
  t.match(params[1], { name: 'page', value: 'from the environment', origin: 'BENCH_PARAM_PAGE' });
});

t.test('passes that are longer than the graceful stop are told before the run', async (t) => {
  const flow = '[{ driver: health }, { pause: 45s }]';
  const plan = `name: Shop\ntarget: http://127.0.0.1:1\nscenarios:\n  shoppers: { executor: constant-vus, vus: 1, duration: 1m, flow: ${flow} }\n`;
  const folder = t.testdir({ 'plan.yaml': plan });
  const { notices } = await readRunnablePlan(join(folder, 'plan.yaml'), {});
  t.matchOnly(notices, [/^scenarios\.shoppers: the pauses of a pass can take 45s, and gracefulStop is 30s/]);
});

t.test('what the files of a driver say is told with the lines of the plan, all at once', async (t) => {
  const grpc = `name: Checks
target: http://127.0.0.1:1
drivers:
  grpc:
    options:
      proto: health.proto
      operations:
        one: { method: grpc.health.v1.Health/Chek }
        two:
          method: grpc.health.v1.Health/Check
          message:
            servic: a
scenarios:
  users:
    executor: constant-vus
    vus: 1
    duration: 1s
    operations: [{ driver: grpc, operation: one }, { driver: grpc, operation: two }]
`;
  const proto = readFileSync(join(import.meta.dirname, '../../../../plans/health.proto'), 'utf8');
  const folder = t.testdir({ 'grpc.yaml': grpc, 'health.proto': proto });
  await t.rejects(readRunnablePlan(join(folder, 'grpc.yaml'), {}), {
    message: new RegExp(
      [
        'line 8: drivers\\.grpc\\.options\\.operations\\.one\\.method: there is no method .*; did you mean grpc.health.v1.Health/Check\\?',
        'line 12: drivers\\.grpc\\.options\\.operations\\.two\\.message\\.servic: .* has no field servic; did you mean service\\?',
      ].join('[^]*'),
    ),
  });
});

t.test('what a driver throws when it is asked for its files is a problem of the plan', async (t) => {
  const folder = t.testdir({
    'driver.ts': `import { defineDriver, z } from '@bench/toolkit';
export default defineDriver({
  name: 'x', description: 'X.', options: z.strictObject({}),
  operations: () => [{ name: 'go', type: 'X' }],
  files: () => { throw new Error('the list of files is gone'); },
  open: () => { throw new Error('never'); },
});
`,
    'plan.json': JSON.stringify({
      name: 'Files',
      drivers: { x: { use: './driver.ts', options: {} } },
      scenarios: { a: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver: 'x' }] } },
    }),
  });
  await t.rejects(readRunnablePlan(join(folder, 'plan.json'), {}), {
    message: /drivers.x.options: the list of files is gone/,
  });
});

t.test('a target that a driver cannot use is told before anything starts, by what gave it', async (t) => {
  const driven = (driver: string, operation: string, options = {}) => ({
    name: 'Target',
    target: 'htp://127.0.0.1:1',
    drivers: { [driver]: { options } },
    scenarios: { a: { executor: 'constant-vus', vus: 1, duration: '1s', operations: [{ driver, operation }] } },
  });
  const operations = { get: { path: '/' } };
  const folder = t.testdir({
    'http.json': JSON.stringify(driven('http', 'get', { operations })),
    'elsewhere.json': JSON.stringify(driven('http', 'get', { operations, baseUrl: 'http://127.0.0.1:1' })),
    'whole.json': JSON.stringify(driven('http', 'get', { operations: { get: { path: 'http://127.0.0.1:1/' } } })),
    'null.json': JSON.stringify({ ...driven('null', 'noop'), drivers: {} }),
    'mysql.json': JSON.stringify(driven('mysql-direct', 'insert')),
    'health.json': JSON.stringify(driven('health', 'health')),
  });
  const read = (name: string, host?: string) =>
    readRunnablePlan(join(folder, name), host === undefined ? {} : { host });
  const HTTP = 'must begin with http:// or https://';
  for (const name of ['http', 'health']) {
    await t.rejects(read(`${name}.json`), { message: new RegExp(`target: ${HTTP} \\(driver ${name}\\)$`) });
    await t.rejects(read(`${name}.json`, 'htps://127.0.0.1:1'), {
      message: `--host: ${HTTP} (driver ${name})`,
    });
    for (const host of ['http://127.0.0.1:1', `htp://\${env:HOST}`]) await t.resolves(read(`${name}.json`, host));
  }
  await t.rejects(read('mysql.json'), { message: /target: it must begin with mysql:\/\/, not htp/ });
  await t.resolves(read('mysql.json', 'mysql://me@127.0.0.1/a'));
  for (const name of ['elsewhere.json', 'whole.json', 'null.json']) await t.resolves(read(name));
});
