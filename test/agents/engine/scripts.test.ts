/** Virtual users whose passes are a script: what is due when, what is recorded, and how it ends. */

import t from 'tap';
import { Engine } from '../../../agents/engine/engine.ts';
import { IDLE_HOST } from '../../../agents/simulation/synthetic-window.ts';
import { parsePlan } from '../../../core/plan/parse.ts';
import { resolvePlan } from '../../../core/plan/resolve.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { equalShare, type Share } from '../../../core/plan/split.ts';
import { type DriverPlugin, defineDriver, type Outcome } from '../../../core/plugin.ts';
import { defineUser, type UserDefinition } from '../../../core/script/define-user.ts';
import type { ScriptSource } from '../../../core/script/script-source.ts';
import { Histogram } from '../../../core/stats/histogram.ts';
import type { FinalTotal, OperationWindow, RowFigures, Window } from '../../../core/stats/window.ts';
import { OK } from '../../kit/engine.ts';
import { FakeClock } from '../../kit/fake-clock.ts';

const SECOND_US = 1e6;
type Scenario = PlanInput['scenarios'][string];

interface Call {
  readonly user: number;
  readonly name: string;
  readonly atUs: number;
  readonly variables: Readonly<Record<string, string>>;
}

/** A driver whose operations take 10 ms; what comes of them a test decides. */
function shop(clock: FakeClock, calls: Call[], answer: (call: Call) => Outcome | undefined): DriverPlugin {
  return defineDriver({
    name: 'shop',
    description: '',
    options: { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } },
    operations: () => [
      { name: 'list', type: 'TEST', sets: ['item'] },
      { name: 'order', type: 'TEST' },
    ],
    open: () => ({
      connect: ({ index, variables }) => ({
        send: (name, signal) => {
          const call = { user: index, name, atUs: clock.nowUs(), variables: Object.fromEntries(variables) };
          calls.push(call);
          return new Promise<Outcome>((resolve) => {
            signal.addEventListener('abort', () => resolve({ ...OK, ok: false, errorKind: 'aborted', message: '' }));
            clock.after(10_000, () => {
              const outcome = answer(call);
              if (name === 'list') variables.set('item', '17');
              if (outcome) resolve(outcome);
            });
          });
        },
        close: () => {},
      }),
      close: () => {},
    }),
  });
}

interface Run {
  readonly startUs: number;
  readonly calls: readonly Call[];
  readonly windows: readonly Window[];
  readonly warnings: readonly string[];
  readonly finalTotals: readonly FinalTotal[];
}

interface RunOptions {
  readonly seconds: number;
  readonly clock?: FakeClock;
  readonly share?: Share;
  readonly answer?: (call: Call) => Outcome | undefined;
  readonly openData?: ScriptSource['openData'];
  /** Called once the load runs. */
  readonly begun?: (engine: Engine) => void;
}

async function run(definition: UserDefinition, scenario: object, options: RunOptions): Promise<Run> {
  const { seconds, clock = new FakeClock(), share = equalShare(0, 1), answer = () => OK } = options;
  const calls: Call[] = [];
  const plugin = shop(clock, calls, answer);
  const source = { user: './shopper.ts', ...scenario } as Scenario;
  const plan = await resolvePlan(
    parsePlan({ name: 'test', drivers: { shop: {} }, scenarios: { shoppers: source } }),
    async () => plugin,
    async () => ({ drivers: ['shop'], ...definition }),
  );
  const windows: Window[] = [];
  const warnings: string[] = [];
  const engine = new Engine({
    runId: 'run',
    plan,
    share,
    baseDirectory: '.',
    openData: options.openData,
    hide: (text) => text,
    clock,
    host: () => IDLE_HOST,
    emit: (window) => windows.push(window),
    warn: (text) => warnings.push(text),
    failed: (error) => t.fail(String(error)),
  });
  await engine.prepare();
  const startUs = clock.nowUs();
  const ended = engine.run(startUs).then(() => engine.close());
  options.begun?.(engine);
  await clock.advance(seconds * SECOND_US);
  await ended;
  return { startUs, calls, windows, warnings, finalTotals: engine.recorder.finalTotals() };
}

