import t from 'tap';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { OK, prepareEngine, ScriptedDriver, startEngine, totals } from '../../kit/engine.ts';

const SECOND_US = 1e6;
const a = [{ driver: 'scripted', operation: 'a' }];

t.test('a driver that answers without waiting leaves the event loop to others', async (t) => {
  for (const answer of [() => OK, () => Promise.resolve(OK), async () => Promise.reject(new Error('no connection'))]) {
    const clock = new FakeClock();
    let stop = () => {};
    let calls = 0;
    const driver = new ScriptedDriver(clock, () => 0);
    const open = () => ({
      connect: () => ({
        send: () => {
          // Without this, a load that never lets the clock go on would never end.
          if (++calls === 1_000_000) stop();
          clock.block(2);
          return answer();
        },
        close: () => {},
      }),
      close: () => {},
    });
    const run = await startEngine(
      clock,
      { ...driver.plugin, open },
      {
        scenarios: { s: { executor: 'constant-vus', vus: 2, duration: '10ms', operations: a } },
      },
    );
    stop = () => run.engine.stop();
    await clock.advance(SECOND_US);
    await run.ended;
    t.ok(calls > 4_000 && calls < 6_000, `${calls} operations in 10 ms, of 2 µs each`);
  }
});

t.test('a thousand users whose operations fail at once hold the event loop up no longer than two do', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 0);
  const open = () => ({
    connect: () => ({
      // What a connection without a free descriptor costs.
      send: () => {
        clock.block(100);
        return Promise.reject(new Error('EMFILE'));
      },
      close: () => {},
    }),
    close: () => {},
  });
  const scenarios = { s: { executor: 'constant-vus' as const, vus: 1_000, duration: '300ms', operations: a } };
  const run = await startEngine(clock, { ...driver.plugin, open }, { scenarios });
  const longestUs = longestTurn(clock);
  await clock.advance(400_000);
  run.engine.stop();
  t.ok(longestUs() < 200_000, `up to ${longestUs() / 1000} ms`);
});

/** @returns tells the longest that the event loop was held up since */
function longestTurn(clock: FakeClock): () => number {
  let longestUs = 0;
  let lastUs = clock.nowUs();
  const watch = () => {
    longestUs = Math.max(longestUs, clock.nowUs() - lastUs);
    lastUs = clock.nowUs();
    clock.soon(watch);
  };
  watch();
  return () => longestUs;
}

t.test('arrivals of which more are due than can be sent leave the event loop to others', async (t) => {
  const clock = new FakeClock();
  const driver = new ScriptedDriver(clock, () => 0);
  const send = () => {
    clock.block(100);
    return OK;
  };
  const open = () => ({ connect: () => ({ send, close: () => {} }), close: () => {} });
  const scenarios = {
    s: { executor: 'constant-arrival-rate' as const, rate: 20_000, duration: '200ms', maxVus: 4_000, operations: a },
  };
  const run = await startEngine(clock, { ...driver.plugin, open }, { scenarios });
  const longestUs = longestTurn(clock);
  await clock.advance(3 * SECOND_US);
  await run.ended;
  t.equal(totals([run]).requests, 4_000);
  t.ok(longestUs() < 20_000, `up to ${longestUs() / 1000} ms`);
});

t.test('users whose sessions open without waiting leave the event loop to others', async (t) => {
  const scenarios = {
    closed: { executor: 'constant-vus' as const, vus: 1_000, duration: '1s', operations: a },
    open: { executor: 'constant-arrival-rate' as const, rate: 1, duration: '1s', maxVus: 1_000, operations: a },
  };
  const clock = new FakeClock();
  const connect = () => {
    clock.block(100);
    return { send: () => OK, close: () => {} };
  };
  const open = () => ({ connect, close: () => {} });
  const longestUs = longestTurn(clock);
  const run = await clock.until(
    prepareEngine(clock, { ...new ScriptedDriver(clock, () => 0).plugin, open }, { scenarios }),
  );
  await run.engine.close();
  t.ok(longestUs() < 20_000, `up to ${longestUs() / 1000} ms`);
});

