import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { addressOf } from '../../proto/address.ts';
import { peerOf } from '../../proto/rpc/caller.ts';
import { listening } from './listener.ts';
import { identityOf } from './security/certificate-authentication.ts';
import { crowdedOut } from './security/connections.ts';
import { isOwnHost } from './security/own-host.ts';
import type { ServerSecurity } from './security/security-folder.ts';
import type { ControlMetrics } from './telemetry/metrics.ts';

const PATH = '/metrics';
/** Prometheus reads one page at a time. Beyond this strangers give way to each other, and keep nobody out. */
const MAX_CONNECTIONS = 20;
const MAX_REQUEST_CHARACTERS = 8192;
/** How long a TLS handshake, a request and its answer may take together. */
const REQUEST_LIMIT_MS = 10_000;
const REASONS = {
  200: 'OK',
  403: 'Forbidden',
  404: 'Not Found',
  421: 'Misdirected Request',
  500: 'Internal Server Error',
} as const;

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly metrics: ControlMetrics;
  /** With it the page is served over TLS, to viewers and operators with a certificate; without it to everybody on this host. */
  readonly security: ServerSecurity | undefined;
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves the page of control's own metrics, one request per connection. The request is read here, because servers for HTTPS do
 * not tell on every runtime whose certificate a request came with.
 * @throws {ControlError} when the address cannot be listened on
 */
export async function serveMetrics({ host, port, metrics, security }: MetricsServerOptions): Promise<MetricsServer> {
  const serve = (socket: Socket, mayRead: boolean) => {
    socket.on('error', () => {});
    readRequest(socket, (request) => {
      const connection = open.get(peerOf(socket));
      if (connection !== undefined) connection.isAsking = true;
      // Only a browser that was led astray names another host to a page on loopback; with TLS the certificate decides.
      const isMisdirected = security === undefined && !isOwnHost(request.host);
      void answer(socket, request.line, isMisdirected ? 'misdirected' : mayRead ? 'allowed' : 'forbidden', metrics);
    });
  };
  const server = security
    ? createTlsServer(tlsOptions(security), (socket) => serve(socket, isViewer(socket, security)))
    : createServer((socket) => serve(socket, true));
  server.on('tlsClientError', () => {});
  const open = new Map<string, { readonly socket: Socket; isAsking: boolean }>();
  // This is the connection below TLS: a peer that stops in the middle of a handshake would hold the server open.
  server.on('connection', (socket: Socket) => {
    const [peer, connection] = [peerOf(socket), { socket, isAsking: false }];
    open.set(peer, connection);
    const limit = setTimeout(() => socket.destroy(), REQUEST_LIMIT_MS);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(limit);
      if (open.get(peer) === connection) open.delete(peer);
    });
    if (open.size > MAX_CONNECTIONS) {
      const [crowded, { socket }] = crowdedOut(open, ({ isAsking }) => !isAsking);
      open.delete(crowded);
      socket.destroy();
    }
  });
  await listening(server, { host, port }, { host: '--metrics', port: '--metrics' });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `${security ? 'https' : 'http'}://${addressOf(host, bound)}${PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { socket } of open.values()) socket.destroy();
      }),
  };
}

interface RequestHead {
  readonly line: string;
  /** As the request names it, with the port if it has one; undefined when it names none, or several. */
  readonly host: string | undefined;
}

/** @param taken called once, when the head of the request has arrived */
function readRequest(socket: Socket, taken: (request: RequestHead) => void): void {
  let head = '';
  const read = (text: string) => {
    head += text;
    if (head.length > MAX_REQUEST_CHARACTERS) socket.destroy();
    else if (/\r?\n\r?\n/.test(head)) {
      socket.off('data', read);
      const [line = '', ...fields] = head.split(/\r?\n/);
      const hosts = fields.flatMap((field) => /^host:\s*(.*?)\s*$/i.exec(field)?.[1] ?? []);
      taken({ line, host: hosts.length === 1 ? hosts[0] : undefined });
    }
  };
  socket.setEncoding('latin1').on('data', read);
}

async function answer(
  socket: Socket,
  requestLine: string,
  access: 'allowed' | 'forbidden' | 'misdirected',
  metrics: ControlMetrics,
): Promise<void> {
  const [method, target = ''] = requestLine.split(' ');
  const isPage = target.split('?', 1)[0] === PATH && (method === 'GET' || method === 'HEAD');
  const plain = 'text/plain; charset=utf-8';
  const reply = (status: keyof typeof REASONS, type: string, body: string) =>
    socket.end(
      `HTTP/1.1 ${status} ${REASONS[status]}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
        `Connection: close\r\n\r\n${method === 'HEAD' ? '' : body}`,
    );
  try {
    if (access === 'misdirected') reply(421, plain, 'this page is served to this host only: ask for it at localhost\n');
    else if (access === 'forbidden') reply(403, plain, 'the certificate must be for a viewer or operator\n');
    else if (!isPage) reply(404, plain, `there is only GET ${PATH}\n`);
    else reply(200, metrics.contentType, await metrics.page());
  } catch {
    reply(500, plain, 'the metrics cannot be read\n');
  }
}

function tlsOptions({ server, authority }: ServerSecurity) {
  const identity = { cert: server.certificate, key: server.key, ca: authority };
  return { ...identity, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' as const };
}

/** Whether the peer may make the calls of a viewer. */
function isViewer(socket: TLSSocket, { invitations }: ServerSecurity): boolean {
  const sslPeerCertificate = socket.authorized ? socket.getPeerCertificate() : undefined;
  const identity = identityOf({ sslPeerCertificate });
  if (identity === undefined || identity.role === 'agent') return false;
  return invitations?.book.isGood(identity.serial) ?? true;
}