interface Row {
  readonly count: number;
  readonly errors: number;
  readonly responseTime: Histogram;
  readonly serviceTime: Histogram;
  readonly sendDelay: Histogram;
  readonly kinds: Readonly<Record<string, number>>;
  readonly examples: readonly string[];
}

function merged(rows: readonly RowFigures[]): Row {
  const responseTime = new Histogram();
  const serviceTime = new Histogram();
  const sendDelay = new Histogram();
  const kinds: Record<string, number> = {};
  const examples: string[] = [];
  let errors = 0;
  for (const row of rows) {
    responseTime.addEncoded(row.responseTime);
    serviceTime.addEncoded(row.serviceTime);
    sendDelay.addEncoded(row.sendDelay);
    errors += row.errors;
    for (const { kind, count, example } of row.errorKinds) {
      kinds[kind] = (kinds[kind] ?? 0) + count;
      examples.push(example);
    }
  }
  return { count: responseTime.count, errors, responseTime, serviceTime, sendDelay, kinds, examples };
}

/** The journey's row: a script's plan has no other. */
function journeyOf(runs: readonly Run[]): Row {
  return merged(
    runs.flatMap(({ windows }) => windows.flatMap(({ operations }): readonly OperationWindow[] => operations)),
  );
}

function rowOf(runs: readonly Run[], name: string): Row {
  const rows = runs.flatMap(({ windows }) => windows.flatMap(({ script }) => script?.rows ?? []));
  return merged(rows.filter(({ row }) => row.name === name));
}

function checkOf(runs: readonly Run[], name: string): { passes: number; fails: number } {
  const sum = { passes: 0, fails: 0 };
  for (const check of runs.flatMap(({ windows }) => windows.flatMap(({ script }) => script?.checks ?? []))) {
    if (check.name !== name) continue;
    sum.passes += check.passes;
    sum.fails += check.fails;
  }
  return sum;
}

async function beside(...waits: Promise<unknown>[]): Promise<void> {
  await Promise.all(waits);
}

const PER_VU = { executor: 'per-vu-iterations', vus: 2, iterations: 10 };

t.test('a pass is one call of iterate: its requests, spans and checks have rows under their own names', async (t) => {
  const definition = defineUser({
    async iterate({ driver, pause, measure, check }) {
      const list = await measure('look around', () => driver('shop').send('list'));
      check('list is there', list.ok);
      await pause('70ms');
      await driver('shop').send('order', { name: 'buy' });
      await driver('shop').send('order', { name: 'buy' });
    },
  });
  const ended = [await run(definition, PER_VU, { seconds: 5 })];
  const [{ calls, finalTotals }] = ended as [Run];
  t.equal(calls.length, 2 * 10 * 3);
  t.equal(rowOf(ended, 'list').count, 20);
  const buy = rowOf(ended, 'buy');
  t.equal(buy.count, 40);
  t.equal(buy.responseTime.maxUs, 10_000, 'a pause is no delay of the request after it');
  t.equal(rowOf(ended, 'look around').responseTime.maxUs, 10_000);
  t.strictSame(checkOf(ended, 'list is there'), { passes: 20, fails: 0 });
  const journey = journeyOf(ended);
  t.equal(journey.count, 20, 'an iteration is a pass');
  t.equal(journey.errors, 0);
  t.equal(journey.responseTime.minUs, 100_000, 'with the pause');
  t.equal(journey.serviceTime.maxUs, 30_000, 'without the pause');
  t.strictSame(
    finalTotals.map(({ operation, count, errors }) => [operation, count, errors]).sort(([a = 0], [b = 0]) => a - b),
    [
      [0, 20, 0],
      [1, 60, 0],
      [2, 20, 0],
      [3, 20, 0],
    ],
    'the journey, and all requests, spans and checks of scripts',
  );
});

