import t from 'tap';
import { type DriverPlugin, defineDriver, type Outcome } from '../../../core/plugin.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { ABORTED, OK, startEngine, totals } from '../../kit/engine.ts';
import { matchEach } from '../../kit/match-each.ts';
import fc from '../../kit/property.ts';

const SECOND_US = 1e6;
const operation = (name: string) => [{ driver: 'scripted', operation: name }];
const closed = (name: string, duration: string, more: object = {}) => ({
  executor: 'constant-vus' as const,
  vus: 2,
  duration,
  thinkTime: '800ms',
  operations: operation(name),
  ...more,
});
const open = (name: string, duration: string, more: object = {}) => ({
  executor: 'constant-arrival-rate' as const,
  rate: 1,
  duration,
  maxVus: 5,
  operations: operation(name),
  ...more,
});

/** Operation `deaf` answers when `answer` is called, whatever its signal says; `stuck` when it is cut off; others at once. */
function driverOf(clock: FakeClock): { plugin: DriverPlugin; begun: Record<string, number[]>; answer: () => void } {
  const begun: Record<string, number[]> = {};
  const waiting: (() => void)[] = [];
  const answerOf = (name: string, signal: AbortSignal) =>
    new Promise<Outcome>((resolve) => {
      if (name === 'deaf') waiting.push(() => resolve(OK));
      else if (name === 'stuck') signal.addEventListener('abort', () => resolve(ABORTED));
      else clock.after(100_000, () => resolve(OK));
    });
  const plugin = defineDriver({
    name: 'scripted',
    description: '',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
    operations: () => ['a', 'b', 'deaf', 'stuck'].map((name) => ({ name, type: 'TEST' })),
    open: () => ({
      connect: () => ({
        send: (name, signal) => {
          begun[name] ??= [];
          begun[name].push(clock.nowUs());
          return answerOf(name, signal);
        },
        close: () => {},
      }),
      close: () => {},
    }),
  });
  return { plugin, begun, answer: () => waiting.splice(0).forEach((resolve) => void resolve()) };
}

/** How many operations of each name there were, and when the agent was through, in seconds. */
async function outcomeOf(scenarios: Record<string, object>, patienceSeconds: number) {
  const clock = new FakeClock();
  const { plugin, begun, answer } = driverOf(clock);
  const startUs = clock.nowUs();
  const run = await startEngine(clock, plugin, { scenarios: scenarios as never });
  let endUs = Number.POSITIVE_INFINITY;
  void run.ended.then(() => {
    endUs = clock.nowUs();
  });
  for (let passed = 0; passed < patienceSeconds && endUs === Number.POSITIVE_INFINITY; passed++) {
    await clock.advance(SECOND_US);
  }
  const counts = Object.fromEntries(Object.entries(begun).map(([name, times]) => [name, times.length]));
  return { counts, endSecond: (endUs - startUs) / SECOND_US, run, clock, answer };
}

t.test('a scenario that is over ends no other', async (t) => {
  const { counts, endSecond, run } = await outcomeOf(
    { short: closed('a', '5s', { gracefulStop: '1s' }), long: open('b', '60s') },
    120,
  );
  t.same(counts, { a: 12, b: 60 });
  t.ok(endSecond >= 59 && endSecond <= 61, `through after ${endSecond} s`);
  t.equal(totals([run]).requests, 72);
});

t.test('a scenario that starts long after the others are over has its load', async (t) => {
  for (const late of [open('b', '5s', { startTime: '60s' }), closed('b', '5s', { startTime: '60s' })]) {
    const { counts, run } = await outcomeOf({ first: closed('a', '5s', { gracefulStop: '0s' }), late }, 120);
    t.same(counts, { a: 12, b: late.executor === 'constant-vus' ? 12 : 5 });
    t.equal(run.windows.at(-1)?.second, 64);
  }
});

