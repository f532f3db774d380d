import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { thisHost } from '../environment.ts';

/** A folder that is older was left behind, whoever made it: what a run brings is in memory soon after it was opened. */
const MAX_AGE_MS = 7 * 86_400_000;
let opened = 0;

/**
 * A new name for the folder of a run's files. The folders are named after their process, because those that a killed process
 * has left behind are removed here.
 * @param cache hosts may share it
 */
export function newRunFolder(cache: string): string {
  const runs = join(cache, 'runs');
  if (opened === 0) sweep(runs);
  opened++;
  return join(runs, `${hostName()}_${process.pid}_${opened}`);
}

function sweep(runs: string): void {
  if (!isOwn(runs)) return;
  for (const name of names(runs)) {
    const [host, pid] = name.split('_');
    const isLeft = host === hostName() && !isAlive(Number(pid));
    if (isLeft || isOld(join(runs, name))) remove(join(runs, name));
  }
}

/** In a folder of somebody else, names may be changed while they are removed. */
function isOwn(folder: string): boolean {
  try {
    return process.geteuid === undefined || statSync(folder).uid === process.geteuid();
  } catch {
    return false;
  }
}

/** Process ids mean nothing on another host, or before its last boot. */
function hostName(): string {
  return thisHost.replaceAll(/[^a-zA-Z0-9.-]+/g, '-');
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It belongs to another user, who has to remove it.
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isOld(folder: string): boolean {
  try {
    return Date.now() - statSync(folder).mtimeMs > MAX_AGE_MS;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  // An earlier process with the same id has left it.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM means that it runs as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