const rushed = (rate: number, duration: string, arrivals: 'uniform' | 'poisson') => ({
  scenarios: { s: { executor: 'constant-arrival-rate' as const, rate, duration, maxVus: 10, arrivals, operations: a } },
});

for (const arrivals of ['uniform', 'poisson'] as const) {
  t.test(`a start three months ago with ${arrivals} arrivals at ten million a second: a stop is heard`, async (t) => {
    const clock = new FakeClock();
    const { plugin } = new ScriptedDriver(clock, () => 0);
    const startUs = clock.nowUs() - 90 * 86_400 * SECOND_US;
    const run = await startEngine(clock, plugin, rushed(1e7, '100d', arrivals), undefined, undefined, startUs);
    clock.soon(() => run.engine.stop());
    await clock.advance(SECOND_US);
    await run.ended;
    t.same(run.failures, []);
  });
}

t.test(
  'changes of the load of a thousand scenarios take turns with others, and none is made after a stop',
  async (t) => {
    const clock = new FakeClock();
    let connected = 0;
    const connect = () => {
      connected++;
      clock.block(100);
      return { send: () => OK, close: () => {} };
    };
    const open = () => ({ connect, close: () => {} });
    const one = { executor: 'constant-vus' as const, vus: 4, duration: '1h', thinkTime: '1h', operations: a };
    const scenarios = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`s${i}`, one]));
    const { plugin } = new ScriptedDriver(clock, () => 0);
    const run = await startEngine(clock, { ...plugin, open }, { scenarios }, { of: 4, slots: [] });
    await clock.advance(0.1 * SECOND_US);
    const longestUs = longestTurn(clock);
    for (const slots of [[0], [0, 1], [0, 1, 2]])
      run.engine.change({ kind: 'share', atUs: 60 * SECOND_US, share: { of: 4, slots } });
    t.ok(connected < 1_000, `${connected} at once`);
    await clock.advance(0.5 * SECOND_US);
    t.equal(connected, 3_000);
    t.ok(longestUs() < 20_000, `up to ${longestUs() / 1000} ms`);
    run.engine.change({ kind: 'share', atUs: 60 * SECOND_US, share: { of: 4, slots: [0, 1, 2, 3] } });
    run.engine.stop();
    const before = connected;
    await clock.advance(SECOND_US);
    await run.ended;
    t.equal(connected, before);
    t.same(run.failures, []);
  },
);

t.test('a closed model that jumps to a million users has turns for others, and hears a stop', async (t) => {
  const clock = new FakeClock();
  // Each user takes a microsecond to be told from those of other agents.
  const slots = Object.defineProperty([0], 0, {
    get: () => {
      clock.block(1);
      return 0;
    },
  });
  const { plugin } = new ScriptedDriver(clock, () => 0);
  const s = { executor: 'constant-vus' as const, vus: 1_000_000, duration: '1h', thinkTime: '1h', operations: a };
  for (const isStopped of [false, true]) {
    const run = await clock.until(prepareEngine(clock, plugin, { scenarios: { s } }, { of: 1_000, slots }));
    const longestUs = longestTurn(clock);
    const ended = run.engine.run(clock.nowUs());
    if (isStopped) clock.soon(() => clock.soon(() => run.engine.stop()));
    await clock.advance(1.5 * SECOND_US);
    if (!isStopped) run.engine.stop();
    await clock.advance(2 * SECOND_US);
    await ended;
    await run.engine.close();
    const requests = totals([run]).requests;
    t.ok(isStopped ? requests > 0 && requests < 100 : requests === 1_000, `${requests} of the users have begun`);
    t.ok(longestUs() < 20_000, `up to ${longestUs() / 1000} ms`);
  }
});
