import process from 'node:process';
import { thisHost } from '../../environment.ts';

/** The control process that a run belongs to. */
export interface Owner {
  /** See {@link thisHost}. */
  readonly host: string;
  readonly pid: number;
}

export function thisProcess(): Owner {
  return { host: thisHost, pid: process.pid };
}

/** Whether a process with this id runs on this host now. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM means that it runs as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether the owner was a process of this host that has ended. Called before this process begins any run: an owner with its own
 * id is then an earlier process that had the same id.
 */
export function isGoneHere({ host, pid }: Owner): boolean {
  return host === thisHost && (pid === process.pid || !isAlive(pid));
}
