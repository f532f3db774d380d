import t from 'tap';
import { Engine } from '../../agents/engine/engine.ts';
import { HostMonitor } from '../../agents/host/host-monitor.ts';
import { systemClock } from '../../core/clock.ts';
import { parsePlan } from '../../core/plan/parse.ts';
import { resolvePlan } from '../../core/plan/resolve.ts';
import { equalShare } from '../../core/plan/split.ts';
import type { Window } from '../../core/stats/window.ts';
import nullDriver from '../../plugins/null.ts';

t.test('closed and open load on the real clock: the windows add up to the closing totals', async (t) => {
  const operations = [{ driver: 'null' }];
  const parsed = parsePlan({
    name: 'smoke',
    scenarios: {
      closed: { executor: 'shared-iterations', vus: 10, iterations: 5000, operations },
      paused: { executor: 'constant-vus', vus: 5, duration: '300ms', thinkTime: '20ms', operations },
      open: { executor: 'constant-arrival-rate', rate: 1000, duration: '300ms', maxVus: 20, operations },
    },
  });
  const windows: Window[] = [];
  const host = new HostMonitor(systemClock);
  const engine = new Engine({
    runId: 'smoke',
    plan: await resolvePlan(parsed, async () => nullDriver),
    share: equalShare(0, 1),
    baseDirectory: '.',
    clock: systemClock,
    host: (idleUs) => host.take(idleUs),
    emit: (window) => windows.push(window),
    hide: (text) => text,
    warn: () => {},
    failed: (error) => t.fail(`${error}`),
  });
  await engine.prepare();
  await engine.run(systemClock.nowUs() + 10_000);
  await engine.close();
  host.stop();
  const counts = [0, 0, 0];
  for (const { operation, responseTime } of windows.flatMap((window) => window.operations)) {
    counts[operation] = (counts[operation] as number) + responseTime.counts.reduce((sum, count) => sum + count, 0);
  }
  t.same(
    counts,
    engine.recorder.finalTotals().map(({ count }) => count),
  );
  t.equal(counts[0], 5000);
  t.ok((counts[1] as number) >= 5 * 5, 'users pause about 20 ms');
  const dropped = windows.flatMap(({ scenarios }) => scenarios).reduce((sum, one) => sum + one.droppedArrivals, 0);
  t.equal((counts[2] as number) + dropped, 300, 'a host that is held up drops some');
  t.ok(windows.every((window) => window.host.processMemoryBytes > 0));
});
