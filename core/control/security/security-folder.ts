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
import { AUTHORITY_FILE, saveCredentials } from './credentials-folder.ts';
import { Invitations } from './invitations.ts';
import { parsedCertificate, readCertificate, readPair, readSecret, SecurityError } from './security-files.ts';

const AUTHORITY_KEY = 'ca.key';
const SERVER = 'server.pem';
const SERVER_KEY = 'server.key';
const HOST = 'host';
/** Credentials of whoever may read the security folder, made with it. */
const OPERATOR = 'operator';
const AUTHORITY_MENDING =
  'put back what belongs there, or make new certificates in another folder (`bench control init --security`)';
const INIT_MENDING = '`bench control init` makes new ones';
const FOREIGN_MENDING =
  'put there what was issued for this control (PEM), or let `bench control init` make certificates in an empty folder';

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
 * @throws {SecurityError} when the folder has certificates from elsewhere, or an authority that cannot issue any: then
 *   nothing is written
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
  const authority = await readAuthority(folder);
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

/**
 * What is of no use is not served: nobody could connect.
 * @throws {SecurityError}
 */
export async function readSecurity(folder: string, nowMs: number): Promise<ServerSecurity> {
  if (!existsSync(join(folder, AUTHORITY_KEY))) {
    // The server may be of another authority than its clients.
    const server = await readServer(folder, FOREIGN_MENDING, nowMs);
    return {
      server,
      authority: await readCertificate(folder, AUTHORITY_FILE, FOREIGN_MENDING),
      invitations: undefined,
    };
  }
  const signer = await readAuthority(folder);
  const server = await readServer(folder, INIT_MENDING, nowMs);
  const issuer = parsedCertificate(signer.certificate);
  const issued = parsedCertificate(server.certificate);
  if (!issued.checkIssued(issuer) || !issued.verify(issuer.publicKey)) {
    throw new SecurityError(
      `${join(folder, SERVER)} was not issued by the authority in ${join(folder, AUTHORITY_FILE)}: ${INIT_MENDING}`,
    );
  }
  return { server, authority: signer.certificate, invitations: { book: new Invitations(folder), signer } };
}

/** What an invitation says of control. @throws {SecurityError} */
export async function invitingControl(folder: string): Promise<{ host: string; authorityHash: string }> {
  await readSecret(folder, AUTHORITY_KEY);
  const { certificate } = await readAuthority(folder);
  return { host: await readSecret(folder, HOST), authorityHash: publicKeyHash(certificate) };
}

function readAuthority(folder: string): Promise<KeyedCertificate> {
  return readPair(folder, AUTHORITY_FILE, AUTHORITY_KEY, AUTHORITY_MENDING);
}

async function readServer(folder: string, mending: string, nowMs: number): Promise<KeyedCertificate> {
  const server = await readPair(folder, SERVER, SERVER_KEY, mending);
  const expiresAtMs = Date.parse(parsedCertificate(server.certificate).validTo);
  if (expiresAtMs > nowMs) return server;
  throw new SecurityError(`${join(folder, SERVER)} has expired at ${new Date(expiresAtMs).toISOString()}: ${mending}`);
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    // A link-local address is no name for others.
    addresses.filter(({ scopeid }) => !scopeid).map(({ address }) => address),
  );
}
