import { stat } from 'node:fs/promises';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/**
 * Checks a folder for certificates and keys before it is used; it need not exist yet.
 * @throws {CommandError}
 */
export async function checkSecurityFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') throw refusal(`${folder} lies below a file`, 'name a folder');
  });
  if (found !== undefined && !found.isDirectory()) throw refusal(`${folder} is not a folder`, 'name a folder');
}

function refusal(what: string, mend: string): CommandError {
  return new CommandError(`--security: ${what}: ${mend}.`, EXIT.invalidInput);
}
