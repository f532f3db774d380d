import t from 'tap';
import type { Engine } from '../../../agents/engine/engine.ts';
import { equalShare, type Share } from '../../../core/plan/load/split.ts';
import type { DriverPlugin } from '../../../core/plugin.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { OK, ScriptedDriver, startEngine, totals } from '../../kit/engine.ts';

const SECOND_US = 1e6;
const ALL: Share = { of: 1, slots: [0] };
const NONE: Share = { of: 1, slots: [] };
const operations = [
  { driver: 'scripted', operation: 'a', weight: 3 },
  { driver: 'scripted', operation: 'b', weight: 1 },
];

async function arrivalsOf(arrivals: 'uniform' | 'poisson', agents: number) {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 1_000);
  const startUs = clock.nowUs();
  const runs = await Promise.all(
    Array.from({ length: agents }, (_, index) =>
      startEngine(
        clock,
        driver.plugin,
        {
          scenarios: {
            s: { executor: 'constant-arrival-rate', rate: 100, duration: '3s', maxVus: 30, arrivals, operations },
          },
        },
        equalShare(index, agents),
      ),
    ),
  );
  await clock.advance(4 * SECOND_US);
  await Promise.all(runs.map(({ ended }) => ended));
  const calls = driver.calls.map(({ atUs, operation }) => ({ atUs: atUs - startUs, operation }));
  return { calls: calls.sort((x, y) => x.atUs - y.atUs), totals: totals(runs) };
}

t.test('uniform arrivals come evenly, on time, and n agents send exactly what one would', async (t) => {
  const one = await arrivalsOf('uniform', 1);
  t.equal(one.totals.requests, 300);
  t.equal(one.totals.dropped, 0);
  t.ok(one.totals.sendDelay.maxUs <= 50, 'at most one turn of the loop late');
  one.calls.forEach(({ atUs }, k) => {
    if (Math.abs(atUs - k * 10_000) > 50) t.fail(`arrival ${k} came at ${atUs} µs`);
  });
  const three = await arrivalsOf('uniform', 3);
  t.equal(three.totals.requests, 300);
  t.same(
    three.calls.map(({ operation }) => operation),
    one.calls.map(({ operation }) => operation),
  );
});

t.test('poisson arrivals are the same process on any number of agents', async (t) => {
  const one = await arrivalsOf('poisson', 1);
  const two = await arrivalsOf('poisson', 2);
  t.ok(Math.abs(one.totals.requests - 300) < 4 * Math.sqrt(300));
  t.equal(two.totals.requests, one.totals.requests);
  const gaps = one.calls.slice(1).map(({ atUs }, i) => atUs - (one.calls[i]?.atUs as number));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  t.ok(deviation / mean > 0.8 && deviation / mean < 1.2, 'gaps are exponential: they deviate by their mean');
});

t.test(
  'a target that stalls for 2 s: response time shows it, service time hides it, arrivals without a user are dropped',
  async (t) => {
    const clock = new FakeClock();
    const stallFrom = clock.nowUs() + 2 * SECOND_US;
    const stallTo = stallFrom + 2 * SECOND_US;
    const latency = (atUs: number) => (atUs >= stallFrom && atUs < stallTo ? stallTo - atUs + 1_000 : 1_000);
    const run = async (maxVus: number) => {
      const driver = new ScriptedDriver(clock, latency);
      return startEngine(clock, driver.plugin, {
        scenarios: { s: { executor: 'constant-arrival-rate', rate: 100, duration: '6s', maxVus, operations } },
      });
    };
    const enough = await run(400);
    const few = await run(50);
    const closedDriver = new ScriptedDriver(clock, latency);
    const closed = await startEngine(clock, closedDriver.plugin, {
      scenarios: {
        s: { executor: 'constant-vus', vus: 1, duration: '6s', thinkTime: '9ms', operations },
      },
    });
    await clock.advance(8 * SECOND_US);
    await Promise.all([enough.ended, few.ended, closed.ended]);

    const open = totals([enough]);
    t.equal(open.requests, 600);
    t.equal(open.dropped, 0);
    // A third of all arrivals meet the stall, and wait 1 s on average.
    t.ok(open.responseTime.valueAtQuantileUs(0.9) > 1.3 * SECOND_US);
    t.ok(Math.abs(open.responseTime.meanUs - SECOND_US / 3) < 0.02 * SECOND_US);

    const dropped = totals([few]);
    t.equal(dropped.requests + dropped.dropped, 600, 'every arrival is sent or counted as dropped');
    t.ok(Math.abs(dropped.dropped - 150) <= 1);

    // One closed user meets the stall once: what coordinated omission hides.
    t.ok(totals([closed]).responseTime.valueAtQuantileUs(0.99) < 20_000);
  },
);

