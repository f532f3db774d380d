import t from 'tap';
import type { Engine } from '../../../agents/engine/engine.ts';
import type { AgentChange } from '../../../core/plan/load/load-change.ts';
import { equalShare, type Share } from '../../../core/plan/load/split.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { prepareEngine, ScriptedDriver, startEngine, totals } from '../../kit/engine.ts';
import fc from '../../kit/property.ts';

const SECOND_US = 1e6;
const operations = [{ driver: 'scripted', operation: 'a' }];
const NONE: Share = { of: 1, slots: [] };
const ALL: Share = { of: 1, slots: [0] };

const closed = (vus: number, duration: string) => ({
  scenarios: { s: { executor: 'constant-vus' as const, vus, duration, operations } },
});
const open = (rate: number, duration: string, arrivals: 'uniform' | 'poisson' = 'uniform') => ({
  scenarios: { s: { executor: 'constant-arrival-rate' as const, rate, duration, maxVus: 20, arrivals, operations } },
});

/** Two agents on one clock; what they are told comes half a second ahead. */
async function pair(plan: Parameters<typeof startEngine>[2], shares: readonly [Share, Share]) {
  const clock = new FakeClock();
  const startUs = clock.nowUs();
  const driver = new ScriptedDriver(clock, () => 10_000);
  const runs = await Promise.all(shares.map((share) => startEngine(clock, driver.plugin, plan, share)));
  const engines = runs.map(({ engine }) => engine) as [Engine, Engine];
  const tell = (change: AgentChange) => engines.forEach((engine) => void engine.change(change));
  const callsBySecond = () => {
    const counts: number[] = [];
    for (const { atUs } of driver.calls) {
      const second = Math.floor((atUs - startUs) / SECOND_US);
      counts[second] = (counts[second] ?? 0) + 1;
    }
    return Array.from(counts, (count) => count ?? 0);
  };
  return { clock, startUs, driver, runs, engines, tell, callsBySecond };
}

t.test('virtual users go to another level, on all agents at once, and stay there', async (t) => {
  const { clock, tell, callsBySecond, runs, driver } = await pair(closed(4, '4s'), [
    equalShare(0, 2),
    equalShare(1, 2),
  ]);
  await clock.advance(0.5 * SECOND_US);
  tell({ kind: 'level', atUs: SECOND_US, scenario: 0, level: 10 });
  await clock.advance(2 * SECOND_US);
  tell({ kind: 'level', atUs: 3 * SECOND_US, scenario: 0, level: 1 });
  await clock.advance(2 * SECOND_US);
  await Promise.all(runs.map(({ ended }) => ended));
  t.same(callsBySecond(), [400, 1000, 1000, 100]);
  t.equal(new Set(driver.calls.map(({ user }) => user)).size, 10, 'each is a device of its own');
  t.equal(driver.connected, 0);
});

t.test('virtual users come and go in a straight line where that takes a while', async (t) => {
  const { clock, tell, callsBySecond, runs } = await pair(closed(4, '9s'), [equalShare(0, 2), equalShare(1, 2)]);
  await clock.advance(0.5 * SECOND_US);
  tell({ kind: 'level', atUs: SECOND_US, scenario: 0, level: 10, rampUs: 3 * SECOND_US });
  await clock.advance(5 * SECOND_US);
  tell({ kind: 'level', atUs: 6 * SECOND_US, scenario: 0, level: 4, rampUs: 2 * SECOND_US });
  await clock.advance(5 * SECOND_US);
  await Promise.all(runs.map(({ ended }) => ended));
  const counts = callsBySecond();
  t.same([counts[0], counts[4], counts[5], counts[8]], [400, 1000, 1000, 400]);
  for (const [second, users] of [
    [1, 5],
    [2, 7],
    [3, 9],
    [6, 8.5],
    [7, 5.5],
  ] as const) {
    t.ok(Math.abs((counts[second] ?? 0) - 100 * users) <= 50, `second ${second}: ${counts[second]}`);
  }
});

