import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startShop } from '../kit/shop.ts';
import { workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';
import { FOUR_BUY_FIVE } from './journeys/shop-plans.ts';

t.setTimeout(400_000);

const PLAN = `name: Shop
scenarios:
  shoppers:
    executor: per-vu-iterations
    vus: 4
    iterations: 5
    user: ./shopper.ts
    data: { users: { file: users.csv } }
drivers: { 'null': {} }
thresholds:
  - journey shoppers fails == 0
  - order p95 < 5s
  - checkout p99 < 10s
  - check "signed in" fails == 0
  - tag:kind=read fails == 0
reports: [json, markdown, junit, csv, html, github]
`;

const SHOPPER = `import { defineUser } from '@bench/toolkit';

export default defineUser<{ name: string }, 'users'>({
  drivers: ['null'],
  async onStart({ driver, vars, data, check }) {
    vars.name = (await data.users.next())['name'] as string;
    check('signed in', (await driver('null').send('noop', { name: \`sign-in \${vars.name}\` })).ok);
  },
  async iterate({ driver, pause, measure }) {
    await driver('null').send('noop', { name: 'list', tags: { kind: 'read' } });
    await pause('20ms');
    await measure('checkout', async () => {
      for (let i = 0; i < 3; i++) await driver('null').send('noop', { name: 'order' });
    });
  },
});
`;

const FILES = { 'shop.yaml': PLAN, 'shopper.ts': SHOPPER, 'users.csv': 'name\nann\nbob\neve\ndan\n' };

t.test('a script has the values of --param and of variables that they refer to, which nobody is shown', async (t) => {
  const plan = `name: Pages
params: { page: { default: 1 }, token: { default: '\${env:SHOP_TOKEN}' } }
scenarios:
  a: { executor: per-vu-iterations, vus: 2, iterations: 1, user: ./user.ts }
drivers: { 'null': {} }
thresholds: [fails == 0]
`;
  const script = `import { defineUser } from '@bench/toolkit';
export default defineUser({
  drivers: ['null'],
  async iterate({ driver, params }) {
    await driver('null').send('noop', { name: \`page \${Number(params['page']) + 1} of \${params['token']}\` });
    if (params['token'] !== 'letmein-7') throw new Error('no token');
  },
});
`;
  const { folder, run } = workbench(t, { 'plan.yaml': plan, 'user.ts': script });
  const env = { SHOP_TOKEN: 'letmein-7' };
  const ended = await run(['run', 'plan.yaml', '--param', 'page=41', '--out', 'out', '--report', 'json'], { env });
  endedWith(t, ended, 0, resultIn(join(folder, 'out')));
  t.strictSame(
    resultIn(join(folder, 'out')).operations.map(({ name }) => name),
    [`page 42 of \${env:SHOP_TOKEN}`],
  );
  const without = await run(['run', 'plan.yaml', '--out', 'without', '--report', 'json']);
  t.not(without.code, 0);
  const [journey] = resultIn(join(folder, 'without')).journeys ?? [];
  t.match(JSON.stringify(journey), /params\.token: \$\{env:SHOP_TOKEN\} has no value: set the variable SHOP_TOKEN/);
});

t.test('a script runs without a plan, as the flags say', async (t) => {
  const script = `import { defineUser } from '@bench/toolkit';
export default defineUser({
  drivers: ['null'],
  tasks: { look: { run: async ({ driver, pause }) => { await driver('null').send('noop', { name: 'look' }); await pause(20); } } },
});
`;
  const { folder, run } = workbench(t, { 'shopper.ts': script });
  const checked = await run(['check', 'shopper.ts']);
  t.match(checked, { code: 0, stdout: /The plan shopper\.ts is valid\./ });
  const ended = await run(['run', 'shopper.ts', '-u', '3', '-r', '2', '-d', '2s', '--out', 'out']);
  endedWith(t, ended, 0, resultIn(join(folder, 'out')));
  t.match(ended.stdout, /scenario users runs as constant-vus: 3 virtual users, 2 more each second, for 2s/);
  t.strictSame(
    resultIn(join(folder, 'out')).operations.map(({ name }) => name),
    ['look'],
  );
});

t.test(
  'a script on two agents: every request, span and check is counted once, whichever agent named it first',
  async (t) => {
    const { folder, run } = workbench(t, FILES);
    const ended = await run(['run', 'shop.yaml', '--agents', '2', '--out', 'out']);
    t.equal(ended.code, 0, ended.stdout + ended.stderr);
    const result = resultIn(join(folder, 'out'));
    t.strictSame(
      result.operations.map(({ type, name, phases, tags }) => [type, name, phases.measure.requests, tags]),
      [
        ['NULL', 'list', 20, { kind: 'read' }],
        ['NULL', 'order', 60, {}],
        ['NULL', 'sign-in ann', 1, {}],
        ['NULL', 'sign-in bob', 1, {}],
        ['NULL', 'sign-in dan', 1, {}],
        ['NULL', 'sign-in eve', 1, {}],
      ],
    );
    t.strictSame(
      result.journeys?.map(({ name, phases }) => [name, phases.measure.requests, phases.measure.errors]),
      [['shoppers', 20, 0]],
    );
    t.strictSame(
      result.measures?.map(({ name, phases }) => [name, phases.measure.requests]),
      [['checkout', 20]],
    );
    t.strictSame(
      result.checks?.map(({ name, phases }) => [name, phases.measure.passes, phases.measure.fails]),
      [['signed in', 4, 0]],
    );
    t.strictSame(
      result.agents.map(({ closingTotals }) => closingTotals),
      ['agree', 'agree'],
    );
    t.equal(
      result.agents.reduce((sum, { requests }) => sum + requests, 0),
      84,
    );
    const markdown = readFileSync(join(folder, 'out', 'report.md'), 'utf8');
    t.match(markdown, /\| checkout \| 20 \| 0 \|/);
    t.match(markdown, /\| signed in \| 4 \| 0 \| 0% \|/);
    t.match(readFileSync(join(folder, 'out', 'bench_stats.csv'), 'utf8'), /^MEASURE,checkout,20,0,/m);
  },
);

const BUYER = `import { defineUser, type User } from '@bench/toolkit';

type Shopper = User<{ token: string }, 'users'>;

const headers = ({ vars }: Shopper) => ({ authorization: \`Bearer \${vars.token}\` });

export default defineUser<{ token: string }, 'users'>({
  async onStart({ http, vars, data, check }) {
    const answer = await http.post('/session', { name: 'sign-in', json: { user: (await data.users.next())['name'] } });
    check('signed in', answer.ok);
    vars.token = answer.orThrow().json<{ data: { token: string } }>().data.token;
  },
  async iterate(user) {
    const { http, random, measure } = user;
    const query = { page: random.int(1, 3) };
    const list = await http.get('/items', { name: 'list', query, headers: headers(user), tags: { kind: 'read' } });
    const items = list.json<{ items: { id: number }[] }>().items;
    await measure('checkout', async () => {
      const item = String(random.pick(items).id);
      const order = await http.post('/orders', { name: 'order', headers: headers(user), json: { item } });
      for (let state = ''; state !== 'paid'; ) {
        const url = order.headers.get('location') ?? '';
        state = (await http.get(url, { name: 'status', headers: headers(user) })).json<{ state: string }>().state;
      }
    });
  },
});
`;

t.test('over HTTP a script takes what it needs from answers, and does exactly what the server saw', async (t) => {
  const shop = await startShop(t);
  const { folder, run } = workbench(t, { ...FILES, 'shopper.ts': BUYER });
  const ended = await run(['run', 'shop.yaml', '--host', shop.url, '--agents', '2', '--out', 'out']);
  t.equal(ended.code, 0, ended.stdout + ended.stderr);
  t.strictSame(shop.counts, FOUR_BUY_FIVE);
  const result = resultIn(join(folder, 'out'));
  t.strictSame(
    result.operations.map(({ type, name, phases }) => [type, name, phases.measure.requests, phases.measure.errors]),
    [
      ['GET', 'list', 20, 0],
      ['POST', 'order', 20, 0],
      ['POST', 'sign-in', 4, 0],
      ['GET', 'status', 60, 0],
    ],
  );
});

t.test('--once takes one user through one pass, and says whether it works', async (t) => {
  const { run } = workbench(t, FILES);
  const ended = await run(['run', 'shop.yaml', '--once']);
  t.equal(ended.code, 0, ended.stdout + ended.stderr);
  t.match(ended.stdout, /order +3 +0/);
});

t.test('what is wrong with a script is found before anything starts', async (t) => {
  const { run } = workbench(t, { ...FILES, 'shopper.ts': 'export default { tasks: {} };\n' });
  const checked = await run(['check', 'shop.yaml']);
  t.equal(checked.code, 104);
  t.match(
    checked.stderr,
    /line 7: scenarios\.shoppers\.user: "\.\/shopper\.ts" is not a user: it has no task in tasks/,
  );
});
