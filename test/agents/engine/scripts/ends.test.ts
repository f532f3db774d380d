/** How scripts fail, and how their passes end. */
import t from 'tap';
import { defineUser, type UserDefinition } from '../../../../core/script/define-user.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';
import { journeyOf, rowOf, runScript, SECOND_US } from './run-script.ts';

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
  const ended = await runScript(definition, { executor: 'per-vu-iterations', vus: 1, iterations: 40 }, { seconds: 5 });
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
  const ended = await runScript(definition as UserDefinition, scenario, { seconds: 10 });
  const journey = journeyOf(ended);
  t.equal(tries, 3);
  t.strictSame(journey.kinds, { start_failed: 2 });
  t.strictSame(journey.examples, ['onStart failed: no token', 'onStart failed: no token']);
  const { calls, startUs } = ended;
  t.equal(calls[0]?.atUs, startUs + 3 * SECOND_US, 'after 1 s and then 2 s');
  t.strictSame(stopped, [0]);
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
  await runScript(definition, { executor: 'constant-vus', vus: 1, duration: '1s' }, { seconds: 3, clock });
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
  const ended = await runScript(definition, scenario, { seconds: 5 });
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
    const ended = await runScript(definition, scenario, { seconds: 20, clock });
    t.strictSame(journeyOf(ended).kinds, { script_did_not_end: 2 });
    t.equal(rowOf(ended, 'list').count, 200);
    const before = loops;
    await clock.advance(SECOND_US);
    t.equal(loops, before, 'a loop without end has come to rest');
  },
);
