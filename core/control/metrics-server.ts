import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ControlMetrics } from './metrics.ts';
import { identityOf } from './security/gate.ts';
import type { ServerSecurity } from './security/security-folder.ts';

const PATH = '/metrics';
/** Prometheus asks one page at a time. */
const MOST_CONNECTIONS = 20;

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly metrics: ControlMetrics;
  /** Serve TLS, to viewers and operators that have a certificate; undefined: to everybody, without TLS. */
  readonly security: ServerSecurity | undefined;
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The page of control's own figures. Rejects with what the system says of the address. */
export async function serveMetrics({ host, port, metrics, security }: MetricsServerOptions): Promise<MetricsServer> {
  const answer: RequestListener = (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== PATH || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`there is only GET ${PATH}\n`);
    } else if (security && !mayLook(request.socket as TLSSocket, security)) {
      response
        .writeHead(403, { 'content-type': 'text/plain' })
        .end('the certificate must be for a viewer or operator\n');
    } else {
      metrics.page().then(
        (page) => response.writeHead(200, { 'content-type': metrics.contentType }).end(page),
        () => response.writeHead(500).end(),
      );
    }
  };
  const server = security ? createTlsServer(tlsOptions(security), answer) : createServer(answer);
  server.maxConnections = MOST_CONNECTIONS;
  server.requestTimeout = 10_000;
  await listening(server, host, port);
  const bound = (server.address() as AddressInfo).port;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${security ? 'https' : 'http'}://${shownHost}:${bound}${PATH}`,
    close: () => closed(server),
  };
}

function tlsOptions({ server, authority }: ServerSecurity) {
  const identity = { cert: server.certificate, key: server.key, ca: authority };
  return { ...identity, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' as const };
}

/** As for the calls of a viewer. */
function mayLook(socket: TLSSocket, { invitations }: ServerSecurity): boolean {
  const sslPeerCertificate = socket.authorized ? socket.getPeerCertificate() : undefined;
  const identity = identityOf({ sslPeerCertificate });
  if (identity === undefined || identity.role === 'agent') return false;
  return invitations?.book.isGood(identity.serial) ?? true;
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
