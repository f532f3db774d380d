import process from 'node:process';
import { thisHost } from '../../environment.ts';
import { isAlive } from './is-alive.ts';

/** The process that conducts or conducted a run. */
export interface Owner {
  /** As {@link thisHost} gives it. */
  readonly host: string;
  readonly pid: number;
}

export function thisProcess(): Owner {
  return { host: thisHost, pid: process.pid };
}

/** A process of this host that is no more; or this one, asked before it has begun any run: a process before it had its id. */
export function isGoneHere({ host, pid }: Owner): boolean {
  return host === thisHost && (pid === process.pid || !isAlive(pid));
}
