import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ChannelCredentials } from '@grpc/grpc-js';
import { hostOf, tlsCredentials } from '../../../proto/adapter.ts';
import { readCredentials } from '../../control/security/credentials-folder.ts';
import { isLoopback } from '../../control/security/loopback.ts';
import type { Role } from '../../control/security/role.ts';
import { CommandError } from '../command-error.ts';
import { credentialsFolder, defaultSecurityFolder } from '../files/folders.ts';

/**
 * How to connect to a control: with the certificate that `bench join` has saved, or without TLS on loopback.
 * @param wanted the first of these roles for which a certificate is saved is used
 * @param given a folder with `ca.pem`, `cert.pem` and `cert.key`, instead of the one saved for that address
 * @throws {CommandError} off loopback without a certificate
 */
export async function clientCredentials(
  address: string,
  wanted: readonly Role[],
  given: string | undefined,
): Promise<ChannelCredentials> {
  const folder = given ?? keptFolder(address, wanted);
  if (folder !== undefined) {
    const { authority, ...own } = await readCredentials(folder);
    return tlsCredentials(address, { authority, own });
  }
  if (isLoopback(hostOf(address))) return ChannelCredentials.createInsecure();
  const role = wanted[0] ?? 'operator';
  throw new CommandError(
    `There is no certificate for the control at ${address}, which accepts no callers without one: ask whoever runs it for the line that \`bench control invite --role ${role}\` prints.`,
  );
}

function keptFolder(address: string, wanted: readonly Role[]): string | undefined {
  const kept = wanted.map((role) => credentialsFolder(address, role));
  // Whoever can read control's folder on its own host is an operator.
  const own = wanted.includes('operator') && !isLoopback(hostOf(address));
  const folders = own ? [...kept, join(defaultSecurityFolder(), 'operator')] : kept;
  return folders.find((folder) => existsSync(join(folder, 'cert.key')));
}
