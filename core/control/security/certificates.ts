import 'reflect-metadata';
import { createHash, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { organizationOf, type Role } from './role.ts';

/** A certificate and its private key, both as PEM. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 365;
/** The clocks of hosts differ, so a certificate is valid from one day before it was issued. */
const BACKDATED_MS = DAY_MS;

/** Creates a certificate authority for one control and its clients. */
export async function createAuthority(nowMs: number): Promise<KeyedCertificate> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: ['bench control authority'] }],
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(nowMs, AUTHORITY_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
}

/**
 * Issues the certificate that control serves TLS with.
 * @param names host names and IP addresses under which clients reach control
 */
export async function issueServer(
  authority: KeyedCertificate,
  names: readonly string[],
  nowMs: number,
): Promise<KeyedCertificate> {
  const keys = await newKeys();
  const certificate = await issue(authority, keys.publicKey, nowMs, {
    serial: newSerial(),
    subject: [{ CN: ['bench control'] }],
    usage: x509.ExtendedKeyUsage.serverAuth,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
      ),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
}

export interface IssuedClient {
  readonly certificate: string;
  /** Hexadecimal, lower case. */
  readonly serial: string;
  readonly expiresAt: Date;
}

/**
 * Issues a client certificate. Only the public key of the request is used: control alone decides about the rest.
 * @param serial as {@link newSerial} makes it
 * @throws when the request cannot be read, or is not signed with its own key
 */
export async function issueClient(
  authority: KeyedCertificate,
  requestPem: string,
  role: Role,
  nowMs: number,
  serial = newSerial(),
): Promise<IssuedClient> {
  const request = new x509.Pkcs10CertificateRequest(requestPem);
  if (!(await request.verify())) throw new Error('the request is not signed with its own key');
  const certificate = await issue(authority, request.publicKey, nowMs, {
    serial,
    subject: [{ O: [organizationOf(role)] }, { CN: [role] }],
    usage: x509.ExtendedKeyUsage.clientAuth,
    extensions: [],
  });
  return {
    certificate: certificate.toString('pem'),
    serial: certificate.serialNumber,
    expiresAt: certificate.notAfter,
  };
}

/** Creates a private key, which stays with its owner, and a request for a certificate of it; both as PEM. */
export async function createRequest(): Promise<{ readonly key: string; readonly request: string }> {
  const keys = await newKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: ALGORITHM });
  return { key: await pemOf(keys.privateKey), request: request.toString('pem') };
}

/** `sha256:` and the hash of the certificate's public key (SubjectPublicKeyInfo), like kubeadm's `--discovery-token-ca-cert-hash`. */
export function publicKeyHash(certificatePem: string): string {
  const { publicKey } = new x509.X509Certificate(certificatePem);
  return `sha256:${createHash('sha256').update(Buffer.from(publicKey.rawData)).digest('hex')}`;
}

/**
 * The first certificate of a text and nothing else: {@link publicKeyHash} covers only that one, while TLS would trust
 * all certificates of the text.
 * @throws when there is none
 */
export function firstCertificate(pem: string): string {
  return new x509.X509Certificate(pem).toString('pem');
}

async function issue(
  authority: KeyedCertificate,
  publicKey: x509.PublicKeyType,
  nowMs: number,
  content: { serial: string; subject: x509.JsonName; usage: string; extensions: x509.Extension[] },
): Promise<x509.X509Certificate> {
  const { serial, subject, usage, extensions } = content;
  const issuer = new x509.X509Certificate(authority.certificate);
  return x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject,
    issuer: issuer.subject,
    publicKey,
    signingKey: await privateKeyOf(authority.key),
    signingAlgorithm: ALGORITHM,
    ...validity(nowMs, CERTIFICATE_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...extensions,
    ],
  });
}

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function pemOf(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function privateKeyOf(pem: string): Promise<CryptoKey> {
  const [pkcs8] = x509.PemConverter.decode(pem);
  if (pkcs8 === undefined) throw new Error('the key of the certificate authority is not in PEM format');
  return crypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']);
}

/** A random serial number, hexadecimal. It begins with 01, so that every library writes it alike: positive, without leading zeros. */
export function newSerial(): string {
  return `01${randomBytes(15).toString('hex')}`;
}

function validity(nowMs: number, days: number) {
  return { notBefore: new Date(nowMs - BACKDATED_MS), notAfter: new Date(nowMs + days * DAY_MS) };
}
