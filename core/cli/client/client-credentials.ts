import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { hostOf } from '../../../proto/address.ts';
import { type ControlAccess, LocalToken, tlsCredentials } from '../../../proto/rpc/adapter.ts';
import { AUTHORITY_FILE, readCredentials } from '../../control/security/credentials-folder.ts';
import { isLoopback } from '../../control/security/loopback.ts';
import type { Role } from '../../control/security/role.ts';
import { CommandError } from '../command-error.ts';
import { credentialsFolder, defaultSecurityFolder } from '../files/folders.ts';
import { checkKnownBy } from '../files/known-by.ts';
import { leftToken, namedToken, tokenOfEnvironment } from '../files/token-file.ts';

/** What a command can show to control. */
export interface Caller {
  /** A folder with `ca.pem`, `cert.pem` and `cert.key`, instead of the one saved for that address. */
  readonly credentials?: string | undefined;
  /** A file with the token of a control without TLS, instead of the one that control has left for this user. */
  readonly tokenFile?: string | undefined;
  /** The token itself, of a control that this process has started. */
  readonly token?: string | undefined;
}

/**
 * How to connect to a control: with the certificate that `bench join` has saved, or without TLS on loopback, with a token.
 * @param wanted the first of these roles for which a certificate is saved is used
 * @throws {CommandError} off loopback without a certificate, or when a file that was named cannot be read, or could be another user's
 */
export async function clientAccess(
  address: string,
  wanted: readonly Role[],
  { credentials, tokenFile, token }: Caller,
): Promise<ControlAccess> {
  if (token !== undefined) return new LocalToken(address, () => token);
  const isLocal = isLoopback(hostOf(address));
  const folder = credentials ?? (isLocal && tokenFile !== undefined ? undefined : savedFolder(address, wanted));
  if (credentials !== undefined) await checkKnownBy('--credentials', join(credentials, AUTHORITY_FILE));
  if (folder !== undefined) {
    const { authority, ...own } = await readCredentials(folder);
    return tlsCredentials(address, { authority, own });
  }
  if (isLocal) {
    if (tokenFile !== undefined) await checkKnownBy('--token-file', tokenFile);
    const listensAt = address.replace(/^localhost:/, '127.0.0.1:');
    const given = tokenFile === undefined ? tokenOfEnvironment() : namedToken(tokenFile);
    const tunnelTo = process.env.BENCH_CONTROL_TUNNEL?.trim() || undefined;
    return new LocalToken(listensAt, () => given ?? leftToken(listensAt) ?? '', tunnelTo);
  }
  const role = wanted[0] ?? 'operator';
  throw new CommandError(
    `There is no certificate for the control at ${address}, which accepts no callers without one: ask whoever runs it for the line that \`bench control invite --role ${role}\` prints.`,
  );
}

function savedFolder(address: string, wanted: readonly Role[]): string | undefined {
  const saved = wanted.map((role) => credentialsFolder(address, role));
  // Whoever can read control's folder on its own host is an operator.
  const own = wanted.includes('operator') && !isLoopback(hostOf(address));
  const folders = own ? [...saved, join(defaultSecurityFolder(), 'operator')] : saved;
  return folders.find((folder) => existsSync(join(folder, 'cert.key')));
}
