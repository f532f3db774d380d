import t from 'tap';
import { Engine } from '../../agents/engine/engine.ts';
import { HostMonitor } from '../../agents/host/host-monitor.ts';
import { systemClock } from '../../core/clock.ts';
import { equalShare } from '../../core/plan/load/split.ts';
import type { ResolvedPlan } from '../../core/plan/resolve.ts';
import type { ScriptSource } from '../../core/script/script-source.ts';
import type { FinalTotal, Window } from '../../core/stats/window.ts';

/** One agent's engine does a plan's whole load on the real clock. @param scripts what the plan's scripts need */
export async function runOnRealClock(
  plan: ResolvedPlan,
  scripts: { readonly baseDirectory: string; readonly openData?: ScriptSource['openData'] } = { baseDirectory: '.' },
): Promise<{ windows: readonly Window[]; finalTotals: readonly FinalTotal[] }> {
  const windows: Window[] = [];
  const host = new HostMonitor(systemClock);
  const engine = new Engine({
    runId: 'smoke',
    plan,
    share: equalShare(0, 1),
    ...scripts,
    clock: systemClock,
    host: (idleUs) => host.take(idleUs),
    emit: (window) => windows.push(window),
    hide: (text) => text,
    warn: () => {},
    log: () => {},
    failed: (error) => t.fail(`${error}`),
  });
  await engine.prepare();
  await engine.run(systemClock.nowUs() + 10_000);
  await engine.close();
  host.stop();
  return { windows, finalTotals: engine.recorder.finalTotals() };
}