t.test(
  'a load that its own window ends, in the tick in which more users were to come, begins none of them',
  async (t) => {
    const clock = new FakeClock();
    const driver = new ScriptedDriver(clock, () => 10_000);
    const { engine } = await prepareEngine(clock, driver.plugin, closed(2, '60s'), ALL, ({ second }, engine) => {
      if (second === 1) engine.stop();
    });
    const ended = engine.run(clock.nowUs());
    engine.change({ kind: 'level', atUs: 2 * SECOND_US, scenario: 0, level: 10 });
    await clock.advance(2.5 * SECOND_US);
    await ended;
    await engine.close();
    t.equal(new Set(driver.calls.map(({ user }) => user)).size, 2);
    t.equal(driver.connected, 0);
  },
);

t.test('arrivals go to another rate in the same instant', async (t) => {
  for (const arrivals of ['uniform', 'poisson'] as const) {
    const { clock, tell, callsBySecond, runs } = await pair(open(10, '4s', arrivals), [
      equalShare(0, 2),
      equalShare(1, 2),
    ]);
    await clock.advance(0.5 * SECOND_US);
    tell({ kind: 'level', atUs: SECOND_US, scenario: 0, level: 200 });
    await clock.advance(5 * SECOND_US);
    await Promise.all(runs.map(({ ended }) => ended));
    if (arrivals === 'uniform') t.same(callsBySecond(), [10, 200, 200, 200]);
    const { requests, dropped } = totals(runs);
    t.equal(dropped, 0);
    t.ok(Math.abs(requests - 610) <= (arrivals === 'uniform' ? 0 : 4 * Math.sqrt(610)), `${requests}`);
  }
});

t.test('in a pause nothing begins, and the end stays where it was', async (t) => {
  for (const plan of [closed(4, '5s'), open(400, '5s')]) {
    const { clock, startUs, tell, callsBySecond, runs, driver } = await pair(plan, [
      equalShare(0, 2),
      equalShare(1, 2),
    ]);
    await clock.advance(0.5 * SECOND_US);
    tell({ kind: 'pause', atUs: SECOND_US });
    await clock.advance(2 * SECOND_US);
    t.equal(driver.connected > 0, true, 'sessions stay');
    tell({ kind: 'resume', atUs: 3 * SECOND_US });
    await clock.advance(5 * SECOND_US);
    await Promise.all(runs.map(({ ended }) => ended));
    const counts = callsBySecond();
    t.ok((counts[1] ?? 0) <= 8 && counts[2] === 0, `${counts}`);
    t.ok(Math.abs((counts[3] ?? 0) - 400) <= 8 && Math.abs((counts[4] ?? 0) - 400) <= 8, `${counts}`);
    t.ok(driver.calls.every(({ atUs }) => atUs - startUs < 5 * SECOND_US));
    t.equal(totals(runs).dropped, 0);
    t.ok(totals(runs).responseTime.maxUs < 20_000, 'a pause is not waiting time');
  }
});

t.test('a run that is stopped while it is paused ends', async (t) => {
  const { clock, tell, runs, engines, driver } = await pair(closed(4, '50s'), [equalShare(0, 2), equalShare(1, 2)]);
  tell({ kind: 'pause', atUs: 0 });
  await clock.advance(SECOND_US);
  for (const engine of engines) engine.stop();
  await clock.advance(SECOND_US);
  await Promise.all(runs.map(({ ended }) => ended));
  t.equal(driver.connected, 0);
});

