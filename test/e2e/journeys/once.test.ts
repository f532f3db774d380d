import t from 'tap';
import { startShop } from '../../kit/shop.ts';
import { workbench } from '../bench-process.ts';

t.setTimeout(400_000);

/** @param session path of the request to sign in */
function planOf(url: string, work: string, session = '/session'): string {
  return `name: Shop
target: ${url}
warmup: 5s
scenarios:
  shoppers:
    executor: constant-vus
    vus: 20
    duration: 10m
${work}
drivers:
  http:
    options:
      operations:
        order:
          method: POST
          path: /orders
          headers: { Authorization: 'Bearer \${token}' }
          body: { json: { item: '\${item}' } }
          checks: { status: 201 }
        list:
          path: /items?page=1
          headers: { Authorization: 'Bearer \${token}' }
          extract: { item: { json: 'items[*].id' } }
        sign-in:
          method: POST
          path: ${session}
          body: { json: { user: 'user \${vu}' } }
          extract: { token: { json: data.token } }
thresholds: ['rps > 1000000']
reports: [html]
`;
}

const FLOW = `    onStart: [{ driver: http, operation: sign-in }]
    flow: [{ driver: http, operation: list }, { driver: http, operation: order }]`;
const MIX = `    operations:
      - { driver: http, operation: order, weight: 9 }
      - { driver: http, operation: list }
      - { driver: http, operation: sign-in }`;

for (const [name, work] of Object.entries({ FLOW, MIX })) {
  t.test(`${name}: one user makes each request once, and exits with 0 when all succeed`, async (t) => {
    const shop = await startShop(t);
    const { run } = workbench(t, { 'plan.yaml': planOf(shop.url, work) });
    const ended = await run(['run', 'plan.yaml', '--once']);
    t.equal(ended.code, 0, ended.stderr + ended.stdout);
    t.strictSame({ ...shop.counts }, { 'POST /session 200': 1, 'GET /items 200': 1, 'POST /orders 201': 1 });
    t.match(
      ended.stdout,
      'the load, warm-up, monitors, outputs and reports of the plan do not apply, nor do its thresholds',
    );
    t.match(ended.stdout, /✓ error_rate == 0 +0%/);
    t.notMatch(ended.stdout, 'report.html');
  });
}

t.test('a user that cannot begin ends the run with 99, and does not try for long', async (t) => {
  const shop = await startShop(t);
  const { run } = workbench(t, { 'plan.yaml': planOf(shop.url, FLOW, '/nowhere') });
  const ended = await run(['run', 'plan.yaml', '--once']);
  t.equal(ended.code, 99, ended.stderr);
  t.match(ended.stdout, /sign-in · http_40\d/);
  t.match(ended.stdout, '> POST /nowhere HTTP/1.1');
});

t.test('a check that fails ends it with 99 where a criterion of the plan names it', async (t) => {
  const planWith = (criterion: string) => `name: Shop
scenarios: { shoppers: { executor: constant-vus, vus: 20, duration: 10m, user: ./shopper.ts } }
drivers: { 'null': {} }
thresholds: ['rps > 1000000', '${criterion}']
`;
  const { run } = workbench(t, {
    'named.yaml': planWith('check "signed in" fails == 0'),
    'other.yaml': planWith('check paid fails == 0'),
    'shopper.ts': `import { defineUser } from '@bench/toolkit';
export default defineUser({
  drivers: ['null'],
  async iterate({ driver, check }) {
    await driver('null').send('noop');
    check('signed in', false);
    check('paid', true);
  },
});
`,
  });
  const named = await run(['run', 'named.yaml', '--once']);
  t.equal(named.code, 99, named.stdout + named.stderr);
  t.match(named.stdout, /✗ check "signed in" fails == 0 /);
  t.notMatch(named.stdout, 'rps > 1000000');
  const other = await run(['run', 'other.yaml', '--once']);
  t.equal(other.code, 0, other.stdout + other.stderr);
});

t.test('--trace prints each request and answer, with secrets masked', async (t) => {
  const shop = await startShop(t);
  const { run } = workbench(t, { 'plan.yaml': planOf(shop.url, FLOW) });
  const { code, stdout, stderr } = await run(['run', 'plan.yaml', '--once', '--trace']);
  t.equal(code, 0, stderr);
  const at = [
    '✓ sign-in  POST  200',
    '  > POST /session HTTP/1.1',
    '  < HTTP/1.1 200 OK',
    '  = token: ***',
    '✓ list  GET  200',
  ];
  const places = at.map((line) => stdout.indexOf(line));
  t.strictSame(
    places,
    places.toSorted((a, b) => a - b),
    'in their order',
  );
  t.ok(
    places.every((place) => place >= 0),
    stdout,
  );
  t.match(stdout, /Authorization: Bearer \*\*\*/);
  t.match(stdout, /^✓ shoppers {2}pass/m);
});

t.test('--trace failed prints the first 20 that fail in any run', async (t) => {
  const shop = await startShop(t);
  const plan = planOf(shop.url, MIX, '/nowhere').replace('warmup: 5s', '').replace('10m', '2s');
  const { run } = workbench(t, { 'plan.yaml': plan });
  const { stdout } = await run(['run', 'plan.yaml', '--trace', 'failed', '--agents', '2']);
  t.equal(stdout.match(/^✗ .*ms/gm)?.length, 20);
  t.notMatch(stdout, /^✓ list {2}GET/m);
});

t.test('--trace of everything needs --once', async (t) => {
  const { run } = workbench(t, { 'plan.yaml': planOf('http://127.0.0.1:1', FLOW) });
  const ended = await run(['run', 'plan.yaml', '--trace']);
  t.equal(ended.code, 104);
  t.match(ended.stderr, '--trace without a value is for --once: add --once, or give --trace failed.');
});

t.test('what does not go with one pass is refused', async (t) => {
  const { run } = workbench(t, { 'plan.yaml': planOf('http://127.0.0.1:1', FLOW) });
  for (const flags of [
    ['--agents', '2'],
    ['--vus', '5'],
    ['--duration', '5s'],
    ['--stage', '5s:5'],
  ]) {
    const ended = await run(['run', 'plan.yaml', '--once', ...flags]);
    t.equal(ended.code, 104, flags.join(' '));
    t.match(ended.stderr, `'--once' cannot be used with option`);
  }
});
