import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { identityOf } from './security/auth-interceptor.ts';
import type { ServerSecurity } from './security/security-folder.ts';
import type { ControlMetrics } from './telemetry/metrics.ts';

const PATH = '/metrics';
/** Prometheus asks one page at a time. */
const MOST_CONNECTIONS = 20;
const LONGEST_REQUEST_CHARACTERS = 8192;
/** For a TLS handshake, a request and its answer together. */
const REQUEST_LIMIT_MS = 10_000;
const REASONS = { 200: 'OK', 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error' } as const;

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

/**
 * The page of control's own figures. One request a connection, read here: servers for HTTPS do not tell on every runtime
 * whose certificate it is. Rejects with what the system says of the address.
 */
export async function serveMetrics({ host, port, metrics, security }: MetricsServerOptions): Promise<MetricsServer> {
  const serve = (socket: Socket, mayRead: boolean) => {
    socket.on('error', () => {});
    readRequest(socket, (requestLine) => void answer(socket, requestLine, mayRead, metrics));
  };
  const server = security
    ? createTlsServer(tlsOptions(security), (socket) => serve(socket, isViewer(socket, security)))
    : createServer((socket) => serve(socket, true));
  server.maxConnections = MOST_CONNECTIONS;
  server.on('tlsClientError', () => {});
  const open = new Set<Socket>();
  // The connection itself, below TLS: whoever stops in the middle of a handshake would hold the server open.
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    const limit = setTimeout(() => socket.destroy(), REQUEST_LIMIT_MS);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(limit);
      open.delete(socket);
    });
  });
  await listening(server, host, port);
  const bound = (server.address() as AddressInfo).port;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${security ? 'https' : 'http'}://${shownHost}:${bound}${PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** @param taken called once, with the request's first line, when its head has come */
function readRequest(socket: Socket, taken: (requestLine: string) => void): void {
  let head = '';
  const read = (text: string) => {
    head += text;
    if (head.length > LONGEST_REQUEST_CHARACTERS) socket.destroy();
    else if (/\r?\n\r?\n/.test(head)) {
      socket.off('data', read);
      taken(head.split(/\r?\n/, 1)[0] ?? '');
    }
  };
  socket.setEncoding('latin1').on('data', read);
}

async function answer(socket: Socket, requestLine: string, mayRead: boolean, metrics: ControlMetrics): Promise<void> {
  const [method, target = ''] = requestLine.split(' ');
  const isPage = target.split('?', 1)[0] === PATH && (method === 'GET' || method === 'HEAD');
  const plain = 'text/plain; charset=utf-8';
  const reply = (status: keyof typeof REASONS, type: string, body: string) =>
    socket.end(
      `HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
        `Connection: close\r\n\r\n${method === 'HEAD' ? '' : body}`,
    );
  try {
    if (!mayRead) reply(403, plain, 'the certificate must be for a viewer or operator\n');
    else if (!isPage) reply(404, plain, `there is only GET ${PATH}\n`);
    else reply(200, metrics.contentType, await metrics.page());
  } catch {
    reply(500, plain, 'the figures cannot be read\n');
  }
}

function tlsOptions({ server, authority }: ServerSecurity) {
  const identity = { cert: server.certificate, key: server.key, ca: authority };
  return { ...identity, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' as const };
}

/** As for the calls of a viewer. */
function isViewer(socket: TLSSocket, { invitations }: ServerSecurity): boolean {
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