t.test('tasks are drawn by weight, and the same seed gives every user the same, over two agents too', async (t) => {
  const definition = defineUser({
    tasks: {
      browse: { weight: 3, run: async ({ driver }) => void (await driver('shop').send('list')) },
      order: {
        run: async ({ driver, random, pause }) => {
          await pause({ uniform: [1, random.int(2, 50)] });
          await driver('shop').send('order');
        },
      },
      never: { weight: 0, run: ({ fail }) => fail('drawn') },
    },
  });
  const passes = async (agents: number) => {
    const runs = [];
    for (let i = 0; i < agents; i++) {
      runs.push(
        await run(
          definition,
          { executor: 'per-vu-iterations', vus: 4, iterations: 100 },
          { seconds: 30, share: equalShare(i, agents) },
        ),
      );
    }
    t.equal(journeyOf(runs).errors, 0);
    return Object.fromEntries(
      [
        ...Map.groupBy(
          runs.flatMap(({ calls }) => calls),
          ({ user }) => user,
        ),
      ]
        .sort(([a], [b]) => a - b)
        .map(([user, calls]) => [user, calls.map(({ name }) => name)]),
    );
  };
  const alone = await passes(1);
  t.strictSame(await passes(2), alone);
  const lists = Object.values(alone)
    .flat()
    .filter((name) => name === 'list').length;
  t.ok(lists > 260 && lists < 340, `${lists} of 400`);
});

t.test('what a script throws fails the pass under its message, and the virtual user goes on', async (t) => {
  let passes = 0;
  const definition = defineUser({
    tasks: {
      pay: {
        run: async ({ driver, fail }) => {
          await driver('shop').send('list');
          passes += 1;
          if (passes % 4 === 0) throw new TypeError(`order ${passes} is not a function`);
          if (passes % 4 === 1) fail(`order ${passes} was not paid`);
          if (passes % 4 === 2) await driver('shop').send('oder');
        },
      },
    },
  });
  const ended = [await run(definition, { executor: 'per-vu-iterations', vus: 1, iterations: 40 }, { seconds: 5 })];
  const journey = journeyOf(ended);
  t.equal(journey.count, 40);
  t.strictSame(journey.kinds, {
    'pay: order # was not paid': 10,
    'pay: driver "shop" has no operation "oder"; did you mean "order"?': 10,
    'pay: TypeError: order # is not a function': 10,
  });
  t.match(
    journey.examples.find((example) => example.startsWith('TypeError')),
    /^TypeError: order 4 is not a function$/,
  );
  t.equal(rowOf(ended, 'list').errors, 0, 'the request itself has not failed');
});

t.test('a virtual user whose onStart throws is tried again later, and told apart', async (t) => {
  let tries = 0;
  const stopped: number[] = [];
  const definition = defineUser<{ token: string }>({
    onStart: ({ vars, fail }) => {
      tries += 1;
      if (tries <= 2) fail('no token');
      vars.token = 'T';
    },
    iterate: async ({ driver, vars }) => {
      const { ok } = await driver('shop').send('order');
      if (!ok || vars.token !== 'T') throw new Error('no token in the pass');
    },
    onStop: ({ index }) => void stopped.push(index),
  });
  const scenario = { executor: 'constant-vus', vus: 1, duration: '5s' };
  const ended = [await run(definition as UserDefinition, scenario, { seconds: 10 })];
  const journey = journeyOf(ended);
  t.equal(tries, 3);
  t.strictSame(journey.kinds, { start_failed: 2 });
  t.strictSame(journey.examples, ['onStart failed: no token', 'onStart failed: no token']);
  const [{ calls, startUs }] = ended as [Run];
  t.equal(calls[0]?.atUs, startUs + 3 * SECOND_US, 'after 1 s and then 2 s');
  t.strictSame(stopped, [0]);
});

t.test('variables are shared with the operations of the plan, both ways', async (t) => {
  const definition = defineUser<{ item?: string; count: number; list: string[] }>({
    iterate: async ({ driver, vars, iteration, check }) => {
      vars.count = iteration;
      vars.list = ['not text'];
      await driver('shop').send('list');
      check('item was taken over', vars.item === '17');
      await driver('shop').send('order');
    },
  });
  const ended = [await run(definition as UserDefinition, { ...PER_VU, vus: 1, iterations: 2 }, { seconds: 1 })];
  t.strictSame(
    (ended[0] as Run).calls.map(({ variables }) => variables),
    [{ count: '0' }, { count: '0', item: '17' }, { count: '1', item: '17' }, { count: '1', item: '17' }],
  );
  t.strictSame(checkOf(ended, 'item was taken over'), { passes: 2, fails: 0 });
});