t.test('a generator that is blocked itself: the delay counts in response time, not in service time', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 1_000);
  const run = await startEngine(clock, driver.plugin, {
    scenarios: { s: { executor: 'constant-arrival-rate', rate: 100, duration: '2s', maxVus: 200, operations } },
  });
  clock.after(0.5 * SECOND_US, () => clock.block(0.5 * SECOND_US));
  await clock.advance(4 * SECOND_US);
  await run.ended;
  const { requests, responseTime, serviceTime, sendDelay } = totals([run]);
  t.equal(requests, 200, 'none is lost');
  t.ok(sendDelay.maxUs > 480_000 && sendDelay.maxUs <= 500_000);
  t.ok(responseTime.maxUs >= sendDelay.maxUs);
  t.equal(serviceTime.maxUs, 1_000);
});

t.test('ramping-arrival-rate sends the integral of its rate; scenarios start at their offsets', async (t) => {
  const clock = new FakeClock();
  const startUs = clock.nowUs();
  const driver = new ScriptedDriver(clock, () => 1_000);
  const run = await startEngine(clock, driver.plugin, {
    scenarios: {
      ramp: {
        executor: 'ramping-arrival-rate',
        startRate: 0,
        stages: [
          { target: 100, duration: '2s' },
          { target: 100, duration: '1s' },
          { target: 0, duration: '2s' },
        ],
        maxVus: 50,
        operations: [{ driver: 'scripted', operation: 'a' }],
      },
      late: {
        executor: 'constant-arrival-rate',
        startTime: '3s',
        rate: 10,
        duration: '1s',
        maxVus: 5,
        operations: [{ driver: 'scripted', operation: 'b' }],
      },
    },
  });
  await clock.advance(7 * SECOND_US);
  await run.ended;
  t.equal(driver.calls.filter(({ operation }) => operation === 'a').length, 300);
  const late = driver.calls.filter(({ operation }) => operation === 'b');
  t.equal(late.length, 10);
  t.ok(late.every(({ atUs }) => atUs - startUs >= 3 * SECOND_US && atUs - startUs < 4 * SECOND_US));
  const rampUsers = new Set(driver.calls.filter(({ operation }) => operation === 'a').map(({ user }) => user));
  t.notOk(
    late.some(({ user }) => rampUsers.has(user)),
    'scenarios share no user',
  );
});

