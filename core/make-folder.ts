import { mkdir, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { BenchError } from './error.ts';
import { reasonOf } from './text/system-reason.ts';

/** What {@link makeFolder} says when it cannot. */
export class FolderError extends BenchError {
  override readonly name = 'FolderError';
}

/**
 * Makes a folder, and those above it. Node's own `recursive` hangs where the system refuses a folder with "no such file", as
 * Linux does below /proc: so whoever sets HOME to such a place would wait for ever.
 *
 * @param mode of the folders that are made; the umask takes from it
 * @throws {FolderError} which names the folder, and says why
 */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  const missing: string[] = [];
  for (let place = resolve(folder); !(await isThere(place)); place = dirname(place)) missing.push(place);
  for (const place of missing.reverse()) {
    await mkdir(place, { mode }).catch((error: NodeJS.ErrnoException) => {
      // Another process may have made it in the meantime.
      if (error.code !== 'EEXIST') throw refused(place, reasonOf(error), error);
    });
  }
}

/** Makes a folder for this process alone, among the temporary files of its user. @throws {FolderError} */
export async function makeTemporaryFolder(prefix: string): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), prefix));
  } catch (error) {
    const why = `temporary files cannot be written to ${tmpdir()} (${reasonOf(error)}): name another folder in TMPDIR`;
    throw new FolderError('folder_refused', why, { cause: error });
  }
}

async function isThere(place: string): Promise<boolean> {
  const found = await stat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'ENOTDIR') throw refused(place, 'it lies below a file', error);
    throw refused(place, reasonOf(error), error);
  });
  if (found === undefined || found.isDirectory()) return found !== undefined;
  throw refused(place, 'it is not a folder');
}

function refused(place: string, why: string, cause?: unknown): FolderError {
  return new FolderError('folder_refused', `the folder ${place} cannot be made: ${why}`, { cause });
}