t.test('operations of one driver run one after the other, however a script calls them', async (t) => {
  const definition = defineUser({
    iterate: async ({ driver }) => {
      await Promise.all(['list', 'order', 'list'].map((name) => driver('shop').send(name)));
    },
  });
  const ended = await run(definition, { ...PER_VU, vus: 1, iterations: 1 }, { seconds: 1 });
  t.strictSame(
    ended.calls.map(({ atUs }) => atUs - ended.startUs),
    [0, 10_000, 20_000],
  );
  t.equal(journeyOf([ended]).responseTime.maxUs, 30_000);
  for (const name of ['list', 'order']) {
    const { sendDelay, responseTime } = rowOf([ended], name);
    t.equal(sendDelay.maxUs, 0, 'each is due when the one before has ended');
    t.equal(responseTime.maxUs, 10_000);
  }
});

t.test(
  'a pause beside a request, or beside another pause, takes nothing from the service time of its pass',
  async (t) => {
    const passes: Record<string, [NonNullable<UserDefinition['iterate']>, number]> = {
      'longer than the request': [({ driver, pause }) => beside(driver('shop').send('list'), pause(50)), 10_000],
      'shorter than the request': [({ driver, pause }) => beside(driver('shop').send('list'), pause(4)), 10_000],
      'several beside two requests': [
        ({ driver, pause }) =>
          beside(driver('shop').send('list'), driver('shop').send('list'), pause(4), pause(15), pause(60)),
        20_000,
      ],
      'two before a request': [
        async ({ driver, pause }) => {
          await beside(pause(30), pause(50));
          await driver('shop').send('list');
        },
        10_000,
      ],
      'one that is not waited for': [
        async ({ driver, pause }) => {
          await driver('shop').send('list');
          await Promise.race([pause(30), pause(50)]);
        },
        10_000,
      ],
    };
    for (const [name, [iterate, serviceUs]] of Object.entries(passes)) {
      const ended = [await run(defineUser({ iterate }), { ...PER_VU, vus: 1, iterations: 3 }, { seconds: 5 })];
      const { count, serviceTime } = journeyOf(ended);
      t.equal(count, 3);
      t.equal(serviceTime.maxUs, serviceUs, name);
      t.equal(serviceTime.minUs, serviceUs, name);
    }
  },
);

t.test('what a script awaits itself is neither pause nor delay of the request after it', async (t) => {
  const clock = new FakeClock();
  const definition = defineUser({
    iterate: async ({ driver }) => {
      await driver('shop').send('list');
      await new Promise<void>((resolve) => clock.after(300_000, resolve));
      await driver('shop').send('order');
    },
  });
  const ended = [await run(definition, { ...PER_VU, iterations: 3 }, { seconds: 5, clock })];
  t.equal(rowOf(ended, 'order').sendDelay.maxUs, 0);
  t.equal(rowOf(ended, 'order').count, 6);
  t.equal(journeyOf(ended).serviceTime.maxUs, 320_000);
});

t.test('an arrival is a pass: its first request is due when the arrival was', async (t) => {
  const definition = defineUser({
    iterate: async ({ driver, pause }) => {
      await driver('shop').send('list');
      await pause(100);
      await driver('shop').send('order');
    },
  });
  const scenario = { executor: 'constant-arrival-rate', rate: 20, maxVus: 5, duration: '2s' };
  const ended = [await run(definition, scenario, { seconds: 5 })];
  t.equal(journeyOf(ended).count, 40);
  t.equal(rowOf(ended, 'order').count, 40);
  const { maxUs } = journeyOf(ended).responseTime;
  t.ok(maxUs >= 120_000 && maxUs < 121_000, `${maxUs} µs`);
});

