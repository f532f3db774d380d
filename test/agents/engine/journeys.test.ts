import t from 'tap';
import { equalShare } from '../../../core/plan/load/split.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import type { Outcome } from '../../../core/plugin.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { type AgentRun, type MergedRow, merged, OK, startEngine } from '../../kit/engine.ts';
import { ShopDriver, type ShopOperation } from '../../kit/shop-driver.ts';

const SECOND_US = 1e6;
type Scenario = PlanInput['scenarios'][string];
type Flow = NonNullable<Extract<Scenario, { flow?: unknown }>['flow']>;

const step = (operation: ShopOperation, more: object = {}) => ({ driver: 'shop', operation, ...more });
const FAILED: Outcome = { ...OK, ok: false, errorKind: 'http_500', message: 'no', status: 500 };

function planOf(scenario: object): Omit<PlanInput, 'name'> {
  return { scenarios: { shoppers: scenario as Scenario } };
}

/** Samples of a row of all windows. */
function rowOf({ windows }: AgentRun, row: number): MergedRow {
  return merged(windows.flatMap(({ operations }) => operations.filter(({ operation }) => operation === row)));
}

async function run(clock: FakeClock, shop: ShopDriver, scenario: object, seconds: number): Promise<AgentRun> {
  const started = await startEngine(clock, shop.plugin, planOf(scenario));
  await clock.advance(seconds * SECOND_US);
  await started.ended;
  return started;
}

t.test('a pass goes through the steps in order, each due when the one before has ended', async (t) => {
  const clock = new FakeClock();
  const shop = new ShopDriver(clock);
  const flow: Flow = [step('page'), { pause: '70ms' }, step('list'), step('list')];
  const ended = await run(clock, shop, { executor: 'per-vu-iterations', vus: 2, iterations: 10, flow }, 5);
  t.strictSame(shop.names().slice(0, 6), ['page', 'list', 'list', 'page', 'list', 'list']);
  t.equal(shop.calls.length, 2 * 10 * 3);
  const [page, list, journey] = [0, 1, 2].map((row) => rowOf(ended, row));
  t.equal(page?.count, 20);
  t.equal(list?.count, 40, 'a step that occurs twice is one row');
  t.equal(journey?.count, 20, 'an iteration is a pass');
  t.equal(list?.responseTime.maxUs, 10_000, 'a pause is no delay of the step after it');
  t.equal(journey?.responseTime.minUs, 100_000, 'with the pause');
  t.equal(journey?.serviceTime.maxUs, 30_000, 'without the pause');
});

t.test('a driver knows which pass is under way, and that the start is in none', async (t) => {
  const flow = { onStart: [step('sign-in')], flow: [step('page'), step('list')] };
  const mix = { onStart: [step('sign-in')], operations: [step('page')] };
  const passes = async (scenario: object) => {
    const clock = new FakeClock();
    const shop = new ShopDriver(clock);
    await run(clock, shop, scenario, 3);
    return shop.calls.map(({ name, pass }) => `${name} ${pass}`);
  };
  for (const load of [
    { executor: 'per-vu-iterations', vus: 1, iterations: 2 },
    { executor: 'constant-arrival-rate', rate: 2, duration: '1s', maxVus: 1 },
  ]) {
    t.strictSame(await passes({ ...load, ...flow }), ['sign-in 0', 'page 1', 'list 1', 'page 2', 'list 2']);
    t.strictSame(await passes({ ...load, ...mix }), ['sign-in 0', 'page 1', 'page 2']);
    t.strictSame(await passes({ ...load, operations: [step('page')] }), ['page 1', 'page 2']);
  }
});

t.test('passes and rounds that send nothing leave the process to others', async (t) => {
  const never = { if: { variable: 'state', equals: 'never' } };
  const flows: Flow[] = [
    [step('page', never)],
    [{ repeat: 200, flow: [{ repeat: 100, flow: [step('page', never)] }] }],
  ];
  for (const flow of flows) {
    const clock = new FakeClock(undefined, { turnUs: 1e6 });
    const shop = new ShopDriver(clock);
    const ended = await run(
      clock,
      shop,
      { executor: 'constant-vus', vus: 1, duration: '2s', gracefulStop: '1s', onStart: [step('sign-in')], flow },
      4,
    );
    t.strictSame(shop.names(), ['sign-in']);
    t.ok(await ended.ended);
  }
});

t.test('branches are drawn by weight, and the same seed gives every user the same journeys', async (t) => {
  const journeys = async (agents: number) => {
    const clock = new FakeClock();
    const shop = new ShopDriver(clock);
    const flow: Flow = [
      {
        choose: [
          { weight: 3, flow: [step('order')] },
          { weight: 1, flow: [step('list')] },
        ],
      },
    ];
    const plan = planOf({ executor: 'per-vu-iterations', vus: 4, iterations: 100, flow });
    const runs = await Promise.all(
      Array.from({ length: agents }, (_, i) => startEngine(clock, shop.plugin, plan, equalShare(i, agents))),
    );
    await clock.advance(5 * SECOND_US);
    await Promise.all(runs.map(({ ended }) => ended));
    return [0, 1, 2, 3].map((user) => shop.names(user));
  };
  const alone = await journeys(1);
  t.strictSame(await journeys(2), alone, 'over two agents too');
  const orders = alone.flat().filter((name) => name === 'order').length;
  t.ok(Math.abs(orders - 300) < 40, `${orders} of 400 are near 3 of 4`);
});

