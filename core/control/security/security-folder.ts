import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { NAME_FOR_ADDRESSES } from '../../../proto/adapter.ts';
import {
  createAuthority,
  createRequest,
  issueClient,
  issueServer,
  type KeyedCertificate,
  publicKeyHash,
} from './certificates.ts';
import { AUTHORITY_FILE, readSecret, SecurityError, saveCredentials } from './credentials-folder.ts';
import { Invitations } from './invitations.ts';

const AUTHORITY_KEY = 'ca.key';
const SERVER = 'server.pem';
const SERVER_KEY = 'server.key';
const HOST = 'host';
/** Credentials of whoever may read the security folder, made with it. */
const OPERATOR = 'operator';

/** What a control that serves TLS needs. */
export interface ServerSecurity {
  readonly server: KeyedCertificate;
  /** The certificate that vouches for clients, as PEM. */
  readonly authority: string;
  /** Undefined with certificates from elsewhere: then nobody can be invited, and certificates are good until they expire. */
  readonly invitations: { readonly book: Invitations; readonly signer: KeyedCertificate } | undefined;
}

export interface Initialized {
  readonly isNewAuthority: boolean;
  readonly names: readonly string[];
  /** Credentials of an operator. */
  readonly operatorFolder: string;
}

/**
 * Makes a certificate authority, a server certificate and an operator's credentials in the folder. An authority that
 * is there stays, with all the certificates that it has issued; the server's and the operator's certificates are made
 * anew, and the operator's from before is no longer good.
 * @param hosts names and addresses of control beside those that this host knows of itself; the first is told in invitations
 * @throws {SecurityError} when the folder has certificates from elsewhere
 */
export async function initSecurity(folder: string, hosts: readonly string[], nowMs: number): Promise<Initialized> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const isNewAuthority = !existsSync(join(folder, AUTHORITY_KEY));
  if (isNewAuthority) {
    const foreign = [AUTHORITY_FILE, SERVER, SERVER_KEY].filter((name) => existsSync(join(folder, name)));
    if (foreign.length > 0) {
      throw new SecurityError(
        `${folder} has ${foreign.join(', ')} and no ${AUTHORITY_KEY}: certificates from elsewhere are not written over; give another folder with --security`,
      );
    }
    const { certificate, key } = await createAuthority(nowMs);
    await writeFile(join(folder, AUTHORITY_FILE), certificate, { mode: 0o644 });
    await writeFile(join(folder, AUTHORITY_KEY), key, { mode: 0o600 });
  }
  const authority = await readPair(folder, AUTHORITY_FILE, AUTHORITY_KEY);
  const names = [...new Set([...hosts, hostname(), ...ownAddresses(), 'localhost'])];
  const server = await issueServer(authority, [...names, NAME_FOR_ADDRESSES], nowMs);
  await writeFile(join(folder, SERVER), server.certificate, { mode: 0o644 });
  await writeFile(join(folder, SERVER_KEY), server.key, { mode: 0o600 });
  await writeFile(join(folder, HOST), names[0] as string);
  const operatorFolder = join(folder, OPERATOR);
  const { key, request } = await createRequest();
  const { certificate, serial } = await issueClient(authority, request, 'operator', nowMs);
  await new Invitations(folder).recordOwn(serial, nowMs);
  await saveCredentials(operatorFolder, { authority: authority.certificate, certificate, key });
  return { isNewAuthority, names, operatorFolder };
}

/** @throws {SecurityError} */
export async function readSecurity(folder: string): Promise<ServerSecurity> {
  const server = await readPair(folder, SERVER, SERVER_KEY);
  const authority = await readSecret(folder, AUTHORITY_FILE);
  const invitations = existsSync(join(folder, AUTHORITY_KEY))
    ? { book: new Invitations(folder), signer: await readPair(folder, AUTHORITY_FILE, AUTHORITY_KEY) }
    : undefined;
  return { server, authority, invitations };
}

/** What an invitation says of control. @throws {SecurityError} */
export async function invitingControl(folder: string): Promise<{ host: string; authorityHash: string }> {
  await readSecret(folder, AUTHORITY_KEY);
  return {
    host: await readSecret(folder, HOST),
    authorityHash: publicKeyHash(await readSecret(folder, AUTHORITY_FILE)),
  };
}

async function readPair(folder: string, certificate: string, key: string): Promise<KeyedCertificate> {
  return { certificate: await readSecret(folder, certificate), key: await readSecret(folder, key) };
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    // A link-local address is no name for others.
    addresses.filter(({ scopeid }) => !scopeid).map(({ address }) => address),
  );
}
