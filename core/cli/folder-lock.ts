import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const LOOK_AGAIN_MS = 50;
/** Whoever holds it for longer was killed. */
const STALE_MS = 60_000;

/** Does the work while no other process on this host does so for the same folder, which need not be there yet. */
export async function withFolderLock<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const lock = `${folder}.lock`;
  await mkdir(dirname(lock), { recursive: true, mode: 0o700 });
  while (!(await taken(lock))) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const since = await stat(lock).catch(() => undefined);
    if (since !== undefined && Date.now() - since.mtimeMs > STALE_MS) await rm(lock, { recursive: true, force: true });
    return false;
  }
}