t.test('users that go while they are paused, or while they think, go at once', async (t) => {
  const { clock, startUs, tell, runs, driver } = await pair(closed(10, '9s'), [ALL, NONE]);
  tell({ kind: 'pause', atUs: SECOND_US });
  tell({ kind: 'level', atUs: 2 * SECOND_US, scenario: 0, level: 2 });
  tell({ kind: 'level', atUs: 5 * SECOND_US, scenario: 0, level: 10 });
  tell({ kind: 'resume', atUs: 7 * SECOND_US });
  await clock.advance(2.5 * SECOND_US);
  t.equal(driver.connected, 2);
  await clock.advance(2 * SECOND_US);
  t.equal(runs[0]?.windows.at(-1)?.scenarios[0]?.vus, 2);
  await clock.advance(SECOND_US);
  t.equal(driver.connected, 10, 'those that come back connect while nothing is measured');
  const connects = driver.connects;
  await clock.advance(5 * SECOND_US);
  await Promise.all(runs.map(({ ended }) => ended));
  t.equal(driver.connects, connects);
  t.ok(driver.calls.filter(({ atUs }) => atUs >= startUs + 7 * SECOND_US).length >= 1990, 'and have their load');

  const plan = closed(10, '60s');
  const thoughtful = { scenarios: { s: { ...plan.scenarios.s, thinkTime: '50s' } } };
  const thinking = await pair(thoughtful, [ALL, NONE]);
  thinking.tell({ kind: 'level', atUs: 2 * SECOND_US, scenario: 0, level: 2 });
  await thinking.clock.advance(2.5 * SECOND_US);
  t.equal(thinking.driver.connected, 2);
  for (const engine of thinking.engines) engine.stop();
  await thinking.clock.advance(SECOND_US);
  await Promise.all(thinking.runs.map(({ ended }) => ended));
});

t.test('paused users of a share that goes to another agent are only there from then on', async (t) => {
  const { clock, tell, engines, runs, driver } = await pair(closed(10, '5s'), [ALL, NONE]);
  tell({ kind: 'pause', atUs: SECOND_US });
  await clock.advance(SECOND_US);
  engines.forEach((engine, index) => {
    engine.change({ kind: 'share', atUs: 2 * SECOND_US, share: equalShare(index, 2) });
  });
  await clock.advance(1.5 * SECOND_US);
  t.equal(driver.connected, 10);
  tell({ kind: 'resume', atUs: 3 * SECOND_US });
  await clock.advance(5 * SECOND_US);
  await Promise.all(runs.map(({ ended }) => ended));
});

t.test('a user that is stopped while it connects does not stay connected', async (t) => {
  const clock = new FakeClock();
  const slow = new ScriptedDriver(clock, () => 10_000);
  const { open } = slow.plugin;
  const plugin: typeof slow.plugin = {
    ...slow.plugin,
    open: async (...given) => {
      const driver = await open(...given);
      const connect: typeof driver.connect = async (user, signal) => {
        if (user.index > 0) await new Promise<void>((resolve) => void clock.after(SECOND_US, resolve));
        return driver.connect(user, signal);
      };
      return { ...driver, connect };
    },
  };
  const run = await startEngine(clock, plugin, closed(1, '9s'));
  run.engine.change({ kind: 'level', atUs: 0.5 * SECOND_US, scenario: 0, level: 5 });
  run.engine.change({ kind: 'level', atUs: 0.8 * SECOND_US, scenario: 0, level: 1 });
  await clock.advance(4 * SECOND_US);
  t.equal(slow.connected, 1);
  await clock.advance(6 * SECOND_US);
  await run.ended;
});

t.test('a share that goes to another agent leaves no gap and no double', async (t) => {
  for (const plan of [closed(6, '4s'), open(300, '4s')]) {
    const { clock, runs, engines, callsBySecond, driver } = await pair(plan, [equalShare(0, 2), equalShare(1, 2)]);
    await clock.advance(0.5 * SECOND_US);
    engines[0].change({ kind: 'share', atUs: SECOND_US, share: NONE });
    engines[1].change({ kind: 'share', atUs: SECOND_US, share: ALL });
    await clock.advance(SECOND_US);
    engines[0].change({ kind: 'share', atUs: 2 * SECOND_US, share: equalShare(0, 2) });
    engines[1].change({ kind: 'share', atUs: 2 * SECOND_US, share: equalShare(1, 2) });
    await clock.advance(4 * SECOND_US);
    await Promise.all(runs.map(({ ended }) => ended));
    const counts = callsBySecond();
    const each = counts[0] as number;
    // A user that moves begins anew, at most one operation early or late.
    for (const count of counts) t.ok(Math.abs(count - each) <= 6, `${counts}`);
    if ('rate' in plan.scenarios.s) t.same(counts, [300, 300, 300, 300]);
    t.equal(totals(runs).dropped, 0);
    t.equal(driver.connected, 0);
  }
});

