import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { reasonOf } from '../../text/system-reason.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/** What a process does with a folder that a flag names. */
const RIGHTS = {
  /** Opens files in it whose names it knows. */
  open: constants.X_OK,
  list: constants.R_OK | constants.X_OK,
  /** Makes it where it is missing, and files in it. */
  make: constants.W_OK | constants.X_OK,
} as const;

/**
 * Checks a folder that a flag names, before anything starts: what is wrong with it would else be told of a file in it, much later.
 * @param flag such as `--files`
 * @throws {CommandError}
 */
export async function checkGivenFolder(flag: string, folder: string, use: keyof typeof RIGHTS): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'ENOTDIR') throw refused(flag, `${folder} lies below a file: name a folder`);
    throw unusable(flag, folder, error);
  });
  if (found === undefined) {
    if (use === 'make') return checkGivenFolder(flag, dirname(resolve(folder)), use);
    throw refused(flag, `there is no folder ${folder}`);
  }
  if (!found.isDirectory()) throw refused(flag, `${folder} is not a folder: name a folder`);
  await access(folder, RIGHTS[use]).catch((error: unknown) => {
    throw unusable(flag, folder, error);
  });
}

function unusable(flag: string, folder: string, error: unknown): CommandError {
  return refused(flag, `this process cannot use the folder ${folder} (${reasonOf(error)}): name another one`);
}

function refused(flag: string, why: string): CommandError {
  return new CommandError(`${flag}: ${why}.`, EXIT.invalidInput);
}
