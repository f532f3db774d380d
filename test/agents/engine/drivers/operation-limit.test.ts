/** Operations of a driver that never end: they are counted, their sessions replaced, and all users go on. */
import t from 'tap';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { type Driver, type DriverPlugin, defineDriver, type Outcome, type Session } from '../../../../core/plugin.ts';
import type { RowFigures, Window } from '../../../../core/stats/window.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';
import { merged, OK, startEngine, totals } from '../../../kit/engine.ts';

const SECOND_US = 1_000_000;
const never = () => new Promise<never>(() => {});

interface Sessions {
  opened: number;
  closed: number;
}

/**
 * Operation `a` takes 100 ms, and `hang` never ends.
 * @param parts of the driver's sessions to have otherwise
 */
function hangingDriver(clock: FakeClock, sessions: Sessions, parts: Partial<Session> = {}): DriverPlugin {
  const after = (us: number) => new Promise<Outcome>((resolve) => void clock.after(us, () => resolve(OK)));
  return plugin({
    connect: () => {
      sessions.opened++;
      return {
        send: (operation) => (operation === 'hang' ? never() : after(100_000)),
        close: () => void sessions.closed++,
        ...parts,
      };
    },
    close: () => {},
  });
}

function plugin(driver: Driver, more: Partial<DriverPlugin> = {}): DriverPlugin {
  return defineDriver({
    name: 'hanging',
    description: '',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
    operations: () => [
      { name: 'a', type: 'TEST' },
      { name: 'hang', type: 'TEST' },
    ],
    open: () => driver,
    ...more,
  });
}

const a = { driver: 'hanging', operation: 'a' };
const hang = { driver: 'hanging', operation: 'hang' };
const kindsOf = (rows: readonly RowFigures[]) => merged(rows).kinds;
const rowsOf = (windows: readonly Window[]) => windows.flatMap(({ operations }) => operations);

t.test('a flow: the operation fails as operation_timeout, and the pass goes on with a new session', async (t) => {
  const clock = new FakeClock();
  const sessions = { opened: 0, closed: 0 };
  const run = await startEngine(clock, hangingDriver(clock, sessions), {
    drivers: { hanging: { operationTimeout: '5s' } },
    scenarios: {
      s: { executor: 'per-vu-iterations', vus: 2, iterations: 3, onFailure: 'continue', flow: [a, hang, a] },
    },
  });
  await clock.until(run.ended);
  const rows = rowsOf(run.windows);
  t.strictSame(
    [0, 1, 2].map((row) => {
      const { count, kinds } = merged(rows.filter(({ operation }) => operation === row));
      return [count, kinds];
    }),
    [
      [12, {}],
      [6, { operation_timeout: 6 }],
      // The passes.
      [6, { 'hang: operation_timeout': 6 }],
    ],
  );
  const { serviceTime } = merged(rows.filter(({ operation }) => operation === 1));
  t.ok(serviceTime.minUs >= 5 * SECOND_US && serviceTime.maxUs <= 6.1 * SECOND_US, `${serviceTime.maxUs}`);
  t.strictSame(sessions, { opened: 2 + 6, closed: 2 + 6 });
  t.strictSame(
    [...new Set(merged(rows).examples)],
    ['driver hanging had not ended the operation after 5 s; the virtual user goes on with a new session'],
  );
  t.strictSame(run.warnings, []);
});

const LOADS: Readonly<Record<string, PlanInput['scenarios'][string]>> = {
  closed: { executor: 'constant-vus', vus: 3, duration: '20s', operations: [{ ...hang, name: 'h' }] },
  open: {
    executor: 'constant-arrival-rate',
    rate: 3,
    maxVus: 3,
    duration: '20s',
    operations: [{ ...hang, name: 'h' }],
  },
};

for (const [name, s] of Object.entries(LOADS)) {
  t.test(
    `${name} load: users whose operations never end begin others, and those of another driver are untouched`,
    async (t) => {
      const clock = new FakeClock();
      const sessions = { opened: 0, closed: 0 };
      const others = { executor: 'constant-vus' as const, vus: 1, duration: '20s', operations: [a] };
      const run = await startEngine(clock, hangingDriver(clock, sessions), {
        drivers: { hanging: { operationTimeout: '2s' } },
        scenarios: { s: { ...s, gracefulStop: '3s' }, others },
      });
      await clock.until(run.ended);
      const rows = rowsOf(run.windows);
      const kinds = kindsOf(rows);
      t.strictSame(Object.keys(kinds), ['operation_timeout']);
      t.ok((kinds.operation_timeout ?? 0) >= 3 * 8, JSON.stringify(kinds));
      t.ok(merged(rows.filter(({ operation }) => operation === 1)).count >= 200);
      t.equal(sessions.opened, sessions.closed);
    },
  );
}

t.test(
  'without a limit in the plan it is a minute, and none for a driver that limits its operations itself',
  async (t) => {
    for (const [limitsOperations, expected] of [
      [false, { operation_timeout: 1, driver_gave_no_answer: 1 }],
      [true, { driver_gave_no_answer: 1 }],
    ] as const) {
      const clock = new FakeClock();
      const driver = { ...hangingDriver(clock, { opened: 0, closed: 0 }), limitsOperations };
      const run = await startEngine(clock, driver, {
        scenarios: {
          s: { executor: 'constant-vus', vus: 1, duration: '100s', gracefulStop: '1s', operations: [hang] },
        },
      });
      await clock.until(run.ended);
      t.strictSame(kindsOf(rowsOf(run.windows)), expected);
    }
  },
);

