import process from 'node:process';
import { thisHost } from '../environment.ts';

/**
 * A name for what only this process writes, so that others can tell when it was left behind.
 * @param own what tells it from others of this process; without `_`
 */
export function processName(own: string | number): string {
  return `${hostName()}_${process.pid}_${own}`;
}

/** Whether a name was given by a process of this host that has ended. Of names with this process's id an earlier one gave them. */
export function isLeftBehind(name: string): boolean {
  const [host, pid] = name.split('_');
  return host === hostName() && !isAlive(Number(pid));
}

/** Process ids mean nothing on another host, or before its last boot. */
function hostName(): string {
  return thisHost.replaceAll(/[^a-zA-Z0-9.-]+/g, '-');
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM means that it runs as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
