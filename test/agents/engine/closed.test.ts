import t from 'tap';
import { equalShare } from '../../../core/plan/load/split.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { ScriptedDriver, startEngine, totals } from '../../kit/engine.ts';

const SECOND_US = 1e6;
const a = [{ driver: 'scripted', operation: 'a' }];

t.test('constant-vus: each user begins when its last operation has ended', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 10_000);
  const run = await startEngine(clock, driver.plugin, {
    scenarios: { s: { executor: 'constant-vus', vus: 10, duration: '2s', operations: a } },
  });
  await clock.advance(3 * SECOND_US);
  await run.ended;
  const { requests, responseTime, errors } = totals([run]);
  t.equal(requests, 10 * 200);
  t.equal(responseTime.minUs, 10_000);
  t.equal(responseTime.maxUs, 10_000);
  t.equal(errors, 0);
  t.equal(driver.connected, 0, 'every session is closed');
  t.ok(driver.closed);
  t.same(
    run.windows.map((window) => [window.second, window.scenarios[0]?.vus]),
    [
      [0, 10],
      [1, 10],
      [2, 10],
    ],
    'the last operations end 2 ms after the last second, when they are stopped',
  );
});

t.test('think time: constant, uniform, exponential and pacing', async (t) => {
  const perUser = async (thinkTime: never, seconds: number) => {
    const clock = new FakeClock();
    const endUs = clock.nowUs() + seconds * SECOND_US;
    const driver = new ScriptedDriver(clock, () => 10_000);
    const run = await startEngine(clock, driver.plugin, {
      scenarios: { s: { executor: 'constant-vus', vus: 10, duration: `${seconds}s`, thinkTime, operations: a } },
    });
    await clock.advance((seconds + 1) * SECOND_US);
    await run.ended;
    // At the very end, a user may wake before the load is stopped.
    const begun = driver.calls.filter(({ atUs }) => atUs < endUs).length;
    return { perSecond: begun / 10 / seconds, calls: driver.calls, sendDelay: totals([run]).sendDelay };
  };
  t.equal((await perUser('90ms' as never, 5)).perSecond, 10);
  t.equal((await perUser({ pacing: '100ms' } as never, 5)).perSecond, 10);
  const { perSecond, calls, sendDelay } = await perUser({ uniform: ['50ms', '100ms'] } as never, 20);
  t.ok(Math.abs(perSecond - 1000 / 85) < 0.4, `${perSecond} is near the mean cycle of 85 ms`);
  const ofOne = calls.filter(({ user }) => user === 0).map(({ atUs }) => atUs);
  const gaps = ofOne.slice(1).map((atUs, i) => atUs - (ofOne[i] as number));
  t.ok(gaps.every((gap) => gap >= 60_000 && gap <= 110_000));
  t.equal(sendDelay.maxUs, 0, 'a pause that ends on time delays nothing');
  const exponential = await perUser({ exponential: '90ms' } as never, 20);
  t.ok(Math.abs(exponential.perSecond - 10) < 0.8, `${exponential.perSecond} is near the mean cycle of 100 ms`);
});

t.test('pacing keeps its pace with timers that are late, and does not make up for operations that are', async (t) => {
  class LateClock extends FakeClock {
    override after(delayUs: number, callback: () => void): () => void {
      return super.after(delayUs + 1_000, callback);
    }
  }
  const clock = new LateClock();
  const startUs = clock.nowUs();
  const stallFromUs = startUs + 2 * SECOND_US;
  const driver = new ScriptedDriver(clock, (atUs) => (atUs >= stallFromUs && atUs < stallFromUs + 8_000 ? 5e5 : 1_000));
  const run = await startEngine(clock, driver.plugin, {
    scenarios: {
      s: { executor: 'constant-vus', vus: 1, duration: '4s', thinkTime: { pacing: '8ms' }, operations: a },
    },
  });
  await clock.advance(5 * SECOND_US);
  await run.ended;
  const inSecond = (second: number) =>
    driver.calls.filter(({ atUs }) => Math.floor((atUs - startUs) / SECOND_US) === second).length;
  t.equal(inSecond(0), 125);
  t.equal(inSecond(1), 125);
  t.ok(Math.abs(inSecond(2) - 62) <= 2, `${inSecond(2)}: what a stall of half a second took is not made up for`);
  t.equal(inSecond(3), 125);
});

t.test('a late wake-up counts in send delay and response time beyond the resolution of timers', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 1_000);
  const run = await startEngine(clock, driver.plugin, {
    scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '1s', thinkTime: '100ms', operations: a } },
  });
  clock.after(50_000, () => clock.block(150_000));
  await clock.advance(2 * SECOND_US);
  await run.ended;
  const { sendDelay, responseTime, serviceTime } = totals([run]);
  t.equal(sendDelay.maxUs, 200_000 - 101_000 - 2_000);
  t.equal(responseTime.maxUs, sendDelay.maxUs + 1_000);
  t.equal(serviceTime.maxUs, 1_000);
});

t.test('ramping-vus follows its stages, also with a spawn rate, and lets users go', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 1_000);
  const run = await startEngine(clock, driver.plugin, {
    scenarios: {
      s: {
        executor: 'ramping-vus',
        startVus: 10,
        stages: [
          { target: 10, duration: '2s' },
          { target: 50, duration: '6s', spawnRate: 10 },
          { target: 0, duration: '4s' },
        ],
        thinkTime: '100ms',
        operations: a,
      },
    },
  });
  t.equal(driver.connected, 10, 'those that the load begins with are connected before it');
  await clock.advance(13 * SECOND_US);
  await run.ended;
  const vus = run.windows.map((window) => window.scenarios[0]?.vus);
  t.same(vus, [10, 10, 20, 30, 40, 50, 50, 50, 50, 38, 25, 13]);
  t.equal(driver.connected, 0);
});

