import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { NAME_FOR_ADDRESSES } from '../../../proto/rpc/adapter.ts';
import { FolderError, makeFolder } from '../../make-folder.ts';
import { reasonOf } from '../../text/system-reason.ts';
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
/** Subfolder with an operator's credentials, for whoever can read the security folder. */
const OPERATOR = 'operator';
const AUTHORITY_HINT = 'restore the file, or make new certificates in another folder (`bench control init --security`)';
const INIT_HINT = '`bench control init` makes new ones';
const FOREIGN_HINT =
  'put the file there that was issued for this control (PEM), or let `bench control init` make certificates in an empty folder';

/** What control needs to serve TLS. */
export interface ServerSecurity {
  readonly server: KeyedCertificate;
  /** Certificate of the authority that issues client certificates, as PEM. */
  readonly authority: string;
  /** Undefined with certificates from elsewhere: then nobody can be invited, and certificates are valid until they expire. */
  readonly invitations: { readonly book: Invitations; readonly signer: KeyedCertificate } | undefined;
}

export interface Initialized {
  readonly isNewAuthority: boolean;
  readonly names: readonly string[];
  /** Folder with the credentials of an operator. */
  readonly operatorFolder: string;
}

/**
 * Makes a certificate authority, a server certificate and an operator's credentials in the folder. An existing authority
 * is kept, with all certificates that it has issued; the certificates of the server and of the operator are replaced, and
 * the operator's previous one is revoked.
 * @param hosts names and addresses of control, added to those that this host has; the first one goes into invitations
 * @throws {SecurityError} when the folder has certificates from elsewhere, or an authority that cannot issue any; nothing
 *   is written then. Also when the folder cannot be made or written
 */
export async function initSecurity(folder: string, hosts: readonly string[], nowMs: number): Promise<Initialized> {
  try {
    return await filled(folder, hosts, nowMs);
  } catch (error) {
    const isOfFiles = error instanceof FolderError || (error as NodeJS.ErrnoException).syscall !== undefined;
    if (!isOfFiles) throw error;
    throw new SecurityError(
      `the certificates cannot be written to ${folder} (${reasonOf(error)}): make it a folder that you can write, or name another with --security`,
      { cause: error },
    );
  }
}

async function filled(folder: string, hosts: readonly string[], nowMs: number): Promise<Initialized> {
  await makeFolder(folder, 0o700);
  const isNewAuthority = !existsSync(join(folder, AUTHORITY_KEY));
  if (isNewAuthority) {
    const foreign = [AUTHORITY_FILE, SERVER, SERVER_KEY].filter((name) => existsSync(join(folder, name)));
    if (foreign.length > 0) {
      throw new SecurityError(
        `${folder} has ${foreign.join(', ')} and no ${AUTHORITY_KEY}: certificates from elsewhere are not overwritten; give another folder with --security`,
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
 * Reads and checks the files that control serves TLS with, so that control does not start when nobody could connect.
 * @throws {SecurityError}
 */
export async function readSecurity(folder: string, nowMs: number): Promise<ServerSecurity> {
  if (!existsSync(join(folder, AUTHORITY_KEY))) {
    // The server's certificate may come from another authority than those of its clients.
    const server = await readServer(folder, FOREIGN_HINT, nowMs);
    return {
      server,
      authority: await readCertificate(folder, AUTHORITY_FILE, FOREIGN_HINT),
      invitations: undefined,
    };
  }
  const signer = await readAuthority(folder);
  const server = await readServer(folder, INIT_HINT, nowMs);
  const issuer = parsedCertificate(signer.certificate);
  const issued = parsedCertificate(server.certificate);
  if (!issued.checkIssued(issuer) || !issued.verify(issuer.publicKey)) {
    throw new SecurityError(
      `${join(folder, SERVER)} was not issued by the authority in ${join(folder, AUTHORITY_FILE)}: ${INIT_HINT}`,
    );
  }
  return { server, authority: signer.certificate, invitations: { book: new Invitations(folder), signer } };
}

/** Control's name and the hash of its authority, as an invitation states them. @throws {SecurityError} */
export async function invitingControl(folder: string): Promise<{ host: string; authorityHash: string }> {
  await readSecret(folder, AUTHORITY_KEY);
  const { certificate } = await readAuthority(folder);
  return { host: await readSecret(folder, HOST), authorityHash: publicKeyHash(certificate) };
}

function readAuthority(folder: string): Promise<KeyedCertificate> {
  return readPair(folder, AUTHORITY_FILE, AUTHORITY_KEY, AUTHORITY_HINT);
}

async function readServer(folder: string, hint: string, nowMs: number): Promise<KeyedCertificate> {
  const server = await readPair(folder, SERVER, SERVER_KEY, hint);
  const expiresAtMs = Date.parse(parsedCertificate(server.certificate).validTo);
  if (expiresAtMs > nowMs) return server;
  throw new SecurityError(`${join(folder, SERVER)} expired at ${new Date(expiresAtMs).toISOString()}: ${hint}`);
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    // Other hosts cannot use a link-local address of this one.
    addresses.filter(({ scopeid }) => !scopeid).map(({ address }) => address),
  );
}
