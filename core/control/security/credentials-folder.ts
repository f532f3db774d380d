import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../plan/system-reason.ts';

/** A folder lacks something; the message is one sentence. */
export class SecurityError extends Error {
  override readonly name = 'SecurityError';
}

/** A client's credentials, all as PEM. */
export interface Credentials {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** What vouches for control, in its own folder and in those of its clients. */
export const AUTHORITY_FILE = 'ca.pem';

export async function saveCredentials(folder: string, { authority, certificate, key }: Credentials): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, AUTHORITY_FILE), authority);
  await writeFile(join(folder, 'cert.pem'), certificate);
  await writeFile(join(folder, 'cert.key'), key, { mode: 0o600 });
}

/** @throws {SecurityError} */
export async function readCredentials(folder: string): Promise<Credentials> {
  return {
    authority: await readSecret(folder, AUTHORITY_FILE),
    certificate: await readSecret(folder, 'cert.pem'),
    key: await readSecret(folder, 'cert.key'),
  };
}

/** @throws {SecurityError} */
export async function readSecret(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    throw new SecurityError(
      `${join(folder, name)} cannot be read (${reasonOf(error)}): \`bench control init\` makes what control needs, \`bench control invite\` says how others get theirs`,
    );
  }
}
