import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../make-folder.ts';
import { readCertificate, readPair } from './security-files.ts';

/** A client's credentials, all as PEM. */
export interface Credentials {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Name of the file with the authority's certificate, in control's folder and in those of its clients. */
export const AUTHORITY_FILE = 'ca.pem';

const HINT = 'restore the file, or accept a new invitation with `bench join` (`bench control invite` prints one)';

/** Makes the folder when it is missing; only its owner can read the key. */
export async function saveCredentials(folder: string, { authority, certificate, key }: Credentials): Promise<void> {
  await makeFolder(folder, 0o700);
  await writeFile(join(folder, AUTHORITY_FILE), authority);
  await writeFile(join(folder, 'cert.pem'), certificate);
  await writeFile(join(folder, 'cert.key'), key, { mode: 0o600 });
}

/** @throws {SecurityError} */
export async function readCredentials(folder: string): Promise<Credentials> {
  const authority = await readCertificate(folder, AUTHORITY_FILE, HINT);
  return { authority, ...(await readPair(folder, 'cert.pem', 'cert.key', HINT)) };
}
