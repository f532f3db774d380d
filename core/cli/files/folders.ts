import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import process from 'node:process';
import { isAlive } from '../../control/store/owner.ts';
import { thisHost } from '../../environment.ts';
import { makeFolder } from '../../make-folder.ts';
import { CommandError } from '../command-error.ts';

/** The user's folder for certificates and keys, as the XDG base directory specification says; never the working folder. */
export function configFolder(): string {
  return baseFolder('XDG_CONFIG_HOME', '.config');
}

/** Where what is sent with runs is kept, as the XDG base directory specification says. */
export function cacheFolder(): string {
  return baseFolder('XDG_CACHE_HOME', '.cache');
}

/** A relative path would lead elsewhere from each working folder, which is why the specification has it ignored. */
function baseFolder(variable: string, belowHome: string): string {
  const given = process.env[variable] ?? '';
  return join(isAbsolute(given) ? given : join(homeFolder(), belowHome), 'bench');
}

/**
 * @param ways to find it, each of which throws for a user whom the system does not know
 * @throws {CommandError} when there is none
 */
export function homeFolder(ways: readonly (() => string)[] = [homedir, () => userInfo().homedir]): string {
  for (const way of ways) {
    try {
      const folder = way();
      if (isAbsolute(folder)) return folder;
    } catch {}
  }
  throw new CommandError('This user has no home folder: set HOME to a folder of its own.');
}

/** Where a control of this user keeps its certificates and invitations, unless `--security` names another folder. */
export function defaultSecurityFolder(): string {
  return join(configFolder(), 'control');
}

/**
 * Where the certificate of a caller is kept, for one control and one role.
 * @param address `host:port` of the control
 */
export function credentialsFolder(address: string, role: string): string {
  return join(configFolder(), 'credentials', fileNameOf(address), role);
}

/** A name or an address in the form that can be the name of a file. */
export function fileNameOf(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9.-]+/g, '_');
}

const LOCK_POLL_MS = 50;
/** A lock that is older than this was left behind by a process that was killed on another host. */
const STALE_LOCK_MS = 60_000;

/** Does the work while no other process does so for the same folder. The folder itself need not exist yet. */
export async function withFolderLock<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const lock = `${folder}.lock`;
  await makeFolder(dirname(lock), 0o700);
  while (!(await tryLock(lock))) await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function tryLock(lock: string): Promise<boolean> {
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
  return since !== undefined && Date.now() - since.mtimeMs > STALE_LOCK_MS;
}

/** What a lock file holds. The host is named because hosts may share the folder, and a process id means nothing on another. */
export function holderText(pid: number): string {
  return `${thisHost}\n${pid}`;
}
