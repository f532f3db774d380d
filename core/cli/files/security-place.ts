import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../../error.ts';
import { isSticky, isTrustedOwner, othersCanWrite } from '../../trusted-owner.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { reportPlace } from './report-path.ts';

/** What control reads in its security folder. */
const NAMES = ['ca.pem', 'ca.key', 'server.pem', 'server.key', 'host', 'invitations', 'issued', 'sessions', 'operator'];

/**
 * Checks a folder for certificates and keys before it is used; it need not exist yet. Whoever else can put a key, or the
 * record of an invitation, there could run code as this user.
 * @param isNew whether all of it is to be written. What is only read may lie in a folder like /tmp, where nobody can replace
 *   what others own: Kubernetes mounts secrets so
 * @throws {CommandError}
 */
export async function checkSecurityFolder(folder: string, isNew = false): Promise<void> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') throw refusal(`${folder} lies below a file: name a folder`);
  });
  await checkLinks(folder);
  if (found === undefined) return;
  if (!found.isDirectory()) throw refusal(`${folder} is not a folder: name a folder`);
  checkOwner(folder, found);
  if (othersCanWrite(found) && (isNew || !isSticky(found))) throw writable(folder);
  for (const name of NAMES) await checkEntry(join(folder, name));
}

async function checkLinks(path: string): Promise<void> {
  await reportPlace(path).catch((error: unknown) => {
    throw refusal(errorMessage(error));
  });
}

/** Both are checked: the links on the way, and what they lead to. */
async function checkEntry(path: string): Promise<void> {
  await checkLinks(path);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  checkOwner(path, found);
  if (othersCanWrite(found)) throw writable(path);
}

function checkOwner(path: string, found: Stats): void {
  if (isTrustedOwner(found)) return;
  throw refusal(
    `${path} belongs to another user, who could let in whom they like, and so run code as you: name a folder of your own, or make it yours with \`chown -R\``,
  );
}

function writable(path: string): CommandError {
  return refusal(
    `other users can write to ${path}, let in whom they like, and so run code as you: make it private with \`chmod go-w\`, or name another folder`,
  );
}

function refusal(why: string): CommandError {
  return new CommandError(`--security: ${why}.`, EXIT.invalidInput);
}
