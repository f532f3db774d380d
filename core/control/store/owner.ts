import { hostname } from 'node:os';
import process from 'node:process';

/** The process that conducts or conducted a run. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
}

export function thisProcess(): Owner {
  return { host: hostname(), pid: process.pid };
}

/** A process of this host that is no more; or this one, asked before it has begun any run: a process before it had its id. */
export function isGoneHere({ host, pid }: Owner): boolean {
  return host === hostname() && (pid === process.pid || !isAlive(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
