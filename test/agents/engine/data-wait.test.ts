import t from 'tap';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { OK, ScriptedDriver, startEngine } from '../../kit/engine.ts';

const SECOND_US = 1e6;
const operations = [{ driver: 'scripted', operation: 'a' }];

/** Rows that come when the test says, as dealt by a control. */
class Rows {
  left: number;
  isOver = false;
  sent: number[] = [];
  #changed = Promise.withResolvers<void>();

  constructor(left: number) {
    this.left = left;
  }

  get finished(): boolean | Promise<unknown> {
    if (this.left > 0) return false;
    return this.isOver || this.#changed.promise;
  }

  come(rows: number): void {
    this.left += rows;
    this.isOver = rows === 0;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

async function load(rows: Rows, scenario: PlanInput['scenarios'][string]) {
  const clock = new FakeClock();
  const { plugin } = new ScriptedDriver(clock, () => 0);
  const open = () => ({
    connect: () => ({
      get finished() {
        return rows.finished;
      },
      send: () => {
        if (rows.left === 0) throw new Error('sent without a row');
        rows.left--;
        rows.sent.push(clock.nowUs());
        return new Promise<typeof OK>((resolve) => void clock.after(10_000, () => resolve(OK)));
      },
      close: () => {},
    }),
    close: () => {},
  });
  const startUs = clock.nowUs();
  const run = await startEngine(clock, { ...plugin, open }, { scenarios: { s: scenario } });
  return { clock, run, startUs };
}

for (const [kind, scenario] of Object.entries({
  closed: { executor: 'constant-vus', vus: 4, duration: '5s', thinkTime: '100ms', operations },
  open: { executor: 'constant-arrival-rate', rate: 40, duration: '5s', maxVus: 20, operations },
  flow: { executor: 'constant-vus', vus: 4, duration: '5s', flow: [...operations, { pause: '100ms' }] },
} satisfies Record<string, PlanInput['scenarios'][string]>)) {
  t.test(
    `${kind} load: users wait for rows, each row is sent once, and the wait is a delay of the generator`,
    async (t) => {
      const rows = new Rows(10);
      const { clock, run, startUs } = await load(rows, scenario);
      await clock.advance(SECOND_US);
      t.equal(rows.sent.length, 10);
      // Fewer than wait for one.
      rows.come(2);
      await clock.advance(SECOND_US);
      t.equal(rows.sent.length, 12);
      rows.come(30);
      await clock.advance(0.05 * SECOND_US);
      t.ok(rows.sent.length > 12);
      await clock.advance(2 * SECOND_US);
      rows.come(0);
      await clock.advance(SECOND_US);
      const loadUs = await run.ended;
      t.equal(rows.sent.length, 42, 'all of them');
      t.ok(loadUs < 4.5 * SECOND_US, 'the end of the rows ends the load');
      const measured = run.windows.flatMap((window) => window.operations.filter(({ operation }) => operation === 0));
      t.equal(
        measured.reduce((sum, { errors }) => sum + errors, 0),
        0,
      );
      const sendDelayUs = Math.max(...measured.map(({ sendDelay }) => sendDelay.maxUs));
      const serviceUs = Math.max(...measured.map(({ serviceTime }) => serviceTime.maxUs));
      t.ok(sendDelayUs > 0.5 * SECOND_US, `${sendDelayUs}`);
      t.ok(serviceUs < 20_000, `${serviceUs}: it is in no service time`);
      t.ok(rows.sent.every((atUs) => atUs >= startUs));
    },
  );
}

/** Operations a, which takes one of so many rows, b and c; and how often each was sent. */
function driverOfRows(clock: FakeClock, rows: number) {
  let left = rows;
  const sent = { a: 0, b: 0, c: 0 };
  const open = () => ({
    connect: () => ({
      get finished() {
        return left === 0;
      },
      finishedFor: (operation: string) => operation === 'a' && left === 0,
      send: (operation: string) => {
        sent[operation as keyof typeof sent]++;
        if (operation === 'a') left--;
        return new Promise<typeof OK>((resolve) => void clock.after(10_000, () => resolve(OK)));
      },
      close: () => {},
    }),
    close: () => {},
  });
  const { plugin } = new ScriptedDriver(clock, () => 0);
  return {
    sent,
    plugin: { ...plugin, operations: () => ['a', 'b', 'c'].map((name) => ({ name, type: 'TEST' })), open },
  };
}

t.test('a pass that has its row goes on when no other is left, and so do the steps at the end', async (t) => {
  const clock = new FakeClock();
  const { plugin, sent } = driverOfRows(clock, 5);
  const b = { driver: 'scripted', operation: 'b' };
  const flow = [...operations, b, b];
  const scenario = { executor: 'per-vu-iterations' as const, vus: 2, iterations: 10, flow, onStop: [b] };
  const run = await startEngine(clock, plugin, { scenarios: { s: scenario } });
  await clock.advance(SECOND_US);
  await run.ended;
  t.match(sent, { a: 5, b: 5 * 2 + 2 });
  const failed = run.windows.flatMap((window) => window.operations.map(({ errors }) => errors));
  t.ok(failed.length > 0 && failed.every((errors) => errors === 0));
});

for (const [kind, work] of Object.entries({
  flow: { flow: [{ driver: 'scripted', operation: 'b' }, { pause: '100ms' }] },
  mix: { operations: [{ driver: 'scripted', operation: 'b' }], thinkTime: '100ms' },
})) {
  t.test(`${kind}: users that took their row once, at their start, go on when no other is left`, async (t) => {
    const clock = new FakeClock();
    const { plugin, sent } = driverOfRows(clock, 3);
    const scenario = {
      executor: 'constant-vus' as const,
      vus: 4,
      duration: '2s',
      onStart: operations,
      onStop: [{ driver: 'scripted', operation: 'c' }],
      ...work,
    };
    const run = await startEngine(clock, plugin, { scenarios: { s: scenario } });
    await clock.advance(3 * SECOND_US);
    const loadUs = await run.ended;
    t.equal(sent.a, 3);
    t.equal(sent.c, 3, 'each user that began has its steps at the end');
    t.ok(sent.b >= 3 * 15, `${sent.b}`);
    t.ok(loadUs >= 2 * SECOND_US, `the load ended after ${loadUs}`);
  });
}

t.test('users that wait for rows do not hold up the end of the load', async (t) => {
  const rows = new Rows(3);
  const scenario = { executor: 'constant-vus' as const, vus: 4, duration: '2s', gracefulStop: '1s', operations };
  const { clock, run } = await load(rows, scenario);
  await clock.advance(4 * SECOND_US);
  t.equal(rows.sent.length, 3);
  t.ok((await run.ended) <= 3.1 * SECOND_US);
});