t.test('in the second in which a share moves, users count once', async (t) => {
  const { clock, engines, runs } = await pair(closed(100, '4s'), [ALL, NONE]);
  const move = (atUs: number, shares: readonly [Share, Share]) =>
    engines.forEach((engine, index) => void engine.change({ kind: 'share', atUs, share: shares[index] as Share }));
  move(1.6 * SECOND_US, [equalShare(0, 2), equalShare(1, 2)]);
  await clock.advance(2 * SECOND_US);
  move(2.3 * SECOND_US, [ALL, NONE]);
  await clock.advance(4 * SECOND_US);
  await Promise.all(runs.map(({ ended }) => ended));
  const vusOf = (agent: number, second: number) =>
    runs[agent]?.windows.find((window) => window.second === second)?.scenarios[0]?.vus ?? Number.NaN;
  t.same(
    [0, 1, 2, 3].map((second) => vusOf(0, second) + vusOf(1, second)),
    [100, 100, 100, 100],
  );
});

t.test('an agent that takes part later begins with its share, in the second it is', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 10_000);
  const startUs = clock.nowUs();
  const first = await startEngine(clock, driver.plugin, closed(4, '4s'), ALL);
  await clock.advance(1.5 * SECOND_US);
  const second = await startEngine(clock, driver.plugin, closed(4, '4s'), NONE, () => {}, startUs);
  for (const [{ engine }, index] of [
    [first, 0],
    [second, 1],
  ] as const) {
    engine.change({ kind: 'share', atUs: 2 * SECOND_US, share: equalShare(index, 2) });
  }
  await clock.advance(4 * SECOND_US);
  await Promise.all([first.ended, second.ended]);
  t.same(
    second.windows.map((window) => [window.second, window.operations[0]?.responseTime.counts.length ?? 0]),
    [
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 1],
    ],
  );
  t.equal(totals([first, second]).requests, 4 * 400);
});

t.test('word that comes late is followed from then on, without a burst; what was missed is counted', async (t) => {
  const shares: [Share, Share][] = [
    [equalShare(0, 2), equalShare(1, 2)],
    [equalShare(0, 2), NONE],
  ];
  for (const [first, second] of shares) {
    const { clock, runs, engines, callsBySecond } = await pair(open(100, '4s'), [first, second]);
    await clock.advance(2 * SECOND_US);
    engines[1].change({ kind: 'share', atUs: SECOND_US, share: ALL });
    await clock.advance(4 * SECOND_US);
    await Promise.all(runs.map(({ ended }) => ended));
    const before = second === NONE ? 50 : 100;
    t.same(callsBySecond(), [before, before, 150, 150]);
    t.equal(totals(runs).dropped, second === NONE ? 100 : 50);
  }
});

t.test('however shares move on time, all agents together send each arrival once', async () => {
  const arrivalsOf = async (arrivals: 'uniform' | 'poisson', change: (engines: [Engine, Engine]) => void) => {
    const { clock, runs, engines } = await pair(open(100, '3s', arrivals), [ALL, NONE]);
    change(engines);
    await clock.advance(4 * SECOND_US);
    await Promise.all(runs.map(({ ended }) => ended));
    const { requests, dropped } = totals(runs);
    return requests + dropped;
  };
  const unmoved = { uniform: await arrivalsOf('uniform', () => {}), poisson: await arrivalsOf('poisson', () => {}) };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 29 }), fc.subarray([0, 1, 2, 3])), { maxLength: 5 }),
      fc.constantFrom('uniform' as const, 'poisson' as const),
      async (moves, arrivals) => {
        const times = moves.toSorted(([a], [b]) => a - b);
        const moved = await arrivalsOf(arrivals, (engines) => {
          for (const [tenths, slots] of times) {
            const atUs = tenths * 100_000;
            const others = [0, 1, 2, 3].filter((slot) => !slots.includes(slot));
            engines[0].change({ kind: 'share', atUs, share: { of: 4, slots } });
            engines[1].change({ kind: 'share', atUs, share: { of: 4, slots: others } });
          }
        });
        if (moved !== unmoved[arrivals]) throw new Error(`${moved} arrivals, not ${unmoved[arrivals]}`);
      },
    ),
    { numRuns: 30 },
  );
});
