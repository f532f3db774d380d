import { createHash } from 'node:crypto';
import { Point } from '@noble/ed25519';

/** The order of the base point (RFC 8032, 5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/**
 * Signs a server's challenge as MariaDB's `client_ed25519` does: Ed25519 (RFC 8032, 5.1.6), but the private key is a
 * password of any length and not 32 bytes, which is why `node:crypto` cannot do it.
 * @see https://mariadb.com/docs/server/security/user-account-management/authentication-plugins/authentication-plugin-ed25519
 * @returns 64 bytes
 */
export function signChallenge(challenge: Uint8Array, password: Uint8Array): Buffer {
  const secret = sha512(password);
  const scalar = clamped(secret.subarray(0, 32));
  const publicKey = pointBytes(scalar);
  const nonce = littleEndian(sha512(secret.subarray(32), challenge));
  const commitment = pointBytes(nonce);
  const digest = littleEndian(sha512(commitment, publicKey, challenge));
  const proof = Buffer.from(((digest * scalar + nonce) % ORDER).toString(16).padStart(64, '0'), 'hex').reverse();
  return Buffer.concat([commitment, proof]);
}

/** RFC 8032, 5.1.5, step 2. */
function clamped(half: Buffer): bigint {
  const bytes = Buffer.from(half);
  bytes[0] = (bytes[0] as number) & 0xf8;
  bytes[31] = ((bytes[31] as number) & 0x7f) | 0x40;
  return littleEndian(bytes);
}

function pointBytes(scalar: bigint): Uint8Array {
  return Point.BASE.multiply(scalar % ORDER).toBytes();
}

function littleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

function sha512(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
