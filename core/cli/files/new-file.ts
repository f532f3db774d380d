import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { reasonOf } from '../../text/system-reason.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/**
 * Writes a file that a command makes for its user.
 * @param replaces whether one that is there already may be lost
 * @throws {CommandError} when there is one, or it cannot be written
 */
export async function writeNewFile(file: string, text: string, replaces: boolean): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: replaces ? 'w' : 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const message = exists
      ? `${file} is there already: name another file, or add --force to replace it.`
      : `${file} cannot be written: ${reasonOf(error)}.`;
    throw new CommandError(message, exists ? EXIT.invalidInput : EXIT.error, { cause: error });
  }
}
