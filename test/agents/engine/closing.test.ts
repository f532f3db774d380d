/** What drivers have opened is closed, sessions first; what cannot be closed ends no load, and is told of once. */
import t from 'tap';
import { equalShare } from '../../../core/plan/load/split.ts';
import { type DriverPlugin, defineDriver, type Outcome } from '../../../core/plugin.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { OK, prepareEngine, startEngine, totals } from '../../kit/engine.ts';

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
  /^a session of driver stubborn could not be closed: the session is already closed$/,
  /^driver stubborn leaks sessions: \d+ could not be closed, so up to \d+ were open for \d+ virtual users$/,
  /^driver stubborn could not be closed: the driver is already closed$/,
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
    t.equal(run.engine.recorder.finalTotals()[1]?.count, 2 * 400);
    t.equal(run.warnings.length, SENTENCES.length);
    t.match(run.warnings, SENTENCES);
  });

  t.test(`closes that ${kind}, of users of an open model that go to another agent`, async (t) => {
    const clock = new FakeClock();
    const scenario = { executor: 'constant-arrival-rate' as const, rate: 100, duration: '3s', maxVus: 10, operations };
    const run = await startEngine(clock, driverOn(clock, closes), { scenarios: { open: scenario } });
    run.engine.change({ kind: 'share', atUs: SECOND_US, share: equalShare(0, 2) });
    await clock.advance(4 * SECOND_US);
    await run.ended;
    t.equal(totals([run]).requests, 200);
    t.equal(run.warnings.length, SENTENCES.length);
    t.match(run.warnings, SENTENCES);
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
    'a session of driver stubborn could not be closed: it took longer than 5 s',
    'driver stubborn leaks sessions: 2 could not be closed, so up to 4 were open for 2 virtual users',
    'driver stubborn could not be closed: it took longer than 5 s',
  ]);
});

/** Which sessions are open, and whether any was when its driver was closed. */
function watched(connect: (index: number) => void | Promise<void>, send: () => Promise<Outcome>) {
  const open = new Set<number>();
  const state = { open, openAtDriverClose: Number.NaN };
  const plugin: DriverPlugin = {
    ...driverOn(new FakeClock(), { session: () => {}, driver: () => {} }),
    open: () => ({
      connect: async ({ index }) => {
        await connect(index);
        open.add(index);
        return { send, close: () => void open.delete(index) };
      },
      close: () => {
        state.openAtDriverClose = open.size;
      },
    }),
  };
  return { plugin, state };
}

const never = () => new Promise<Outcome>(() => {});
const LOADS = {
  closed: { executor: 'constant-vus', vus: 3, duration: '1s', gracefulStop: '1s', operations },
  open: { executor: 'constant-arrival-rate', rate: 9, maxVus: 3, duration: '1s', gracefulStop: '1s', operations },
} as const;

for (const [kind, s] of Object.entries(LOADS)) {
  t.test(`${kind} load: sessions are closed of a run that is stopped before its start`, async (t) => {
    const { plugin, state } = watched(() => {}, never);
    const { engine } = await prepareEngine(new FakeClock(), plugin, { scenarios: { s } });
    t.equal(state.open.size, 3);
    await engine.close();
    t.same([state.open.size, state.openAtDriverClose], [0, 0]);
  });

  t.test(`${kind} load: sessions are closed whose operations ignore that they are cut off`, async (t) => {
    const { plugin, state } = watched(() => {}, never);
    const clock = new FakeClock();
    const run = await startEngine(clock, plugin, { scenarios: { s } });
    await clock.advance(10 * SECOND_US);
    await run.ended;
    t.same([state.open.size, state.openAtDriverClose], [0, 0]);
  });

  t.test(`${kind} load: when one user cannot connect, sessions of the others are closed, also late ones`, async (t) => {
    const late = Promise.withResolvers<void>();
    const connect = (index: number) => (index === 0 ? fails('port')() : index === 1 ? late.promise : undefined);
    const { plugin, state } = watched(connect, never);
    await t.rejects(prepareEngine(new FakeClock(), plugin, { scenarios: { s } }), {
      message: 'the port is already closed',
    });
    t.equal(state.openAtDriverClose, 0);
    late.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    t.equal(state.open.size, 0);
  });
}

t.test('the first session of a user is closed when its second cannot be opened', async (t) => {
  const { plugin, state } = watched(() => (state.open.size > 0 ? fails('port')() : undefined), never);
  const both = [{ driver: 'one' }, { driver: 'two', name: 'b' }];
  const scenario = { executor: 'constant-vus' as const, vus: 1, duration: '1s', operations: both };
  await t.rejects(prepareEngine(new FakeClock(), plugin, { scenarios: { s: scenario } }), { message: /port/ });
  t.equal(state.open.size, 0);
});
