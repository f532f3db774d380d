import { readdirSync } from 'node:fs';
import { readKernelFile } from '../../../agents/host/linux.ts';

/** What a process and all its descendants have used. */
export interface ProcessUse {
  /** User and system time since their start, of ended children too. */
  readonly cpuUs: number;
  /** Resident now (VmRSS). */
  readonly memoryBytes: number;
  /** The most that was ever resident (VmHWM); of several processes, the sum. */
  readonly peakMemoryBytes: number;
}

interface ProcessStat {
  readonly parent: number;
  readonly cpuUs: number;
}

/** Linux tells CPU time in these, whatever the kernel's own tick is (proc_pid_stat(5), USER_HZ). */
const TICK_US = 10_000;

/** Reads a line of /proc/<pid>/stat. */
export function parseStat(text: string): ProcessStat {
  // The second field is the program's name in parentheses, and may hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return { parent: field(4), cpuUs: (field(14) + field(15) + field(16) + field(17)) * TICK_US };
}

/** Reads a line such as `VmHWM:  1234 kB` of /proc/<pid>/status. */
export function parseMemory(status: string, name: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
}

/** The process and its descendants, given each process's parent. */
export function descendants(root: number, parents: ReadonlyMap<number, number>): number[] {
  const found = [root];
  for (let i = 0; i < found.length; i++) {
    for (const [pid, parent] of parents) if (parent === found[i]) found.push(pid);
  }
  return found;
}

/** @returns undefined where the system does not tell (it is not Linux) or the process is gone */
export function readProcessTree(root: number): ProcessUse | undefined {
  const stats = readStats();
  if (!stats.has(root)) return undefined;
  const parents = new Map([...stats].map(([pid, { parent }]) => [pid, parent]));
  let cpuUs = 0;
  let memoryBytes = 0;
  let peakMemoryBytes = 0;
  for (const pid of descendants(root, parents)) {
    cpuUs += stats.get(pid)?.cpuUs ?? 0;
    const status = readKernelFile(`/proc/${pid}/status`) ?? '';
    memoryBytes += parseMemory(status, 'VmRSS');
    peakMemoryBytes += parseMemory(status, 'VmHWM');
  }
  return { cpuUs, memoryBytes, peakMemoryBytes };
}

function readStats(): Map<number, ProcessStat> {
  const stats = new Map<number, ProcessStat>();
  try {
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const text = readKernelFile(`/proc/${name}/stat`);
      if (text !== undefined) stats.set(Number(name), parseStat(text));
    }
  } catch {
    // No /proc: not Linux.
  }
  return stats;
}
