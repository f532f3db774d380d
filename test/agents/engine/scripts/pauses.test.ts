/** Pauses of scripts, and of the load while scripts run. */
import t from 'tap';
import type { Engine } from '../../../../agents/engine/engine.ts';
import { defineUser, type UserDefinition } from '../../../../core/script/define-user.ts';
import { FakeClock } from '../../../../testing/fake-clock.ts';
import { journeyOf, PER_VU, rowOf, runScript } from './run-script.ts';

async function beside(...waits: Promise<unknown>[]): Promise<void> {
  await Promise.all(waits);
}

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
      const ended = await runScript(defineUser({ iterate }), { ...PER_VU, vus: 1, iterations: 3 }, { seconds: 5 });
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
  const ended = await runScript(definition, { ...PER_VU, iterations: 3 }, { seconds: 5, clock });
  t.equal(rowOf(ended, 'order').sendDelay.maxUs, 0);
  t.equal(rowOf(ended, 'order').count, 6);
  t.equal(journeyOf(ended).serviceTime.maxUs, 320_000);
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
  const ended = await runScript(definition, scenario, { seconds: 6, begun });
  const paused = ended.calls.filter(({ atUs }) => atUs - ended.startUs > 1.03e6 && atUs - ended.startUs < 1.98e6);
  t.equal(paused.length, 0);
  const journey = journeyOf(ended);
  t.equal(journey.errors, 0);
  t.ok(journey.serviceTime.maxUs < 130_000, `${journey.serviceTime.maxUs} µs without the pause`);
  t.ok(rowOf(ended, 'list').sendDelay.maxUs < 20_000, 'nor is it a delay of the request after it');
  t.ok(rowOf(ended, 'list').count > 290);
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
  const ended = await runScript(definition, scenario, { seconds: 3, clock, begun });
  const journey = journeyOf(ended);
  t.strictSame(journey.kinds, {});
  t.equal(rowOf(ended, 'list').count, 10 * journey.count, 'to its last request');
  t.ok(ended.calls.some(({ atUs }) => atUs - ended.startUs >= 2e6));
});

t.test('a pause that is cut off leaves no timer behind', async (t) => {
  const clock = new FakeClock();
  const definition = defineUser({ iterate: ({ pause }) => pause('1h') });
  const scenario = { executor: 'constant-vus', vus: 2, duration: '1s', gracefulStop: '1s' };
  await runScript(definition, scenario, { seconds: 3, clock });
  t.equal(clock.waiting, 0);
});
