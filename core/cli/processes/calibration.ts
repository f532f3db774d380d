import { Engine } from '../../../agents/engine/engine.ts';
import { HostMonitor } from '../../../agents/host/host-monitor.ts';
import { loadDriver } from '../../../plugins/loader/load.ts';
import { systemClock } from '../../clock.ts';
import { equalShare } from '../../plan/load/split.ts';
import { parsePlan } from '../../plan/parse.ts';
import { resolvePlan } from '../../plan/resolve.ts';
import type { PlanInput } from '../../plan/schema.ts';
import { Histogram } from '../../stats/histogram.ts';

/** How fast the load generator runs on this host when the target costs nothing. */
export interface Overhead {
  readonly operationsPerSecond: number;
  readonly serviceTime: Histogram;
  readonly errors: number;
}

/** One second of load on an engine in this process, after a tenth of a second of warm-up. */
export async function measureOverhead(driver: 'null' | 'http', target: string, vus: number): Promise<Overhead> {
  const input: PlanInput = {
    name: 'overhead',
    ...(target === '' ? {} : { target }),
    warmup: '100ms',
    drivers: driver === 'http' ? { http: { options: { operations: { get: { path: '/' } } } } } : {},
    scenarios: { overhead: { executor: 'constant-vus', vus, duration: '1s', operations: [{ driver }] } },
  };
  const plan = await resolvePlan(parsePlan(input), (reference) => loadDriver(reference, import.meta.dirname));
  const host = new HostMonitor(systemClock);
  const serviceTime = new Histogram();
  let errors = 0;
  let failure: unknown;
  const engine = new Engine({
    runId: 'doctor',
    plan,
    share: equalShare(0, 1),
    baseDirectory: import.meta.dirname,
    clock: systemClock,
    host: (idleUs) => host.take(idleUs),
    emit: (window) => {
      for (const operation of window.operations) {
        if (operation.phase !== 'measure') continue;
        serviceTime.addEncoded(operation.serviceTime);
        errors += operation.errors;
      }
    },
    hide: (text) => text,
    warn: () => {},
    log: () => {},
    failed: (error) => {
      failure = error;
    },
  });
  try {
    await engine.prepare();
    await engine.run(systemClock.nowUs() + 10_000);
  } finally {
    await engine.close();
    host.stop();
  }
  if (failure !== undefined) throw failure;
  return { operationsPerSecond: serviceTime.count, serviceTime, errors };
}

/** How late the runtime's timers fire, in microseconds, measured against an absolute schedule with a step of 5 ms. */
export async function timerLateness(): Promise<Histogram> {
  const lateness = new Histogram();
  const stepUs = 5_000;
  let dueUs = systemClock.nowUs() + stepUs;
  for (let i = 0; i < 100; i++) {
    await new Promise<void>((resolve) => systemClock.after(dueUs - systemClock.nowUs(), resolve));
    const nowUs = systemClock.nowUs();
    lateness.record(Math.max(0, nowUs - dueUs));
    dueUs = Math.max(dueUs, nowUs - stepUs) + stepUs;
  }
  return lateness;
}

/** How long one reading of the clock takes, in nanoseconds. */
export function clockCostNs(): number {
  const reads = 200_000;
  const startMs = performance.now();
  for (let i = 0; i < reads; i++) systemClock.nowUs();
  return ((performance.now() - startMs) * 1e6) / reads;
}
