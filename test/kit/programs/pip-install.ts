import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

/** Outside the clone, so that a fresh one finds it: downloads have up to 100 MB. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bench-tests');

/**
 * Has pip install packages into a folder of their own, where that is not there yet.
 * @param name of the folder, with a version in it
 * @param flags of pip: packages, with their versions
 * @param finish changes what is installed, before anybody sees it
 * @returns the folder
 */
export async function pipInstall(
  name: string,
  flags: readonly string[],
  finish: (folder: string) => Promise<void> = async () => {},
): Promise<string> {
  const goal = join(CACHE, name);
  if (existsSync(goal)) return goal;
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, 'installing-'));
  try {
    const wanted = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '--target', folder];
    await promisify(execFile)('python3', ['-m', 'pip', 'install', ...wanted, ...flags]);
    await finish(folder);
    // Of two processes that install it at a time, one is first.
    await rename(folder, goal).catch(() => {});
    return goal;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Why something cannot be installed; undefined where it can, and is. */
export async function pipLacks(what: string, install: () => Promise<string>): Promise<string | undefined> {
  try {
    await install();
    return undefined;
  } catch (error) {
    return `${what} cannot be installed with pip: ${String(error).split('\n').slice(0, 3).join(' ')}`;
  }
}