t.test('each scenario of two is carried out as if it were alone', async () => {
  const scenario = fc.record({
    make: fc.constantFrom(closed, open),
    seconds: fc.integer({ min: 1, max: 20 }),
    startSeconds: fc.integer({ min: 0, max: 20 }),
    graceSeconds: fc.integer({ min: 0, max: 3 }),
  });
  type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;
  const planned = (name: string, { make, seconds, startSeconds, graceSeconds }: Scenario) =>
    make(name, `${seconds}s`, { startTime: `${startSeconds}s`, gracefulStop: `${graceSeconds}s` });
  await fc.assert(
    fc.asyncProperty(scenario, scenario, async (first, second) => {
      const both = await outcomeOf({ x: planned('a', first), y: planned('b', second) }, 60);
      const x = await outcomeOf({ x: planned('a', first) }, 60);
      const y = await outcomeOf({ y: planned('b', second) }, 60);
      return both.counts.a === x.counts.a && both.counts.b === y.counts.b;
    }),
    { numRuns: 15 },
  );
});

t.test('a driver that ignores its signal in one of two scenarios', async (t) => {
  const short = await outcomeOf({ deaf: closed('deaf', '2s', { gracefulStop: '1s' }), long: open('b', '30s') }, 120);
  t.equal(short.counts.b, 30, 'does not end the other');
  t.ok(short.endSecond <= 31, `nor hold the run up: through after ${short.endSecond} s`);
  t.equal(totals([short.run]).errors, 2);
  const counted = totals([short.run]).requests;
  short.answer();
  await short.clock.advance(SECOND_US);
  t.equal(totals([short.run]).requests, counted);

  const long = await outcomeOf({ deaf: closed('deaf', '30s', { gracefulStop: '1s' }), short: open('b', '2s') }, 120);
  t.equal(long.endSecond, 36, 'is waited for until its own time, graceful stop and 5 s more are over');
  const unanswered = long.run.windows.flatMap(({ operations }) => operations.filter(({ errors }) => errors > 0));
  matchEach(t, unanswered, [{ operation: 0, errors: 2, errorKinds: [{ kind: 'driver_gave_no_answer', count: 2 }] }]);
  t.equal(totals([long.run]).serviceTime.maxUs, 36 * SECOND_US, 'and has failed, with all the time that it took');

  const told = long.run.windows.length;
  const closing = long.run.engine.recorder.finalTotals();
  long.answer();
  await long.clock.advance(10 * SECOND_US);
  t.equal(long.run.windows.length, told, 'what it answers after the end makes no window');
  t.same(long.run.engine.recorder.finalTotals(), closing, 'and no total');
});

t.test('an operation that is answered after it was given up counts once, while another scenario goes on', async (t) => {
  for (const make of [closed, open]) {
    const clock = new FakeClock();
    const { plugin, begun, answer } = driverOf(clock);
    const scenarios = { deaf: make('deaf', '2s', { gracefulStop: '1s' }), long: open('b', '30s') };
    const run = await startEngine(clock, plugin, { scenarios });
    await clock.advance(10 * SECOND_US);
    answer();
    await clock.advance(22 * SECOND_US);
    await run.ended;
    t.equal(begun.deaf?.length, 2);
    t.equal(totals([run]).byOperation.get(0), 2);
    t.equal(totals([run]).errors, 2);
  }
});

t.test('operations in flight are cut off after the graceful stop of their own scenario', async (t) => {
  const { run, endSecond } = await outcomeOf(
    { stuck: closed('stuck', '2s', { gracefulStop: '1s' }), long: open('b', '10s') },
    60,
  );
  t.equal(totals([run]).errors, 2);
  t.equal(run.windows.find(({ operations }) => operations.some(({ errors }) => errors > 0))?.second, 3);
  t.ok(endSecond <= 11);
});

t.test('a stop before the start ends a scenario that would have started later, too', async (t) => {
  for (const late of [open('b', '5s', { startTime: '60s' }), closed('b', '5s', { startTime: '60s' })]) {
    const clock = new FakeClock();
    const { plugin, begun } = driverOf(clock);
    const run = await startEngine(clock, plugin, { scenarios: { late } as never }, undefined, (engine) =>
      engine.stop(),
    );
    await clock.advance(SECOND_US);
    await run.ended;
    t.same(begun, {});
  }
});
