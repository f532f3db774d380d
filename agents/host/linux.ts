import { closeSync, openSync, readSync } from 'node:fs';

/** Holds any of these files; of /proc/stat the lines of a thousand cores. Shared, since every read is synchronous. */
const buffer = Buffer.allocUnsafe(65_536);

/**
 * A file that the Linux kernel makes anew at each read, such as /proc/stat. It is opened once and kept open, so that it can
 * be read when the process has no free descriptor left.
 */
export class KernelFile {
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#descriptor = opened(path);
  }

  /** The present content; undefined where there is no such file, or when it cannot be read. */
  read(): string | undefined {
    if (this.#descriptor === undefined) return undefined;
    try {
      return buffer.toString('latin1', 0, readSync(this.#descriptor, buffer, 0, buffer.length, 0));
    } catch {
      return undefined;
    }
  }

  /** Called once or more. The file then reads as one that does not exist. */
  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Reads such a file once; undefined on systems that do not have it. */
export function readKernelFile(path: string): string | undefined {
  const file = new KernelFile(path);
  const text = file.read();
  file.close();
  return text;
}

/** Memory of the host, as /proc/meminfo tells; its total and what processes could still get, caches included. */
export function parseMemory(meminfo: string): { totalBytes: number; availableBytes: number } | undefined {
  const total = /^MemTotal:\s+(\d+) kB/m.exec(meminfo)?.[1];
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1];
  if (total === undefined || available === undefined) return undefined;
  return { totalBytes: Number(total) * 1024, availableBytes: Number(available) * 1024 };
}

/**
 * Microseconds that a thread was ready to run and waited for a processor, as its `schedstat` tells: the second of three numbers, in
 * nanoseconds (Linux, Documentation/scheduler/sched-stats.rst). Of /proc/self that is the main thread.
 * @returns 0 where the kernel does not count it
 */
export function parseCpuWait(schedstat: string): number {
  const waitedNs = /^\d+ (\d+) \d+/.exec(schedstat)?.[1];
  return waitedNs === undefined ? 0 : Number(waitedNs) / 1000;
}

/** Ticks of /proc/stat per second: USER_HZ, which is 100 on all common architectures (proc_stat(5)). */
const TICKS_PER_SECOND = 100;

/** What all cores of a host have done since it was started. */
export interface CpuTime {
  /** Microseconds of all cores together. Time that a hypervisor gave to other guests is in it: it cannot be used either. */
  readonly busyUs: number;
  readonly cores: number;
}

/**
 * Reads the busy time from /proc/stat: `cpu user nice system idle iowait irq softirq steal guest guest_nice`, where guest
 * time is part of user time (proc_stat(5)).
 */
export function parseCpuTime(stat: string): CpuTime | undefined {
  const all = /^cpu +(\d.*)$/m.exec(stat)?.[1];
  const cores = stat.match(/^cpu\d/gm)?.length ?? 0;
  if (all === undefined || cores === 0) return undefined;
  const [user = 0, nice = 0, system = 0, _idle, _iowait, irq = 0, softirq = 0, steal = 0] = all.split(' ').map(Number);
  const ticks = user + nice + system + irq + softirq + steal;
  return { busyUs: (ticks / TICKS_PER_SECOND) * 1e6, cores };
}

function opened(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}