t.test('warm-up comes before the duration, at the starting level, and is told apart', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 10_000);
  const run = await startEngine(clock, driver.plugin, {
    warmup: '1s',
    scenarios: { s: { executor: 'constant-vus', vus: 2, duration: '2s', operations: a } },
  });
  await clock.advance(4 * SECOND_US);
  await run.ended;
  t.equal(totals([run], 'warmup').requests, 2 * 100);
  t.equal(totals([run], 'measure').requests, 2 * 200);
});

t.test('weights are kept, and the same seed gives each user the same sequence, on any number of agents', async (t) => {
  const sequences = async (seed: number, agents: number) => {
    const clock = new FakeClock();
    const driver = new ScriptedDriver(clock, () => 1_000);
    const runs = await Promise.all(
      Array.from({ length: agents }, (_, index) =>
        startEngine(
          clock,
          driver.plugin,
          {
            seed,
            scenarios: {
              s: {
                executor: 'per-vu-iterations',
                vus: 6,
                iterations: 330,
                operations: [
                  { driver: 'scripted', operation: 'a', weight: 10 },
                  { driver: 'scripted', operation: 'b', weight: 1 },
                ],
              },
            },
          },
          equalShare(index, agents),
        ),
      ),
    );
    await clock.advance(3 * SECOND_US);
    await Promise.all(runs.map(({ ended }) => ended));
    const byUser: Record<number, string[]> = {};
    for (const { user, operation, value } of driver.calls) {
      byUser[user] ??= [];
      byUser[user].push(`${operation}${value}`);
    }
    return { byUser, byOperation: totals(runs).byOperation };
  };
  const first = await sequences(7, 1);
  const share = (first.byOperation.get(1) as number) / 1980;
  t.ok(Math.abs(share - 1 / 11) < 0.02, `${share} is near 1/11`);
  t.same((await sequences(7, 1)).byUser, first.byUser);
  t.same((await sequences(7, 3)).byUser, first.byUser);
  t.notSame((await sequences(8, 1)).byUser, first.byUser);
  t.not(first.byUser[0]?.join(), first.byUser[1]?.join(), 'users differ from each other');
});

t.test('stop lets operations in flight end; what does not end in time is cut off; nothing hangs', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, (atUs) => (atUs < 2 * SECOND_US ? 300_000 : undefined));
  const run = await startEngine(clock, driver.plugin, {
    scenarios: { s: { executor: 'constant-vus', vus: 4, duration: '60s', gracefulStop: '2s', operations: a } },
  });
  await clock.advance(0.5 * SECOND_US);
  run.engine.stop();
  await clock.advance(SECOND_US);
  await run.ended;
  t.equal(totals([run]).requests, 8, 'two each, the second ended after the stop');
  t.equal(totals([run]).errors, 0);

  const stuck = new ScriptedDriver(clock, () => undefined);
  const cut = await startEngine(clock, stuck.plugin, {
    scenarios: { s: { executor: 'constant-vus', vus: 4, duration: '1s', gracefulStop: '2s', operations: a } },
  });
  await clock.advance(4 * SECOND_US);
  await cut.ended;
  t.equal(totals([cut]).errors, 4);
  t.equal(cut.windows.flatMap(({ operations }) => operations)[0]?.errorKinds[0]?.kind, 'aborted');

  const deaf = new ScriptedDriver(clock, () => -1);
  const abandoned = await startEngine(clock, deaf.plugin, {
    scenarios: { s: { executor: 'constant-vus', vus: 4, duration: '1s', gracefulStop: '2s', operations: a } },
  });
  await clock.advance(10 * SECOND_US);
  await abandoned.ended;
  t.equal(totals([abandoned]).errors, 4, 'a driver that ignores its signal does not hang the run; it has failed');
});

t.test('the closing totals are what the windows add up to', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, (atUs) => 5_000 + (atUs % 977));
  const run = await startEngine(clock, driver.plugin, {
    warmup: '1s',
    scenarios: { s: { executor: 'constant-vus', vus: 3, duration: '3s', operations: a } },
  });
  await clock.advance(5 * SECOND_US);
  await run.ended;
  for (const phase of ['warmup', 'measure'] as const) {
    const { requests, responseTime, serviceTime, errors } = totals([run], phase);
    t.same(
      run.engine.recorder.finalTotals().find((total) => total.phase === phase),
      {
        operation: 0,
        phase,
        count: requests,
        errors,
        responseSumUs: responseTime.sumUs,
        serviceSumUs: serviceTime.sumUs,
      },
    );
  }
});

t.test('a user whose session has nothing more to send ends; without any user left, the load does', async (t) => {
  const clock = new FakeClock();
  for (const [executor, load] of [
    ['constant-vus', { vus: 3 }],
    ['constant-arrival-rate', { rate: 100, maxVus: 3 }],
  ] as const) {
    const driver = new ScriptedDriver(clock, () => 10_000);
    driver.operationsPerUser = 5;
    const run = await startEngine(clock, driver.plugin, {
      scenarios: { s: { executor, duration: '60s', operations: a, ...load } as never },
    });
    await clock.advance(2 * SECOND_US);
    await run.ended;
    t.equal(totals([run]).requests, 15, executor);
  }
});
