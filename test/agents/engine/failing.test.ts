/** Loads that cannot go on: they end at once and in order, and the reason is told. */
import t from 'tap';
import type { PlanInput } from '../../../core/plan/schema.ts';
import type { DriverPlugin } from '../../../core/plugin.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { OK, ScriptedDriver, startEngine, totals } from '../../kit/engine.ts';
import { matchEach } from '../../kit/match-each.ts';

const SECOND_US = 1_000_000;
const GONE = { message: 'the data file is gone' };
const operations = [{ driver: 'scripted', operation: 'a' }];

/** Operations take 10 ms; whether there is more to send cannot be said any more from this time on. */
function driverGoneAt(clock: FakeClock, goneUs: number) {
  const sessions = { open: 0, closedInFlight: 0, atDriverClose: Number.NaN };
  const { plugin } = new ScriptedDriver(clock, () => 0);
  const driver: DriverPlugin = {
    ...plugin,
    // One of our own: what others' drivers throw there is contained.
    limitsOperations: true,
    open: () => ({
      connect: () => {
        let inFlight = 0;
        sessions.open++;
        return {
          get finished() {
            if (clock.nowUs() >= goneUs) throw new Error(GONE.message);
            return false;
          },
          send: () => {
            inFlight++;
            return new Promise((resolve) => {
              clock.after(10_000, () => {
                inFlight--;
                resolve(OK);
              });
            });
          },
          close: () => {
            sessions.open--;
            sessions.closedInFlight += inFlight;
          },
        };
      },
      close: () => {
        sessions.atDriverClose = sessions.open;
      },
    }),
  };
  return { driver, sessions };
}

const LOADS: Readonly<Record<string, PlanInput['scenarios'][string]>> = {
  'constant-vus': { executor: 'constant-vus', vus: 4, duration: '60s', operations },
  'per-vu-iterations': { executor: 'per-vu-iterations', vus: 4, iterations: 10_000, maxDuration: '60s', operations },
  'constant-arrival-rate': { executor: 'constant-arrival-rate', rate: 400, duration: '60s', maxVus: 40, operations },
  // Nobody is busy when it fails: the next arrival finds out.
  'few arrivals': { executor: 'constant-arrival-rate', rate: 4, duration: '60s', maxVus: 4, operations },
};

for (const [name, scenario] of Object.entries(LOADS)) {
  t.test(`${name}: the load fails at once, with all that was measured and all sessions closed`, async (t) => {
    const clock = new FakeClock();
    const { driver, sessions } = driverGoneAt(clock, clock.nowUs() + SECOND_US);
    const rest = { executor: 'constant-vus' as const, vus: 2, duration: '60s', startTime: '500ms', operations };
    const run = await startEngine(clock, driver, { scenarios: { s: scenario, rest } });
    await clock.advance(1.5 * SECOND_US);
    await run.ended;
    matchEach(t, run.failures, [GONE], 'told once');
    t.same(sessions, { open: 0, closedInFlight: 0, atDriverClose: 0 });
    const recorded = run.engine.recorder.finalTotals().reduce((sum, { count }) => sum + count, 0);
    t.equal(recorded, totals([run]).requests);
    t.equal(run.windows.at(-1)?.scenarios[0]?.droppedArrivals, 0);
  });
}

t.test('a user that has failed is not alive', async (t) => {
  const clock = new FakeClock();
  const { plugin } = new ScriptedDriver(clock, () => 10_000);
  const open = () => ({
    connect: ({ index }: { index: number }) => ({
      get finished() {
        if (index === 0) throw new Error(GONE.message);
        return false;
      },
      // Only a cut ends it.
      send: (_: string, signal: AbortSignal) =>
        new Promise<typeof OK>((resolve) => signal.addEventListener('abort', () => resolve(OK))),
      close: () => {},
    }),
    close: () => {},
  });
  const scenario = { executor: 'constant-vus' as const, vus: 4, duration: '60s', gracefulStop: '3s', operations };
  const run = await startEngine(clock, { ...plugin, limitsOperations: true, open }, { scenarios: { s: scenario } });
  await clock.advance(0.5 * SECOND_US);
  matchEach(t, run.failures, [GONE], 'before the others have ended');
  await clock.advance(3.5 * SECOND_US);
  await run.ended;
  t.same(
    run.windows.map(({ scenarios }) => scenarios[0]?.vus),
    [4, 3, 3, 3],
  );
});
