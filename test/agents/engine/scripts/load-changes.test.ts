/** The load of a script is changed while it runs: by people, and because agents come and go. */
import t from 'tap';
import { equalShare, type Share } from '../../../../core/plan/load/split.ts';
import { defineUser } from '../../../../core/script/define-user.ts';
import { journeyOf, runScript, type ScriptRun, SECOND_US } from './run-script.ts';

const NONE: Share = { of: 1, slots: [] };
const ALL: Share = { of: 1, slots: [0] };

/** One request of 10 ms in each pass. @param once told what each virtual user does once */
function shopper(once: { readonly user: number; readonly what: 'onStart' | 'onStop' }[]) {
  return defineUser({
    onStart: ({ index }) => void once.push({ user: index, what: 'onStart' }),
    iterate: async ({ driver }) => void (await driver('shop').send('order')),
    onStop: ({ index }) => void once.push({ user: index, what: 'onStop' }),
  });
}

const closed = { executor: 'constant-vus', vus: 4, duration: '4s' };
const open = { executor: 'constant-arrival-rate', rate: 100, duration: '4s', maxVus: 20 };

function callsBySecond(...runs: readonly ScriptRun[]): number[] {
  const counts = [0, 0, 0, 0];
  for (const { calls, startUs } of runs) {
    for (const { atUs } of calls) {
      const second = Math.floor((atUs - startUs) / SECOND_US);
      counts[second] = (counts[second] ?? 0) + 1;
    }
  }
  return counts;
}

const dropped = (run: ScriptRun) =>
  run.windows.flatMap(({ scenarios }) => scenarios).reduce((sum, { droppedArrivals }) => sum + droppedArrivals, 0);

t.test('virtual users go to another level: those that come begin, and those that go end', async (t) => {
  const once: Parameters<typeof shopper>[0] = [];
  const run = await runScript(shopper(once), closed, {
    seconds: 5,
    begun: (engine) => {
      engine.change({ kind: 'level', atUs: SECOND_US, scenario: 0, level: 10 });
      engine.change({ kind: 'level', atUs: 3 * SECOND_US, scenario: 0, level: 1 });
    },
  });
  t.strictSame(callsBySecond(run), [400, 1000, 1000, 100]);
  t.equal(journeyOf(run).count, 2500);
  t.equal(journeyOf(run).errors, 0);
  for (const what of ['onStart', 'onStop'] as const) {
    const users = once.filter((one) => one.what === what).map(({ user }) => user);
    t.strictSame(
      users.toSorted((a, b) => a - b),
      Array.from({ length: 10 }, (_, i) => i),
      `each once: ${what}`,
    );
  }
});

t.test('arrivals go to another rate, and each of them is one pass', async (t) => {
  const run = await runScript(shopper([]), open, {
    seconds: 5,
    begun: (engine) => void engine.change({ kind: 'level', atUs: 2 * SECOND_US, scenario: 0, level: 300 }),
  });
  t.strictSame(callsBySecond(run), [100, 100, 300, 300]);
  t.equal(journeyOf(run).count, 800);
  t.equal(dropped(run), 0);
});

t.test('in a pause no pass begins, and none waits', async (t) => {
  for (const scenario of [closed, open]) {
    const run = await runScript(shopper([]), scenario, {
      seconds: 5,
      begun: (engine) => {
        engine.change({ kind: 'pause', atUs: SECOND_US });
        engine.change({ kind: 'resume', atUs: 3 * SECOND_US });
      },
    });
    const [, first = 0, second, third = 0] = callsBySecond(run);
    t.ok(first <= 4 && second === 0, `${callsBySecond(run)}`);
    t.ok(third > 90);
    t.equal(dropped(run), 0);
    t.ok(journeyOf(run).responseTime.maxUs < 20_000, 'a pause is not waiting time');
  }
});

for (const [kind, scenario] of Object.entries({ closed, open })) {
  t.test(`${kind} load: what an agent hands over, another one goes on with`, async (t) => {
    const once: Parameters<typeof shopper>[0][] = [[], []];
    // It has everything, then a half, and at the end nothing; the other one has the rest.
    const steps: readonly (readonly [atUs: number, shares: readonly [Share, Share]])[] = [
      [SECOND_US, [equalShare(0, 2), equalShare(1, 2)]],
      [3 * SECOND_US, [NONE, ALL]],
    ];
    const runs: ScriptRun[] = [];
    for (const [agent, share] of [ALL, NONE].entries()) {
      const run = await runScript(shopper(once[agent] as (typeof once)[number]), scenario, {
        seconds: 5,
        share,
        begun: (engine) => {
          for (const [atUs, shares] of steps) engine.change({ kind: 'share', atUs, share: shares[agent] as Share });
        },
      });
      runs.push(run);
    }
    const perSecond = kind === 'closed' ? 400 : 100;
    const [first, second] = runs as [ScriptRun, ScriptRun];
    t.strictSame(callsBySecond(first), [perSecond, perSecond / 2, perSecond / 2, 0]);
    t.strictSame(callsBySecond(second), [0, perSecond / 2, perSecond / 2, perSecond]);
    t.equal(journeyOf(...runs).count, 4 * perSecond);
    t.equal(dropped(first) + dropped(second), 0);
    for (const [agent, done] of once.entries()) {
      const users = (what: string) => done.filter((one) => one.what === what).map(({ user }) => user);
      t.ok(users('onStart').length > 0);
      t.strictSame(users('onStop').toSorted(), users('onStart').toSorted(), `agent ${agent}: each has its end`);
    }
  });
}
