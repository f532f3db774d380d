import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ChannelCredentials } from '@grpc/grpc-js';
import { hostOf, tlsCredentials } from '../../../proto/adapter.ts';
import { readCredentials } from '../../control/security/credentials-folder.ts';
import { isLoopback } from '../../control/security/loopback.ts';
import type { Role } from '../../control/security/role.ts';
import { CommandError } from '../command-error.ts';
import { credentialsFolder, defaultSecurityFolder } from '../files/folders.ts';

/** Of these roles the first that there are credentials for is used. */
type Wanted = readonly Role[];

/**
 * How to connect to a control: with the certificate that `bench join` has brought, or without TLS on loopback.
 * @param given a folder with `ca.pem`, `cert.pem` and `cert.key`, instead of what is kept for that address
 * @throws {CommandError} off loopback without a certificate
 */
export async function clientCredentials(
  address: string,
  wanted: Wanted,
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
    `There is no certificate for the control at ${address}, which takes no callers without: ask who runs it for what \`bench control invite --role ${role}\` prints.`,
  );
}

function keptFolder(address: string, wanted: Wanted): string | undefined {
  const kept = wanted.map((role) => credentialsFolder(address, role));
  // Whoever may read control's folder on its own host is an operator.
  const own = wanted.includes('operator') && !isLoopback(hostOf(address));
  const folders = own ? [...kept, join(defaultSecurityFolder(), 'operator')] : kept;
  return folders.find((folder) => existsSync(join(folder, 'cert.key')));
}
