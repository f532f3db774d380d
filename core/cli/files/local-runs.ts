import { randomBytes } from 'node:crypto';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../make-folder.ts';
import { readRegularFile } from '../../regular-file.ts';
import { configFolder, fileNameOf } from './folders.ts';

/** How to reach the private control of a run of this user on this host. */
export interface LocalRun {
  /** `host:port` */
  readonly address: string;
  /** Control's token. Whoever has it may make every call. */
  readonly token: string;
}

const RUN_ID = /^[a-z0-9]{1,40}$/;
const MAX_FILE_BYTES = 1000;

/** Hosts may share the user's folder, and each has a loopback address of its own. */
function folder(): string {
  return join(configFolder(), 'runs', fileNameOf(hostname()));
}

/**
 * Leaves the address and the token of a run's private control where only commands of the same user find them.
 * @returns removes them again
 */
export async function recordLocalRun(runId: string, run: LocalRun): Promise<() => Promise<void>> {
  const file = join(folder(), runId);
  await makeFolder(folder(), 0o700);
  // The folder may have been made by hand, with the rights of every other folder.
  await chmod(folder(), 0o700);
  const unfinished = `${file}.${randomBytes(8).toString('hex')}`;
  await writeFile(unfinished, JSON.stringify(run), { mode: 0o600, flag: 'wx' });
  await rename(unfinished, file);
  return () => forgetLocalRun(runId);
}

/** Removes what is recorded of a run, for example when its process was killed. */
export async function forgetLocalRun(runId: string): Promise<void> {
  await rm(join(folder(), runId), { force: true });
}

/** The private control of a run; undefined when no `bench run` of this user on this host has recorded it. */
export function findLocalRun(runId: string): LocalRun | undefined {
  if (!RUN_ID.test(runId)) return undefined;
  try {
    const { address, token } = JSON.parse(readRegularFile(join(folder(), runId), MAX_FILE_BYTES).toString('utf8'));
    return typeof address === 'string' && typeof token === 'string' ? { address, token } : undefined;
  } catch {
    return undefined;
  }
}
