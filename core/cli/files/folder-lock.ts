import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { isAlive } from '../../control/store/is-alive.ts';
import { thisHost } from '../../control/store/owner.ts';

const LOOK_AGAIN_MS = 50;
/** Whoever holds it for longer is on another host, and was killed there. */
const STALE_MS = 60_000;

/** Does the work while no other process does so for the same folder, which need not be there yet. */
export async function withFolderLock<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const lock = `${folder}.lock`;
  await mkdir(dirname(lock), { recursive: true, mode: 0o700 });
  while (!(await taken(lock))) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, holderText(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (await isAbandoned(lock)) await rm(lock, { recursive: true, force: true });
    return false;
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  const [host, pid] = (await readFile(lock, 'utf8').catch(() => '')).split('\n');
  if (host === thisHost && !isAlive(Number(pid))) return true;
  const since = await stat(lock).catch(() => undefined);
  return since !== undefined && Date.now() - since.mtimeMs > STALE_MS;
}

/** Of other hosts, which may share the folder, process ids say nothing. */
export function holderText(pid: number): string {
  return `${thisHost}\n${pid}`;
}