t.test('a repetition ends when its condition holds, and fails the pass when it never does', async (t) => {
  const clock = new FakeClock();
  let polls = 0;
  const shop = new ShopDriver(clock, (name, variables) => {
    if (name === 'status') variables.set('state', ++polls % 3 === 0 ? 'paid' : 'open');
    return OK;
  });
  const flow: Flow = [
    { repeat: 3, until: { variable: 'state', equals: 'paid' }, flow: [step('status')] },
    step('list'),
  ];
  const ended = await run(clock, shop, { executor: 'per-vu-iterations', vus: 1, iterations: 2, flow }, 2);
  t.strictSame(shop.names(), ['status', 'status', 'status', 'list', 'status', 'status', 'status', 'list']);
  t.equal(rowOf(ended, 2).errors, 0);

  const other = new FakeClock();
  const never = new ShopDriver(other, (_, variables) => {
    variables.set('state', 'open');
    return OK;
  });
  const failed = await run(other, never, { executor: 'per-vu-iterations', vus: 1, iterations: 2, flow }, 2);
  t.strictSame(never.names(), ['status', 'status', 'status', 'status', 'status', 'status'], 'the rest is not done');
  t.strictSame(rowOf(failed, 2).kinds, { until_not_met: 2 });
});

t.test('a failed step ends its pass; or the pass goes on, and has failed all the same', async (t) => {
  for (const onFailure of ['stop-iteration', 'continue'] as const) {
    const clock = new FakeClock();
    const shop = new ShopDriver(clock, (name) => (name === 'order' ? FAILED : OK));
    const flow: Flow = [step('page'), step('order'), step('list')];
    const scenario = { executor: 'per-vu-iterations', vus: 1, iterations: 2, flow, onFailure };
    const ended = await run(clock, shop, scenario, 2);
    const goesOn = onFailure === 'continue';
    t.strictSame(shop.names().slice(0, 3), goesOn ? ['page', 'order', 'list'] : ['page', 'order', 'page'], onFailure);
    t.strictSame(rowOf(ended, 3).kinds, { 'order: http_500': 2 });
  }
});

t.test('what a user does once: at its start before all else, at its end, with variables of its own', async (t) => {
  const clock = new FakeClock();
  const seen: (string | undefined)[] = [];
  const shop = new ShopDriver(clock, (name, variables, user) => {
    if (name === 'sign-in') variables.set('token', `t${user}`);
    if (name === 'list') {
      seen.push(variables.get('token'), variables.get('item'));
      variables.set('item', 'i');
    }
    return OK;
  });
  const scenario = {
    executor: 'per-vu-iterations',
    vus: 2,
    iterations: 2,
    onStart: [step('page'), step('sign-in')],
    flow: [step('list')],
    onStop: [step('status')],
  };
  const ended = await run(clock, shop, scenario, 2);
  for (const user of [0, 1]) t.strictSame(shop.names(user), ['page', 'sign-in', 'list', 'list', 'status']);
  t.strictSame([...seen].sort(), ['t0', 't0', 't1', 't1', undefined, undefined, undefined, undefined]);
  t.equal(rowOf(ended, 4).count, 4, 'the journey is the flow alone');
  t.equal(rowOf(ended, 1).count, 2, 'steps at the start have rows of their own');
});

t.test('a user whose start fails is told apart, and tried again after a while', async (t) => {
  const clock = new FakeClock();
  let signIns = 0;
  const shop = new ShopDriver(clock, (name) => (name === 'sign-in' && ++signIns < 3 ? FAILED : OK));
  const scenario = {
    executor: 'constant-vus',
    vus: 1,
    duration: '5s',
    onStart: [step('sign-in')],
    flow: [step('list')],
  };
  const ended = await run(clock, shop, scenario, 7);
  const signInsUs = shop.calls.filter(({ name }) => name === 'sign-in').map(({ atUs }) => atUs);
  t.equal(signInsUs.length, 3);
  const [first = 0, second = 0, third = 0] = signInsUs;
  t.ok(second - first >= SECOND_US && third - second >= 2 * SECOND_US, 'with growing intervals');
  t.equal(rowOf(ended, 2).kinds.start_failed, 2);
  t.ok(rowOf(ended, 1).count > 100, 'then it goes on');
});

t.test('in an open model an arrival is a pass, due when it came', async (t) => {
  const clock = new FakeClock();
  const shop = new ShopDriver(clock);
  const flow: Flow = [step('page'), { pause: '30ms' }, step('list')];
  const scenario = { executor: 'constant-arrival-rate', rate: 50, duration: '2s', maxVus: 10, flow };
  const ended = await run(clock, shop, scenario, 4);
  const journey = rowOf(ended, 2);
  t.equal(journey.count, 100);
  t.ok(journey.responseTime.maxUs < 52_000);
  t.equal(journey.serviceTime.maxUs < 21_000, true);
});

t.test('a pass under way may end when the load ends, pauses too; what is cut off is told', async (t) => {
  for (const [gracefulStop, kinds] of [
    ['5s', {}],
    ['500ms', { aborted: 3 }],
  ] as const) {
    const clock = new FakeClock();
    const shop = new ShopDriver(clock);
    const flow: Flow = [step('page'), { pause: '3s' }, step('list')];
    const scenario = { executor: 'constant-vus', vus: 3, duration: '1s', gracefulStop, flow };
    const ended = await run(clock, shop, scenario, 12);
    const journey = rowOf(ended, 2);
    t.equal(journey.count, 3, `graceful stop of ${gracefulStop}`);
    t.strictSame(journey.kinds, kinds);
  }
});
