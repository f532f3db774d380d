/** Drivers whose sessions cannot be closed: the load ends as planned, and each failure is told of once. */
import t from 'tap';
import { equalShare } from '../../../core/plan/split.ts';
import { type DriverPlugin, defineDriver } from '../../../core/plugin.ts';
import { OK, startEngine, totals } from '../../kit/engine.ts';
import { FakeClock } from '../../kit/fake-clock.ts';

const SECOND_US = 1_000_000;

type Close = () => void | Promise<void>;

function driverOn(clock: FakeClock, closes: { readonly session: Close; readonly driver: Close }): DriverPlugin {
  return defineDriver({
    name: 'stubborn',
    description: '',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
    operations: () => [{ name: 'a', type: 'TEST' }],
    open: () => ({
      connect: () => ({
        send: () => new Promise((resolve) => void clock.after(10_000, () => resolve(OK))),
        close: closes.session,
      }),
      close: closes.driver,
    }),
  });
}

const operations = [{ driver: 'stubborn' }];
const fails = (what: string) => () => Promise.reject(new Error(`the ${what} is already closed`));
const throws = (what: string) => () => {
  throw new Error(`the ${what} is already closed`);
};
const hangs = () => new Promise<void>(() => {});

const SENTENCES = [
  'a session of driver stubborn could not be closed: the session is already closed',
  'driver stubborn could not be closed: the driver is already closed',
];

for (const [kind, close] of Object.entries({ reject: fails, throw: throws })) {
  const closes = { session: close('session'), driver: close('driver') };

  t.test(`closes that ${kind}, at the end of the load and while virtual users go`, async (t) => {
    const clock = new FakeClock();
    const stages = [
      { target: 4, duration: '1s' },
      { target: 0, duration: '2s' },
    ] as const;
    const run = await startEngine(clock, driverOn(clock, closes), {
      scenarios: {
        ramp: { executor: 'ramping-vus', startVus: 4, stages: [...stages], operations },
        rest: { executor: 'constant-vus', vus: 2, duration: '4s', operations },
      },
    });
    await clock.advance(5 * SECOND_US);
    await run.ended;
    const { requests } = totals([run]);
    t.ok(requests >= 2 * 400, `${requests}`);
    t.equal(run.engine.recorder.closingTotals()[1]?.count, 2 * 400);
    t.same(run.warnings, SENTENCES);
  });

  t.test(`closes that ${kind}, of users of an open model that go to another agent`, async (t) => {
    const clock = new FakeClock();
    const scenario = { executor: 'constant-arrival-rate' as const, rate: 100, duration: '3s', maxVus: 10, operations };
    const run = await startEngine(clock, driverOn(clock, closes), { scenarios: { open: scenario } });
    run.engine.change({ kind: 'share', atUs: SECOND_US, share: equalShare(0, 2) });
    await clock.advance(4 * SECOND_US);
    await run.ended;
    t.equal(totals([run]).requests, 200);
    t.same(run.warnings, SENTENCES);
  });
}

t.test('closes that hang are waited for five seconds', async (t) => {
  const clock = new FakeClock();
  const run = await startEngine(clock, driverOn(clock, { session: hangs, driver: hangs }), {
    scenarios: { s: { executor: 'constant-vus', vus: 2, duration: '1s', operations } },
  });
  await clock.advance(12 * SECOND_US);
  await run.ended;
  t.equal(totals([run]).requests, 200);
  t.same(run.warnings, [
    'a session of driver stubborn could not be closed: it was not done after 5 s',
    'driver stubborn could not be closed: it was not done after 5 s',
  ]);
});
