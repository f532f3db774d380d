import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { EnrollService } from '../../../proto/gen/bench/v1/enroll_pb.ts';
import { createClient, tlsCredentials, unverifiedCredentials } from '../../../proto/rpc/adapter.ts';
import { createRequest, firstCertificate, publicKeyHash } from '../../control/security/certificates.ts';
import { saveCredentials } from '../../control/security/credentials-folder.ts';
import { ROLES, type Role } from '../../control/security/role.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { credentialsFolder, withFolderLock } from '../files/folders.ts';
import { namedToken } from '../files/token-file.ts';
import { isInvitationToken } from '../flags/flags.ts';
import { controlError } from './run-client.ts';

export interface Invited {
  /** Control's `host:port`. */
  readonly address: string;
  readonly token: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly caHash: string;
}

/** Where the token of an invitation may come from, beside the variable BENCH_INVITATION_TOKEN. */
export interface TokenFlags {
  readonly token?: string;
  readonly tokenFile?: string;
}

/**
 * The token of an invitation: as it was given, from the file, or from the variable BENCH_INVITATION_TOKEN.
 * @throws {CommandError} when there is none, or what is there is none
 */
export function invitationToken({ token, tokenFile }: TokenFlags): string {
  if (token !== undefined) return token;
  const [source, found] =
    tokenFile === undefined
      ? ['BENCH_INVITATION_TOKEN', process.env.BENCH_INVITATION_TOKEN?.trim() ?? '']
      : [`--token-file: ${tokenFile}`, namedToken(tokenFile)];
  if (isInvitationToken(found)) return found;
  throw new CommandError(
    found === ''
      ? 'The token of the invitation is missing: give it with --token-file or in BENCH_INVITATION_TOKEN.'
      : `${source} does not contain the token of an invitation: 6 letters or digits, a dot, and 32 more.`,
    EXIT.invalidInput,
  );
}

const TIMEOUT_MS = 15_000;
const INVITATION = 'invitation';

/**
 * Accepts an invitation: checks that control's authority is the one that the invitation names, then sends the token and
 * gets a certificate, whose private key never leaves this host.
 * @returns the role of the certificate, and the folder where it is saved
 * @throws {CommandError}
 */
export async function enroll({ address, token, caHash }: Invited): Promise<{ role: Role; folder: string }> {
  try {
    const authority = certificateIn(address, await authorityAt(address));
    if (publicKeyHash(authority) !== caHash.toLowerCase()) {
      throw new CommandError(
        `What answers at ${address} is not the control of this invitation: the hash of its authority is ${publicKeyHash(authority)}. The token was not sent.`,
      );
    }
    const client = createClient(EnrollService, address, tlsCredentials(address, { authority }));
    try {
      const { key, request } = await createRequest();
      const issued = await client.enroll({ token, requestPem: request }, { timeoutMs: TIMEOUT_MS });
      const role = ROLES.find((known) => known === issued.role);
      if (role === undefined) {
        throw new CommandError('Control issued a certificate for a role that this version does not know.');
      }
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
 * Like {@link enroll}, unless this invitation was accepted on this host before: an agent may be started again with the same
 * command line when its token has expired. Of several agents that are started at the same time, one accepts it.
 * @returns undefined when it was accepted before
 */
export function enrollOnce(invited: Invited, role: Role): Promise<{ role: Role; folder: string } | undefined> {
  return withFolderLock(credentialsFolder(invited.address, role), async () =>
    (await isAccepted(invited, role)) ? undefined : enroll(invited),
  );
}

async function isAccepted({ address, token }: Invited, role: Role): Promise<boolean> {
  const kept = await readFile(join(credentialsFolder(address, role), INVITATION), 'utf8').catch(() => undefined);
  return kept === invitationOf(token);
}

/** The id of the invitation: the part of a token that is not secret. */
function invitationOf(token: string): string {
  return token.slice(0, token.indexOf('.'));
}

/** The answer is not trusted: its hash is compared with that of the invitation. */
async function authorityAt(address: string): Promise<string> {
  const client = createClient(EnrollService, address, unverifiedCredentials());
  try {
    return (await client.getAuthority({}, { timeoutMs: TIMEOUT_MS })).authorityPem;
  } finally {
    client.close();
  }
}

/** Whoever answers may send anything. */
function certificateIn(address: string, pem: string): string {
  try {
    return firstCertificate(pem);
  } catch (error) {
    throw new CommandError(`What answers at ${address} shows no certificate that can be read.`, EXIT.error, {
      cause: error,
    });
  }
}
