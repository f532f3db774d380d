import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, tlsCredentials, unverifiedCredentials } from '../../../proto/adapter.ts';
import { EnrollService } from '../../../proto/gen/bench/v1/enroll_pb.ts';
import { createRequest, firstCertificate, publicKeyHash } from '../../control/security/certificates.ts';
import { saveCredentials } from '../../control/security/credentials-folder.ts';
import { ROLES, type Role } from '../../control/security/role.ts';
import { CommandError } from '../command-error.ts';
import { credentialsFolder, withFolderLock } from '../files/folders.ts';
import { controlError } from './run-client.ts';

export interface Invited {
  /** Control's `host:port`. */
  readonly address: string;
  readonly token: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly caHash: string;
}

const TIMEOUT_MS = 15_000;
const INVITATION = 'invitation';

/**
 * Takes an invitation up: first control's authority has to be the one that the invitation names, then the token goes
 * out, for a certificate whose key never leaves this host.
 * @returns the role that the certificate is for, and the folder where it is kept
 * @throws {CommandError}
 */
export async function enroll({ address, token, caHash }: Invited): Promise<{ role: Role; folder: string }> {
  try {
    const authority = firstCertificate(await authorityAt(address));
    if (publicKeyHash(authority) !== caHash.toLowerCase()) {
      throw new CommandError(
        `What answers at ${address} is not the control of this invitation: the hash of its authority is ${publicKeyHash(authority)}. Nothing was told to it.`,
      );
    }
    const client = createClient(EnrollService, address, tlsCredentials(address, { authority }));
    try {
      const { key, request } = await createRequest();
      const issued = await client.enroll({ token, requestPem: request }, { timeoutMs: TIMEOUT_MS });
      const role = ROLES.find((known) => known === issued.role);
      if (role === undefined)
        throw new CommandError(
          `Control issued a certificate for the role ${issued.role}, which this version does not know.`,
        );
      const folder = credentialsFolder(address, role);
      await saveCredentials(folder, { authority, certificate: issued.certificatePem, key });
      await writeFile(join(folder, INVITATION), invitationOf(token));
      return { role, folder };
    } finally {
      client.close();
    }
  } catch (error) {
    throw controlError(address, error);
  }
}

/**
 * As {@link enroll}, unless this invitation was taken up before on this host: tokens expire, and what starts an agent may
 * start it again. Several agents that are started at once take it up once.
 * @returns undefined when it was taken up before
 */
export function enrollOnce(invited: Invited, role: Role): Promise<{ role: Role; folder: string } | undefined> {
  return withFolderLock(credentialsFolder(invited.address, role), async () =>
    (await isTakenUp(invited, role)) ? undefined : enroll(invited),
  );
}

async function isTakenUp({ address, token }: Invited, role: Role): Promise<boolean> {
  const kept = await readFile(join(credentialsFolder(address, role), INVITATION), 'utf8').catch(() => undefined);
  return kept === invitationOf(token);
}

/** The part of a token that is no secret. */
function invitationOf(token: string): string {
  return token.slice(0, token.indexOf('.'));
}

/** Whoever answers may say what it wants here: the hash decides. */
async function authorityAt(address: string): Promise<string> {
  const client = createClient(EnrollService, address, unverifiedCredentials());
  try {
    return (await client.getAuthority({}, { timeoutMs: TIMEOUT_MS })).authorityPem;
  } finally {
    client.close();
  }
}
