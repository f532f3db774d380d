import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { hostOf } from '../address.ts';

/**
 * What a client names in the TLS handshake when it knows control by an IP address: RFC 6066 allows only host names
 * there. Certificates that `bench control init` makes have this name too.
 */
export const NAME_FOR_ADDRESSES = 'control.bench.internal';

export interface ClientTls {
  /** What vouches for the server, as PEM. */
  readonly authority: string;
  /** The client's own certificate and key, as PEM. */
  readonly own?: { readonly certificate: string; readonly key: string };
}

/** @param address `host:port`; the server's certificate must be for that host name or IP address */
export function tlsCredentials(address: string, { authority, own }: ClientTls): ChannelCredentials {
  const host = hostOf(address);
  const verify = isIP(host) === 0 ? {} : { checkServerIdentity: identityOfAddress(host) };
  const [key, certificate] = own ? [Buffer.from(own.key), Buffer.from(own.certificate)] : [null, null];
  return credentials.createSsl(Buffer.from(authority), key, certificate, verify);
}

/** For what is public anyway: encrypted, but nobody vouches for who answers. */
export function unverifiedCredentials(): ChannelCredentials {
  return credentials.createSsl(null, null, null, { rejectUnauthorized: false, checkServerIdentity: () => undefined });
}

function identityOfAddress(host: string): typeof checkServerIdentity {
  return (_name, certificate) => checkServerIdentity(host, certificate);
}
