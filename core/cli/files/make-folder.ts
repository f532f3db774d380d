import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it. Node's own `recursive` never comes back where the system refuses a folder with
 * "no such file", as Linux does below /proc.
 *
 * @param folder an absolute path
 */
export async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = [];
  for (let place = folder; !(await isThere(place)) && place !== dirname(place); place = dirname(place))
    missing.push(place);
  for (const place of missing.reverse()) {
    await mkdir(place).catch((error: NodeJS.ErrnoException) => {
      // Another process has made it meanwhile.
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

function isThere(place: string): Promise<boolean> {
  return stat(place).then(
    () => true,
    () => false,
  );
}
