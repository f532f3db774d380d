import { readlinkSync } from 'node:fs';
import process from 'node:process';
import { thisHost } from '../../environment.ts';

/** The control process that a run belongs to. */
export interface Owner {
  /** See {@link ownHost}. */
  readonly host: string;
  readonly pid: number;
}

/** This host, and on Linux what its process ids belong to: in another container of the same name they mean other processes. */
export const ownHost = `${thisHost} ${pidNamespace()}`.trim();

export function thisProcess(): Owner {
  return { host: ownHost, pid: process.pid };
}

/** See https://man7.org/linux/man-pages/man7/pid_namespaces.7.html; empty where the system has none. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
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
  return host === ownHost && (pid === process.pid || !isAlive(pid));
}