t.test('while the load is paused a script sends nothing, and the time counts as pause', async (t) => {
  const definition = defineUser({
    iterate: async ({ driver }) => {
      for (let i = 0; i < 10; i++) await driver('shop').send('list');
    },
  });
  const scenario = { executor: 'constant-vus', vus: 1, duration: '4s' };
  const begun = (engine: Engine) => {
    engine.change({ kind: 'pause', atUs: 1e6 });
    engine.change({ kind: 'resume', atUs: 2e6 });
  };
  const ended = await run(definition, scenario, { seconds: 6, begun });
  const paused = ended.calls.filter(({ atUs }) => atUs - ended.startUs > 1.03e6 && atUs - ended.startUs < 1.98e6);
  t.equal(paused.length, 0);
  const journey = journeyOf([ended]);
  t.equal(journey.errors, 0);
  t.ok(journey.serviceTime.maxUs < 130_000, `${journey.serviceTime.maxUs} µs without the pause`);
  t.ok(rowOf([ended], 'list').sendDelay.maxUs < 20_000, 'nor is it a delay of the request after it');
  t.ok(rowOf([ended], 'list').count > 290);
});

t.test('a pass that a pause holds up ends when the load is stopped', async (t) => {
  const definition = defineUser({
    iterate: async ({ driver }) => {
      for (let i = 0; i < 10; i++) await driver('shop').send('list');
    },
  });
  const scenario = { executor: 'constant-vus', vus: 2, duration: '60s' };
  const clock = new FakeClock();
  const begun = (engine: Engine) => {
    engine.change({ kind: 'pause', atUs: 1_030_000 });
    clock.after(2e6, () => engine.stop());
  };
  const ended = await run(definition, scenario, { seconds: 3, clock, begun });
  const journey = journeyOf([ended]);
  t.strictSame(journey.kinds, {});
  t.equal(rowOf([ended], 'list').count, 10 * journey.count, 'to its last request');
  t.ok(ended.calls.some(({ atUs }) => atUs - ended.startUs >= 2e6));
});

t.test('a virtual user that is stopped during onStart does its onStop', async (t) => {
  const clock = new FakeClock();
  const done: string[] = [];
  const definition = defineUser({
    onStart: async () => {
      await new Promise<void>((resolve) => clock.after(1_500_000, resolve));
      done.push('onStart');
    },
    iterate: () => void done.push('iterate'),
    onStop: () => void done.push('onStop'),
  });
  await run(definition, { executor: 'constant-vus', vus: 1, duration: '1s' }, { seconds: 3, clock });
  t.strictSame(done, ['onStart', 'onStop']);
});

t.test('at the end of the load a pass may end within the graceful stop; then it is cut off', async (t) => {
  const definition = defineUser({
    iterate: async ({ driver, pause, signal }) => {
      while (!signal.aborted) {
        await driver('shop').send('list');
        await pause('100ms');
      }
    },
  });
  const scenario = { executor: 'constant-vus', vus: 2, duration: '2s', gracefulStop: '1s' };
  const ended = [await run(definition, scenario, { seconds: 5 })];
  const journey = journeyOf(ended);
  t.strictSame(journey.kinds, { aborted: 2 });
  t.equal(journey.responseTime.maxUs, 3 * SECOND_US, 'no longer than the graceful stop');
  t.equal(rowOf(ended, 'list').count, 2 * 28);
});

t.test(
  'a script that never ends is waited for no longer, and told as such; nothing of it counts any more',
  async (t) => {
    const clock = new FakeClock();
    let loops = 0;
    const definition = defineUser({
      iterate: async ({ driver, index }) => {
        if (index === 0) await new Promise(() => {});
        for (;;) {
          await driver('shop').send('list');
          loops += 1;
        }
      },
    });
    const scenario = { executor: 'constant-vus', vus: 2, duration: '1s', gracefulStop: '1s' };
    const ended = [await run(definition, scenario, { seconds: 20, clock })];
    t.strictSame(journeyOf(ended).kinds, { script_did_not_end: 2 });
    t.equal(rowOf(ended, 'list').count, 200);
    const before = loops;
    await clock.advance(SECOND_US);
    t.equal(loops, before, 'a loop without end has come to rest');
  },
);