t.test('users without a row of data take no arrival; when none has one, the load is over', async (t) => {
  const outcome = { ...OK, ok: false, errorKind: 'data_exhausted' };
  for (const [rows, rate] of [
    [50, 40],
    [500, 400],
    [0, 40],
  ] as const) {
    const clock = new FakeClock();
    let left: number = rows;
    let row = 0;
    // A file that all users share: each takes a row when it sends.
    const open = () => ({
      connect: () => ({
        get finished() {
          return left === 0;
        },
        send: () => {
          if (left === 0) return outcome;
          left--;
          row++;
          return new Promise<typeof OK>((resolve) => void clock.after(10_000, () => resolve(OK)));
        },
        close: () => {},
      }),
      close: () => {},
    });
    const scenario = { executor: 'constant-arrival-rate' as const, rate, duration: '60s', maxVus: 100, operations };
    const { plugin } = new ScriptedDriver(clock, () => 0);
    const run = await startEngine(clock, { ...plugin, open }, { scenarios: { s: scenario } });
    await clock.advance(5 * SECOND_US);
    await run.ended;
    const { requests, errors, dropped } = totals([run]);
    t.same({ row, requests, errors }, { row: rows, requests: rows, errors: 0 }, `${rows} rows`);
    t.equal(dropped, 0, 'an arrival after the last row, which may still be in flight, is not dropped');
  }
});

t.test('a start that is heard late: the load begins where it is by then, and what is missed is counted', async (t) => {
  const planned = { executor: 'constant-arrival-rate' as const, rate: 100, duration: '6s', maxVus: 200, operations };
  const shape = {
    executor: 'shape' as const,
    shape: './any.ts',
    load: 'rate' as const,
    maxDuration: '6s',
    maxVus: 200,
  };
  for (const scenario of [planned, { ...shape, operations }]) {
    for (const [lateUs, requests] of [
      [4 * SECOND_US, 200],
      [5_000, 600],
    ] as const) {
      const clock = new FakeClock();
      const driver = new ScriptedDriver(clock, () => 1_000);
      const startUs = clock.nowUs() - lateUs;
      const level = { from: 100, to: 100 };
      const known = (engine: Engine) => engine.setLevel(0, 0, level);
      const run = await startEngine(clock, driver.plugin, { scenarios: { s: scenario } }, ALL, known, startUs);
      await clock.advance(7 * SECOND_US);
      await run.ended;
      const found = totals([run]);
      t.same([found.requests, found.dropped], [requests, 600 - requests]);
      const missed = run.windows.flatMap(({ scenarios }) => scenarios.map(({ missedArrivals }) => missedArrivals));
      t.equal(
        missed.reduce((sum, count) => sum + count),
        600 - requests,
        'they are told apart from those that found no user',
      );
      t.ok(found.sendDelay.maxUs <= 5_000, 'no burst; a little late is the generator’s delay');
    }
  }
});

t.test('a user of a share taken over serves as soon as it is connected, whatever the others do', async (t) => {
  const clock = new FakeClock();
  const startUs = clock.nowUs();
  const driver = new ScriptedDriver(clock, () => 1_000);
  const connecting = Promise.withResolvers<void>();
  const open: DriverPlugin['open'] = async (options, context) => {
    const opened = await driver.plugin.open(options, context);
    return {
      ...opened,
      connect: async (user, signal) => {
        if (user.index === 3) await connecting.promise;
        return opened.connect(user, signal);
      },
    };
  };
  const scenario = { executor: 'constant-arrival-rate' as const, rate: 100, duration: '5s', maxVus: 8, operations };
  const run = await startEngine(clock, { ...driver.plugin, open }, { scenarios: { s: scenario } }, NONE);
  run.engine.change({ kind: 'share', atUs: SECOND_US, share: equalShare(1, 2) });
  await clock.advance(3 * SECOND_US);
  t.equal(driver.calls.length, 100, 'three of four users are enough');
  run.engine.change({ kind: 'share', atUs: 3.5 * SECOND_US, share: { of: 4, slots: [1] } });
  await clock.advance(SECOND_US);
  connecting.resolve();
  await clock.advance(2 * SECOND_US);
  await run.ended;
  t.same([...new Set(driver.calls.map(({ user }) => user))].toSorted(), [1, 5, 7]);
  t.notOk(
    driver.calls.some(({ user, atUs }) => user === 7 && atUs >= startUs + 3.5 * SECOND_US),
    'it was given away',
  );
  t.equal(totals([run]).dropped, 0);
  t.equal(driver.connected, 0);
});
