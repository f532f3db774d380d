import { cpus } from 'node:os';
import process from 'node:process';
import { readProcessTree } from './process-tree.ts';

/** CPU time since boot or start, in microseconds. */
interface CpuTimes {
  readonly busyUs: number;
  readonly totalUs: number;
  /** Of this process and all that it has started. */
  readonly oursUs: number;
}

/** The share of the machine's CPU time, 0 to 1, that went to processes which are none of ours. */
export function otherShare(before: CpuTimes, after: CpuTimes): number {
  const othersUs = after.busyUs - before.busyUs - (after.oursUs - before.oursUs);
  return Math.max(0, othersUs) / Math.max(1, after.totalUs - before.totalUs);
}

/**
 * Begins to watch; the returned function tells {@link otherShare} since then.
 * @returns undefined where the system does not tell
 */
export function watchOtherWork(): () => number | undefined {
  const before = readTimes();
  return () => {
    const after = readTimes();
    return before && after && otherShare(before, after);
  };
}

function readTimes(): CpuTimes | undefined {
  const ours = readProcessTree(process.pid);
  if (ours === undefined) return undefined;
  let busyMs = 0;
  let idleMs = 0;
  for (const { times } of cpus()) {
    busyMs += times.user + times.nice + times.sys + times.irq;
    idleMs += times.idle;
  }
  return { busyUs: busyMs * 1000, totalUs: (busyMs + idleMs) * 1000, oursUs: ours.cpuUs };
}