t.test('a session that cannot be closed is told of, once, and how many were left at the end', async (t) => {
  const clock = new FakeClock();
  const sessions = { opened: 0, closed: 0 };
  const run = await startEngine(clock, hangingDriver(clock, sessions, { close: never }), {
    drivers: { hanging: { operationTimeout: '1s' } },
    scenarios: { s: { executor: 'constant-vus', vus: 2, duration: '10s', gracefulStop: '3s', operations: [hang] } },
  });
  await clock.until(run.ended);
  t.ok(sessions.opened > 10, `${sessions.opened}`);
  t.strictSame(run.warnings, [
    'a session of driver hanging could not be closed: it took longer than 5 s',
    `driver hanging leaks sessions: ${sessions.opened} could not be closed, so up to ${sessions.opened + 2} were open for 2 virtual users`,
  ]);
});

t.test('a new session that does not open fails the operations until one does', async (t) => {
  const clock = new FakeClock();
  let opened = 0;
  const driver = plugin({
    connect: async () => {
      const n = opened++;
      if (n === 1) throw new Error('no port is free');
      if (n === 2) return never();
      return {
        send: () =>
          n === 0 ? never() : new Promise<Outcome>((resolve) => void clock.after(100_000, () => resolve(OK))),
        close: () => {},
      };
    },
    close: () => {},
  });
  const run = await startEngine(clock, driver, {
    drivers: { hanging: { operationTimeout: '1s' } },
    scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '60s', thinkTime: '100ms', operations: [a] } },
  });
  await clock.until(run.ended);
  const { kinds, examples } = merged(rowsOf(run.windows));
  t.equal(kinds.operation_timeout, 1);
  t.ok((kinds.driver_threw ?? 0) > 5, JSON.stringify(kinds));
  t.strictSame(
    [...new Set(examples)],
    [
      'driver hanging had not ended the operation after 1 s; the virtual user goes on with a new session',
      'no new session could be opened: no port is free',
      'no new session could be opened: driver hanging had opened no session after 30 s',
    ],
  );
  t.ok(totals([run]).requests - totals([run]).errors > 50, 'and then it goes on');
});

t.test('what the driver says of an operation after its limit is not counted', async (t) => {
  const clock = new FakeClock();
  const driver = plugin({
    connect: () => ({
      send: () => new Promise<Outcome>((resolve) => void clock.after(1.5 * SECOND_US, () => resolve(OK))),
      close: () => {},
    }),
    close: () => {},
  });
  const run = await startEngine(clock, driver, {
    drivers: { hanging: { operationTimeout: '1s' } },
    scenarios: { s: { executor: 'per-vu-iterations', vus: 1, iterations: 4, operations: [a] } },
  });
  await clock.until(run.ended);
  t.strictSame(kindsOf(rowsOf(run.windows)), { operation_timeout: 4 });
  t.equal(totals([run]).requests, 4);
});

t.test(
  'a driver that cannot say whether its data are used up fails its operations, and the others go on',
  async (t) => {
    const clock = new FakeClock();
    const driver = plugin({
      connect: ({ index }) => ({
        get finished() {
          if (index === 0) throw new Error('the data file is gone');
          return false;
        },
        send: () => new Promise<Outcome>((resolve) => void clock.after(100_000, () => resolve(OK))),
        close: () => {},
      }),
      close: () => {},
    });
    const run = await startEngine(clock, driver, {
      scenarios: { s: { executor: 'constant-vus', vus: 2, duration: '5s', thinkTime: '100ms', operations: [a] } },
    });
    await clock.until(run.ended);
    t.strictSame(run.failures, []);
    const { kinds, examples } = merged(rowsOf(run.windows));
    t.strictSame(Object.keys(kinds), ['driver_threw']);
    t.ok(examples.includes('the data file is gone'));
    t.ok(totals([run]).requests - totals([run]).errors >= 25);
  },
);

/** One operation with a limit of 3 s. @param begun called when it begins, with what answers it */
async function heldUp(begun: (clock: FakeClock, answer: () => void) => void) {
  const clock = new FakeClock();
  const send = () => new Promise<Outcome>((resolve) => begun(clock, () => resolve(OK)));
  const driver = plugin({ connect: () => ({ send, close: () => {} }), close: () => {} });
  const run = await startEngine(clock, driver, {
    drivers: { hanging: { operationTimeout: '3s' } },
    scenarios: { s: { executor: 'per-vu-iterations', vus: 1, iterations: 1, operations: [a] } },
  });
  await clock.until(run.ended);
  return merged(rowsOf(run.windows));
}

t.test('an event loop that is held up again and again makes no limit much longer', async (t) => {
  const { kinds, serviceTime } = await heldUp((clock) => {
    const hold = () => {
      clock.block(600_000);
      clock.after(10_000, hold);
    };
    clock.after(10_000, hold);
  });
  t.strictSame(kinds, { operation_timeout: 1 });
  t.ok(serviceTime.minUs >= 3 * SECOND_US && serviceTime.maxUs < 5 * SECOND_US, `${serviceTime.maxUs} µs`);
});

t.test('an answer that came while the event loop stood still, for longer than the limit, is an answer', async (t) => {
  const { kinds, count } = await heldUp((clock, answer) => {
    clock.after(50_000, () => {
      clock.block(5 * SECOND_US);
      // What has arrived is read after the timers that are due.
      clock.soon(answer);
    });
  });
  t.strictSame([count, kinds], [1, {}]);
});
