import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { isLeftBehind, processName } from './process-name.ts';

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
  return join(runs, processName(opened));
}

function sweep(runs: string): void {
  if (!isOwn(runs)) return;
  for (const name of names(runs)) {
    if (isLeftBehind(name) || isOld(join(runs, name))) remove(join(runs, name));
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
