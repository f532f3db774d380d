/** A pass of a script: what it calls, and which rows that has. */
import t from 'tap';
import { equalShare } from '../../../../core/plan/load/split.ts';
import { defineUser, type UserDefinition } from '../../../../core/script/define-user.ts';
import { checkOf, journeyOf, PER_VU, rowOf, runScript } from './run-script.ts';

t.test(
  'a script counts hits, and times what it knows from elsewhere; a duration that is no number fails the pass',
  async (t) => {
    const definition = defineUser({
      async iterate({ driver, iteration, timing, ratio }) {
        await driver('shop').send('list');
        ratio('shop.cached').add(iteration % 2, 1);
        timing('shop.server').recordUs(iteration === 9 ? Number('none') : 1500);
      },
    });
    const ended = await runScript(definition, PER_VU, { seconds: 5 });
    const timings = ended.windows.flatMap((window) => window.timings);
    t.equal(
      timings.flatMap(({ histogram }) => histogram.counts).reduce((sum, count) => sum + count, 0),
      18,
    );
    t.ok(timings.every(({ name, histogram }) => name === 'shop.server' && histogram.minUs === 1500));
    const ratios = ended.windows.flatMap((window) => window.ratios ?? []);
    t.equal(
      ratios.reduce((sum, { hits }) => sum + hits, 0),
      10,
    );
    t.match(journeyOf(ended).kinds, { 'the timing shop.server was given NaN: it must be a number of microseconds': 2 });
  },
);

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
  const ended = await runScript(definition, PER_VU, { seconds: 5 });
  const { calls, finalTotals } = ended;
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
        await runScript(
          definition,
          { executor: 'per-vu-iterations', vus: 4, iterations: 100 },
          { seconds: 30, share: equalShare(i, agents) },
        ),
      );
    }
    t.equal(journeyOf(...runs).errors, 0);
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

t.test('an arrival is a pass: its first request is due when the arrival was', async (t) => {
  const definition = defineUser({
    iterate: async ({ driver, pause }) => {
      await driver('shop').send('list');
      await pause(100);
      await driver('shop').send('order');
    },
  });
  const scenario = { executor: 'constant-arrival-rate', rate: 20, maxVus: 5, duration: '2s' };
  const ended = await runScript(definition, scenario, { seconds: 5 });
  t.equal(journeyOf(ended).count, 40);
  t.equal(rowOf(ended, 'order').count, 40);
  const { maxUs } = journeyOf(ended).responseTime;
  t.ok(maxUs >= 120_000 && maxUs < 121_000, `${maxUs} µs`);
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
  const ended = await runScript(definition as UserDefinition, { ...PER_VU, vus: 1, iterations: 2 }, { seconds: 1 });
  t.strictSame(
    ended.calls.map(({ variables }) => variables),
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
  const ended = await runScript(definition, { ...PER_VU, vus: 1, iterations: 1 }, { seconds: 1 });
  t.strictSame(
    ended.calls.map(({ atUs }) => atUs - ended.startUs),
    [0, 10_000, 20_000],
  );
  t.equal(journeyOf(ended).responseTime.maxUs, 30_000);
  for (const name of ['list', 'order']) {
    const { sendDelay, responseTime } = rowOf(ended, name);
    t.equal(sendDelay.maxUs, 0, 'each is due when the one before has ended');
    t.equal(responseTime.maxUs, 10_000);
  }
});

t.test('data come from the files of the scenario; a user for whom no row is left ends', async (t) => {
  const rows = [['ann'], ['bob'], ['eve']];
  let taken = 0;
  const openData = async () =>
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
      names.push((await data.users.next()).name);
      await driver('shop').send('list');
      if (names.length === 2) names.push((await data.users.next()).name);
      if (names.length === 3) await data.users.next();
    },
  });
  const scenario = { executor: 'constant-vus', vus: 1, duration: '5s', data: { users: { file: 'users.csv' } } };
  const ended = await runScript(definition as UserDefinition, scenario, { seconds: 10, openData });
  t.strictSame(names, ['ann', 'bob', 'eve']);
  t.strictSame(journeyOf(ended).kinds, { data_exhausted: 1 });
  t.equal(journeyOf(ended).count, 2);
});

t.test('a script may write some lines to the log, and no more', async (t) => {
  const definition = defineUser({ iterate: ({ log, iteration }) => log(`pass ${iteration}`) });
  const { warnings } = await runScript(definition, { ...PER_VU, vus: 1, iterations: 500 }, { seconds: 1 });
  t.equal(warnings.length, 101);
  t.equal(warnings[0], 'pass 0');
  t.equal(warnings[100], 'scripts have written 100 lines: the rest is left out');
});
