import * as grpc from '@grpc/grpc-js';
import type { ServerSecurity } from './security-folder.ts';

/**
 * TLS where a client may have a certificate and need not: whoever has none yet can enroll at the same port, and what
 * else it may call is for the gate to say. A certificate of another authority counts as none.
 */
export class ServerTls extends grpc.ServerCredentials {
  constructor({ server, authority }: ServerSecurity) {
    super(
      { requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
      { ca: authority, cert: server.certificate, key: server.key },
    );
  }

  override _equals(other: grpc.ServerCredentials): boolean {
    return other === this;
  }
}
