import t from 'tap';
import { OK, ScriptedDriver, startEngine } from '../../kit/engine.ts';
import { FakeClock } from '../../kit/fake-clock.ts';

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
    t.ok(calls > 1_000 && calls < 100_000, `${calls} operations in 10 ms of 50 µs a turn`);
  }
});
