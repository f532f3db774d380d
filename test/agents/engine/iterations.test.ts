import t from 'tap';
import { equalShare } from '../../../core/plan/load/split.ts';
import { FakeClock } from '../../../testing/fake-clock.ts';
import { ScriptedDriver, startEngine, totals } from '../../kit/engine.ts';
import fc from '../../kit/property.ts';

const SECOND_US = 1e6;
const a = [{ driver: 'scripted', operation: 'a' }];

t.test(
  'iterations are carried out exactly, whatever the number of agents; the warm-up does not use them up',
  async (t) => {
    for (const executor of ['shared-iterations', 'per-vu-iterations'] as const) {
      const clock = new FakeClock();
      const runs = await Promise.all(
        [0, 1, 2].map((index) =>
          startEngine(
            clock,
            new ScriptedDriver(clock, () => 10_000).plugin,
            { warmup: '1s', scenarios: { s: { executor, vus: 7, iterations: 100, operations: a } } },
            equalShare(index, 3),
          ),
        ),
      );
      await clock.advance(30 * SECOND_US);
      await Promise.all(runs.map(({ ended }) => ended));
      t.equal(totals(runs).requests, executor === 'shared-iterations' ? 100 : 700, executor);
      t.ok(totals(runs, 'warmup').requests > 0);
    }
  },
);

t.test('shared iterations are all carried out, also by fewer users than there are agents', async () => {
  const count = fc.integer({ min: 1, max: 9 });
  await fc.assert(
    fc.asyncProperty(count, count, fc.integer({ min: 1, max: 60 }), async (vus, agents, iterations) => {
      const clock = new FakeClock();
      const runs = await Promise.all(
        Array.from({ length: agents }, (_, index) =>
          startEngine(
            clock,
            new ScriptedDriver(clock, () => 1_000).plugin,
            { scenarios: { s: { executor: 'shared-iterations', vus, iterations, operations: a } } },
            equalShare(index, agents),
          ),
        ),
      );
      await clock.advance(SECOND_US);
      await Promise.all(runs.map(({ ended }) => ended));
      return totals(runs).requests === iterations;
    }),
    { numRuns: 30, examples: [[2, 3, 60]] },
  );
});
