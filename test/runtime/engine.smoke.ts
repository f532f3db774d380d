import t from 'tap';
import { parsePlan } from '../../core/plan/parse.ts';
import { resolvePlan } from '../../core/plan/resolve.ts';
import nullDriver from '../../plugins/null.ts';
import { runOnRealClock } from './real-engine.ts';

t.test('closed and open load on the real clock: the windows add up to the closing totals', async (t) => {
  const operations = [{ driver: 'null' }];
  const parsed = parsePlan({
    name: 'smoke',
    scenarios: {
      closed: { executor: 'shared-iterations', vus: 10, iterations: 5000, operations },
      paused: { executor: 'constant-vus', vus: 5, duration: '1500ms', thinkTime: '20ms', operations },
      open: { executor: 'constant-arrival-rate', rate: 1000, duration: '300ms', maxVus: 20, operations },
    },
  });
  const { windows, finalTotals } = await runOnRealClock(await resolvePlan(parsed, async () => nullDriver));
  const counts = [0, 0, 0];
  for (const { operation, responseTime } of windows.flatMap((window) => window.operations)) {
    counts[operation] = (counts[operation] as number) + responseTime.counts.reduce((sum, count) => sum + count, 0);
  }
  t.same(
    counts,
    finalTotals.map(({ count }) => count),
  );
  t.equal(counts[0], 5000);
  const paused = counts[1] as number;
  t.ok(paused <= 5 * (1500 / 20 + 1), `${paused} of five users who pause for 20 ms`);
  // Of 375; a busy host wakes them late.
  t.ok(paused >= 5 * 5, `${paused} of five users who pause for no longer`);
  const dropped = windows.flatMap(({ scenarios }) => scenarios).reduce((sum, one) => sum + one.droppedArrivals, 0);
  t.equal((counts[2] as number) + dropped, 300, 'a host that is held up drops some');
  t.ok(windows.every((window) => window.host.processMemoryBytes > 0));
});
