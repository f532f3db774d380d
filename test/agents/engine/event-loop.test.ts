import t from 'tap';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { OK, ScriptedDriver, startEngine } from '../../kit/engine.ts';

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
  let longestUs = 0;
  let lastUs = clock.nowUs();
  const watch = () => {
    longestUs = Math.max(longestUs, clock.nowUs() - lastUs);
    lastUs = clock.nowUs();
    clock.soon(watch);
  };
  watch();
  await clock.advance(400_000);
  run.engine.stop();
  t.ok(longestUs < 200_000, `up to ${longestUs / 1000} ms`);
});
