import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';
import { isAlive } from './is-alive.ts';

/** The process that conducts or conducted a run. */
export interface Owner {
  /** As {@link thisHost} gives it. */
  readonly host: string;
  readonly pid: number;
}

/** This host since its last start: after the next, its process ids mean others. */
export const thisHost = `${hostname()} ${bootId()}`.trim();

export function thisProcess(): Owner {
  return { host: thisHost, pid: process.pid };
}

/** A process of this host that is no more; or this one, asked before it has begun any run: a process before it had its id. */
export function isGoneHere({ host, pid }: Owner): boolean {
  return host === thisHost && (pid === process.pid || !isAlive(pid));
}

/** Empty where the system has none, as on macOS. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
