import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startShop } from '../../kit/shop.ts';
import { workbench } from '../bench-process.ts';
import { resultIn } from '../busy-host.ts';
import { BUYING, FOUR_BUY_FIVE } from './shop-plans.ts';

t.setTimeout(400_000);

const PLAN = `name: Shop
scenarios:
  shoppers:
    executor: per-vu-iterations
    vus: 4
    iterations: 5
    onStart:
      - { driver: http, operation: sign-in }
    flow:
      - { driver: http, operation: list }
      - pause: 20ms
      - choose:
          - weight: 1
            flow:
              - { driver: http, operation: order }
              - { repeat: 5, until: { variable: state, equals: paid }, flow: [{ driver: http, operation: status }] }
drivers:
  http:
    options:
      operations:
        sign-in:
          method: POST
          path: /session
          body: { json: { user: 'user \${vu}' } }
          extract: { token: { json: data.token } }
        list:
          path: /items?page=\${random(1, 3)}
          headers: { Authorization: 'Bearer \${token}' }
          extract: { item: { json: 'items[*].id', pick: random } }
${BUYING}
thresholds:
  - journey shoppers p95 < 10s
  - journey shoppers fails == 0
  - step order p95 < 5s
reports: [json, markdown, junit, csv, html]
`;

const BROWSERS = `name: Browsers
scenarios:
  browsers:
    executor: per-vu-iterations
    vus: 4
    iterations: 3
    onStart: [{ driver: http, operation: sign-in }]
    flow: [{ driver: http, operation: list }, { driver: other, operation: list, name: other list }]
drivers:
  http:
    options: &options
      cookies: true
      redirects: follow
      operations:
        sign-in:
          method: POST
          path: /sign-in
          body: { form: { user: 'user-\${vu}' } }
          checks: { body: { contains: '"items"' } }
        list: { path: /items }
  other: { use: http, options: *options }
thresholds: [journey browsers fails == 0]
reports: []
`;

t.test('cookies that onStart was given are kept in each pass, for all drivers', async (t) => {
  const shop = await startShop(t);
  const { run } = workbench(t, { 'browsers.yaml': BROWSERS });
  const ended = await run(['run', 'browsers.yaml', '--host', shop.url, '--agents', '2']);
  t.equal(ended.code, 0, ended.stdout + ended.stderr);
  t.strictSame(shop.counts, { 'POST /sign-in 303': 4, 'GET /items 200': 4 + 4 * 3 * 2 });
});

t.test('a journey signs in, takes what it needs from answers, and does exactly what the server saw', async (t) => {
  const shop = await startShop(t);
  const { folder, run } = workbench(t, { 'shop.yaml': PLAN });
  const ended = await run(['run', 'shop.yaml', '--host', shop.url, '--agents', '2', '--out', 'out']);
  t.equal(ended.code, 0, ended.stdout + ended.stderr);
  t.strictSame(shop.counts, FOUR_BUY_FIVE);
  const result = resultIn(join(folder, 'out'));
  const requests = result.operations.map(({ name, phases }) => [name, phases.measure.requests]);
  t.strictSame(requests, [
    ['sign-in', 4],
    ['list', 20],
    ['order', 20],
    ['status', 60],
  ]);
  const [journey] = result.journeys ?? [];
  t.equal(journey?.name, 'shoppers');
  t.equal(journey?.phases.measure.requests, 20, 'a pass is an iteration');
  t.equal(journey?.phases.measure.errors, 0);
  t.equal(
    result.timeline.all.requests.reduce((a, b) => a + b, 0),
    104,
    'passes are no requests',
  );
  t.match(ended.stdout, /Journeys\n.*\n +shoppers +20 +0 /);
  t.match(ended.stdout, /Journey shoppers: 20 passes, 0% failed/);
  t.match(ended.stdout, /✓ journey shoppers p95 < 10s/);
  t.match(readFileSync(join(folder, 'out', 'junit.xml'), 'utf8'), /<testcase name="journey shoppers p95 &lt; 10s"/);
});

t.test('a flow that cannot be is refused with line and hint before anything starts', async (t) => {
  const wrong: [change: [string, string], message: RegExp][] = [
    [['{token}', '{tokn}'], /no step before can have set \$\{tokn\}; did you mean token\?/],
    [['{vu}', '{vuu}'], /no step before can have set \$\{vuu\}; did you mean vu\?/],
    [['{vu}', '{order}'], /no step before can have set \$\{order\}; the step that sets it must come first/],
    [['operation: order', 'operation: ordr'], /driver "http" has no operation "ordr"; did you mean "order"\?/],
    [['driver: http, operation: list }\n      - pause', 'pause: 1s }\n      - pause'], /no step before can have set/],
    [['repeat: 5', 'repeat: 0'], /repeat: must be a whole number from 1/],
    [['variable: state, equals', 'variable: stat, equals'], /no step before can have set stat; did you mean state\?/],
    [['      - pause: 20ms', '      - paus: 20ms'], /must be a step with one of driver, pause, choose, repeat/],
    [['journey shoppers p95', 'journey shopper p95'], /there is no journey "shopper"; did you mean shoppers\?/],
    [["regex: '/orders/(\\d+)$'", "regex: '/orders/(\\d+'"], /is not a regular expression/],
    [['    flow:\n      - { driver: http, operation: list }', '    flow: []\n    thinkTime: 1s\n    x:'], /flow: must/],
  ];
  const { folder, run } = workbench(
    t,
    Object.fromEntries(
      wrong.map(([[from, to]], i) => {
        return [`${i}.yaml`, PLAN.replace(from, () => to)];
      }),
    ),
  );
  t.ok(folder);
  for (const [i, [, message]] of wrong.entries()) {
    const { code, stderr } = await run(['check', `${i}.yaml`]);
    t.equal(code, 104, `plan ${i}`);
    t.match(stderr, message);
  }
});
