import t from 'tap';
import { arrivalsBefore, arrivalTimes, levelAt } from '../../../core/plan/load/profile.ts';
import { GrowingProfile } from '../../../core/plan/load/shape.ts';
import { equalShare } from '../../../core/plan/load/split.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { ScriptedDriver, startEngine, totals } from '../../kit/engine.ts';

const SECOND_US = 1e6;
const operations = [{ driver: 'scripted', operation: 'a' }];
const shape = { executor: 'shape' as const, shape: './any.ts', maxVus: 60, operations };

t.test('users follow the levels that come while the load runs, hold the last one, and go when it ends', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 1_000);
  const scenarios = { s: { ...shape, thinkTime: '50ms' } };
  const run = await startEngine(clock, driver.plugin, { scenarios }, equalShare(0, 1), (engine) => {
    engine.setLevel(0, 0, { from: 10, to: 10 });
    engine.setLevel(0, 1, { from: 10, to: 20 });
  });
  const set = (second: number, level: number) => run.engine.setLevel(0, second, { from: level, to: level });
  await clock.advance(2.5 * SECOND_US);
  set(2, 50);
  set(4, 1000);
  await clock.advance(2 * SECOND_US);
  run.engine.setLevel(0, 6, undefined);
  await clock.advance(3 * SECOND_US);
  await run.ended;
  t.same(
    run.windows.map(({ scenarios }) => scenarios[0]?.vus),
    [10, 20, 20, 20, 60, 60],
    'word of second 2 came late; 1000 is more than maxVus; the load ended with second 6',
  );
  t.equal(driver.connected, 0);
});

t.test('a load that ends before its longest duration has its graceful stop, and no more', async (t) => {
  for (const load of ['vus', 'rate'] as const) {
    const clock = new FakeClock();
    const startUs = clock.nowUs();
    const driver = new ScriptedDriver(clock, () => undefined);
    const scenarios = { s: { ...shape, load, gracefulStop: '1s' } };
    const run = await startEngine(clock, driver.plugin, { scenarios }, equalShare(0, 1), (engine) => {
      engine.setLevel(0, 0, { from: 4, to: 4 });
      engine.setLevel(0, 2, undefined);
    });
    let endUs = Number.NaN;
    void run.ended.then(() => {
      endUs = clock.nowUs();
    });
    await clock.advance(10 * SECOND_US);
    t.equal(endUs - startUs, 3 * SECOND_US, load);
    t.equal(totals([run]).errors, driver.calls.length);
    t.equal(await run.ended, 2 * SECOND_US, 'rates are of the time until then');
  }
});

t.test('arrivals follow the levels on any number of agents', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 1_000);
  const runs = await Promise.all(
    [0, 1].map((index) =>
      startEngine(
        clock,
        driver.plugin,
        { scenarios: { s: { ...shape, load: 'rate' } } },
        equalShare(index, 2),
        (engine) => engine.setLevel(0, 0, { from: 100, to: 100 }),
      ),
    ),
  );
  const set = (second: number, rate: number) => {
    for (const { engine } of runs) engine.setLevel(0, second, { from: rate, to: rate });
  };
  await clock.advance(0.9 * SECOND_US);
  set(1, 300);
  await clock.advance(0.9 * SECOND_US);
  set(2, 0);
  await clock.advance(SECOND_US);
  set(3, 50);
  await clock.advance(1.1 * SECOND_US);
  for (const { engine } of runs) engine.setLevel(0, 5, undefined);
  await clock.advance(3 * SECOND_US);
  await Promise.all(runs.map(({ ended }) => ended));
  t.equal(totals(runs).requests, 100 + 300 + 0 + 50 + 50);
  t.equal(totals(runs).dropped, 0);
});

t.test('a pause of arrivals begins and ends at its instant, also when word of it comes late', async (t) => {
  for (const lateUs of [-SECOND_US / 2, 95_000]) {
    const clock = new FakeClock();
    const driver = new ScriptedDriver(clock, () => 1_000);
    const scenarios = { s: { ...shape, load: 'rate' as const } };
    const runs = await Promise.all(
      [0, 1].map((index) =>
        startEngine(clock, driver.plugin, { scenarios }, equalShare(index, 2), (engine) => {
          for (let second = 0; second < 5; second++) engine.setLevel(0, second, { from: 100, to: 100 });
          engine.setLevel(0, 5, undefined);
        }),
      ),
    );
    const nowUs = { pause: 1.25 * SECOND_US, resume: 2.6 * SECOND_US };
    await clock.advance(nowUs.pause + lateUs);
    for (const { engine } of runs) engine.change({ kind: 'pause', atUs: nowUs.pause });
    await clock.advance(nowUs.resume - nowUs.pause);
    for (const { engine } of runs) engine.change({ kind: 'resume', atUs: nowUs.resume });
    await clock.advance(4 * SECOND_US);
    await Promise.all(runs.map(({ ended }) => ended));
    const { requests, dropped } = totals(runs);
    t.equal(requests, 125 + 240, 'as many were sent before word of a pause as were not before that of its end');
    t.equal(dropped, lateUs > 0 ? 10 : 0, 'and those are counted');
  }
});

t.test('a shape that never ends is ended by its longest duration', async (t) => {
  const profile = new GrowingProfile(100, 3 * SECOND_US);
  profile.set(0, 7, 7);
  profile.hold(100 * SECOND_US);
  t.equal(levelAt(profile, 2.9 * SECOND_US), 7);
  t.equal(levelAt(profile, 3 * SECOND_US), 0);
  t.ok(profile.ended);
});

t.test('no arrival comes after the latest end, whatever levels come', async (t) => {
  const profile = new GrowingProfile(Number.POSITIVE_INFINITY, 2.5 * SECOND_US);
  for (let second = 0; second < 10; second++) profile.set(second, 100, 100);
  t.equal(arrivalsBefore(profile, 100 * SECOND_US), 250);
  t.equal(arrivalTimes(profile)(250), undefined);
  t.ok(profile.ended);
});
