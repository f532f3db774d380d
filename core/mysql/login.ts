import { createHash } from 'node:crypto';
import { Point } from '@noble/ed25519';
import { type AuthPlugin, authPlugins } from 'mysql2';
import { BenchError } from '../error.ts';
import { LOGIN_REFUSED } from './login-problem.ts';

/** Login methods that would show the password to whoever answers, and that a user may allow all the same. */
export interface RiskyLogins {
  /** Encrypt the password with whatever key the server sends, on a connection without TLS. */
  readonly allowPublicKeyRetrieval: boolean;
  /** Send the password as it is, on a connection with TLS or over a socket file. */
  readonly allowCleartextPasswords: boolean;
}

const KEY_RETRIEVAL_REFUSED =
  'it asks for the password encrypted with a key that it sends itself, and without TLS nobody knows who it is; use TLS (ssl-mode=VERIFY_IDENTITY in the URL), or, in a network that you trust, add allowPublicKeyRetrieval=true to the URL';
const CLEARTEXT_REFUSED =
  'it asks for the password in clear text (mysql_clear_password); give the user another login method, or use TLS and add allowCleartextPasswords=true to the URL';

/**
 * The login methods for mysql2, besides mysql_native_password. A server chooses the method; an impostor would choose the
 * one that reveals the most, so those that reveal the password itself are refused unless they are allowed.
 * @see https://dev.mysql.com/doc/refman/8.4/en/caching-sha2-pluggable-authentication.html
 */
export function loginMethods(allowed: RiskyLogins): Record<string, AuthPlugin> {
  const keyed = allowed.allowPublicKeyRetrieval ? {} : { onServerPublicKey: () => refuse(KEY_RETRIEVAL_REFUSED) };
  return {
    caching_sha2_password: authPlugins.caching_sha2_password(keyed),
    sha256_password: authPlugins.sha256_password(keyed),
    client_ed25519: ({ connection }) => {
      const { password = '' } = configOf(connection);
      return (challenge) => signChallenge(challenge.subarray(0, 32), Buffer.from(password));
    },
    mysql_clear_password: ({ connection }) => {
      const { password = '', ssl, socketPath } = configOf(connection);
      return () => {
        const isPrivate = Boolean(ssl) || socketPath !== undefined;
        if (!allowed.allowCleartextPasswords || !isPrivate) refuse(CLEARTEXT_REFUSED);
        return Buffer.from(`${password}\0`);
      };
    },
  };
}

function refuse(reason: string): never {
  throw new BenchError(LOGIN_REFUSED, reason);
}

interface LoginConfig {
  readonly password?: string;
  readonly ssl?: unknown;
  readonly socketPath?: string;
}

/** mysql2's types do not have it. */
function configOf(connection: unknown): LoginConfig {
  return (connection as { readonly config: LoginConfig }).config;
}

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
