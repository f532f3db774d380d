import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError, type ErrorDetails } from '../../error.ts';
import { reasonOf } from '../../text/system-reason.ts';
import type { KeyedCertificate } from './certificates.ts';

/** A folder lacks something; the message is one sentence. */
export class SecurityError extends BenchError {
  override readonly name = 'SecurityError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('security_files', message, details);
  }
}

const CERTIFICATE = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----.+?-----END \1-----/s;
const PRIVATE_KEY = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.+?-----END \1-----/s;

/** @throws {SecurityError} */
export async function readSecret(
  folder: string,
  name: string,
  mending = '`bench control init` makes what control needs, `bench control invite` says how others get theirs',
): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    throw new SecurityError(`${join(folder, name)} cannot be read (${reasonOf(error)}): ${mending}`);
  }
}

/**
 * A file of certificates in PEM, the first of which can be read.
 * @param mending what to do when not
 * @throws {SecurityError}
 */
export async function readCertificate(folder: string, name: string, mending: string): Promise<string> {
  const pem = await readSecret(folder, name, mending);
  const certificate = orUndefined(() => parsedCertificate(pem));
  if (certificate === undefined) throw damaged(join(folder, name), pem, 'certificate that can be read (PEM)', mending);
  return pem;
}

/**
 * A certificate and the key that belongs to it.
 * @param mending what to do when they are not that
 * @throws {SecurityError}
 */
export async function readPair(
  folder: string,
  certificateName: string,
  keyName: string,
  mending: string,
): Promise<KeyedCertificate> {
  const certificate = await readCertificate(folder, certificateName, mending);
  const key = await readSecret(folder, keyName, mending);
  const privateKey = orUndefined(() => parsedKey(key));
  if (privateKey === undefined) {
    throw damaged(join(folder, keyName), key, 'private key that can be read (PEM, without a passphrase)', mending);
  }
  if (!parsedCertificate(certificate).checkPrivateKey(privateKey)) {
    throw new SecurityError(`${join(folder, keyName)} is not the key of ${join(folder, certificateName)}: ${mending}`);
  }
  return { certificate, key };
}

/** The first of a text. @throws when there is none */
export function parsedCertificate(pem: string): X509Certificate {
  return new X509Certificate(CERTIFICATE.exec(pem)?.[0] ?? '');
}

function parsedKey(pem: string): KeyObject {
  return createPrivateKey(PRIVATE_KEY.exec(pem)?.[0] ?? '');
}

/** What OpenSSL says of it is of use to nobody, and of each runtime another. */
function orUndefined<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function damaged(file: string, text: string, what: string, mending: string): SecurityError {
  return new SecurityError(`${file} ${text.trim() === '' ? 'is empty' : `holds no ${what}`}: ${mending}`);
}
