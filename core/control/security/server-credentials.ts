import * as grpc from '@grpc/grpc-js';
import type { ServerSecurity } from './security-folder.ts';

/**
 * TLS in which a client certificate is optional: a client without one can enroll at the same port, and the
 * `AuthInterceptor` decides what else it may call. A certificate from another authority counts as none.
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
