import { lstat } from 'node:fs/promises';
import { makeFolder } from '../make-folder.ts';
import { isTrustedOwner, othersCanWrite } from '../trusted-owner.ts';

/**
 * Makes a folder, and those above it, for this user alone. Where it was there already, somebody else may have made it, who
 * could then put code of their own in the place of what was sent with a run.
 *
 * @throws {Error} when it belongs to another user than this one or root, when others can write to it, and when it is a link
 */
export async function makeOwnFolder(folder: string): Promise<void> {
  await makeFolder(folder, 0o700);
  const found = await lstat(folder);
  if (found.isSymbolicLink()) throw new Error(`${folder} is a link`);
  if (!isTrustedOwner(found)) throw new Error(`${folder} belongs to another user`);
  if (othersCanWrite(found)) throw new Error(`other users can write to ${folder}`);
}