t.test('data come from the files of the scenario; a user for whom no row is left ends', async (t) => {
  const rows = [['ann'], ['bob'], ['eve']];
  let taken = 0;
  const openData = () =>
    new Map([
      [
        'users',
        {
          file: 'users.csv',
          atEnd: 'stop' as const,
          columns: ['name'],
          hasRow: () => taken < rows.length,
          take: () => rows[taken++],
        },
      ],
    ]);
  const names: (string | undefined)[] = [];
  const definition = defineUser<object, 'users'>({
    iterate: async ({ data, driver }) => {
      names.push(data.users.next().name);
      await driver('shop').send('list');
      if (names.length === 2) names.push(data.users.next().name);
      if (names.length === 3) data.users.next();
    },
  });
  const scenario = { executor: 'constant-vus', vus: 1, duration: '5s', data: { users: { file: 'users.csv' } } };
  const ended = [await run(definition as UserDefinition, scenario, { seconds: 10, openData })];
  t.strictSame(names, ['ann', 'bob', 'eve']);
  t.strictSame(journeyOf(ended).kinds, { data_exhausted: 1 });
  t.equal(journeyOf(ended).count, 2);
});

t.test('names without end are counted as one, in spans and checks too', async (t) => {
  let n = 0;
  const definition = defineUser({
    iterate: async ({ driver, check, measure }) => {
      n += 1;
      check(`check ${n}`, n % 2 === 0);
      await measure(`span ${n}`, () => driver('shop').send('list', { name: `list ${n}` }));
    },
  });
  const ended = [await run(definition, { executor: 'per-vu-iterations', vus: 4, iterations: 100 }, { seconds: 10 })];
  const names = new Set<string>();
  for (const { script } of (ended[0] as Run).windows) {
    for (const { row } of script?.rows ?? []) names.add(`${row.kind} ${row.name}`);
    for (const { name } of script?.checks ?? []) names.add(name);
  }
  t.equal(names.size, 1000 + 3, '(other) requests, spans and checks');
  const other = rowOf(ended, '(other)');
  t.equal(other.count, 800 - (1000 - 334), 'the sums are exact');
  t.strictSame(
    (ended[0] as Run).finalTotals.map(({ count, errors }) => [count, errors]),
    [
      [400, 0],
      [400, 0],
      [400, 0],
      [400, 200],
    ],
  );
});

t.test('long names that travel as the same one are one row, and none of them is kept', async (t) => {
  let n = 0;
  const set = Map.prototype.set;
  const long = 'x'.repeat(200);
  const kept: unknown[] = [];
  Map.prototype.set = function (key, value) {
    if (typeof key === 'string' && key.length > 200 && key.startsWith(long)) kept.push(key);
    return set.call(this, key, value);
  };
  t.teardown(() => {
    Map.prototype.set = set;
  });
  const definition = defineUser({
    iterate: async ({ driver, check, measure }) => {
      n += 1;
      check(`${long}${n}`, true);
      await measure(`${long}${n}`, () => driver('shop').send('list', { name: `${long}${n}` }));
    },
  });
  const ended = [await run(definition, { ...PER_VU, vus: 1, iterations: 5 }, { seconds: 5 })];
  t.equal(rowOf(ended, long).count, 10, 'requests and spans');
  t.equal(checkOf(ended, long).passes, 5);
  t.strictSame(kept, []);
});

t.test('a pause that is cut off leaves no timer behind', async (t) => {
  const clock = new FakeClock();
  const definition = defineUser({ iterate: ({ pause }) => pause('1h') });
  const scenario = { executor: 'constant-vus', vus: 2, duration: '1s', gracefulStop: '1s' };
  await run(definition, scenario, { seconds: 3, clock });
  t.equal(clock.waiting, 0);
});

t.test('a script may write some lines to the log, and no more', async (t) => {
  const definition = defineUser({ iterate: ({ log, iteration }) => log(`pass ${iteration}`) });
  const { warnings } = await run(definition, { ...PER_VU, vus: 1, iterations: 500 }, { seconds: 1 });
  t.equal(warnings.length, 101);
  t.equal(warnings[0], 'pass 0');
  t.equal(warnings[100], 'scripts have written 100 lines: the rest is left out');
});
