import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError, type ErrorDetails } from '../../error.ts';
import { reasonOf } from '../../text/system-reason.ts';
import type { KeyedCertificate } from './certificates.ts';

/** A security folder lacks a file, or a file in it is damaged; the message is one sentence. */
export class SecurityError extends BenchError {
  override readonly name = 'SecurityError';

  constructor(message: string, details: ErrorDetails = {}) {
    super('security_files', message, details);
  }
}

const CERTIFICATE = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----.+?-----END \1-----/s;
const PRIVATE_KEY = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.+?-----END \1-----/s;

/**
 * @param hint what to do when the file cannot be read; it ends the message
 * @throws {SecurityError}
 */
export async function readSecret(
  folder: string,
  name: string,
  hint = '`bench control init` makes the files that control needs, `bench control invite` prints how others get theirs',
): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    throw new SecurityError(`${join(folder, name)} cannot be read (${reasonOf(error)}): ${hint}`, { cause: error });
  }
}

/**
 * Reads a file of certificates in PEM; at least the first certificate is readable.
 * @param hint what to do when it is not
 * @throws {SecurityError}
 */
export async function readCertificate(folder: string, name: string, hint: string): Promise<string> {
  const pem = await readSecret(folder, name, hint);
  const certificate = orUndefined(() => parsedCertificate(pem));
  if (certificate === undefined) throw damaged(join(folder, name), pem, 'certificate that can be read (PEM)', hint);
  return pem;
}

/**
 * Reads a certificate and the private key that belongs to it.
 * @param hint what to do when they do not belong together, or cannot be read
 * @throws {SecurityError}
 */
export async function readPair(
  folder: string,
  certificateName: string,
  keyName: string,
  hint: string,
): Promise<KeyedCertificate> {
  const certificate = await readCertificate(folder, certificateName, hint);
  const key = await readSecret(folder, keyName, hint);
  const privateKey = orUndefined(() => parsedKey(key));
  if (privateKey === undefined) {
    throw damaged(join(folder, keyName), key, 'private key that can be read (PEM, without a passphrase)', hint);
  }
  if (!parsedCertificate(certificate).checkPrivateKey(privateKey)) {
    throw new SecurityError(`${join(folder, keyName)} is not the key of ${join(folder, certificateName)}: ${hint}`);
  }
  return { certificate, key };
}

/** The first certificate in a text. @throws when there is none */
export function parsedCertificate(pem: string): X509Certificate {
  return new X509Certificate(CERTIFICATE.exec(pem)?.[0] ?? '');
}

function parsedKey(pem: string): KeyObject {
  return createPrivateKey(PRIVATE_KEY.exec(pem)?.[0] ?? '');
}

/** OpenSSL's own message is dropped: it helps nobody, and differs between runtimes. */
function orUndefined<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function damaged(file: string, text: string, what: string, hint: string): SecurityError {
  return new SecurityError(`${file} ${text.trim() === '' ? 'is empty' : `holds no ${what}`}: ${hint}`);
}
