import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { peerOf } from '../../proto/rpc/caller.ts';
import { listening } from '../control/listener.ts';
import type { KeyedCertificate } from '../control/security/certificates.ts';
import { connectionLimits, crowdedOut } from '../control/security/connections.ts';
import type { WebRequest, WebResponse } from './exchange.ts';

/** A stream of events has a comment each 15 s, so that it is never silent for this long. */
const TIME_LIMITS: TimeLimits = { headMs: 10_000, requestMs: 60_000 };
const MAX_HEAD_BYTES = 16 * 1024;
/** Streams of one HTTP/2 connection. */
const MAX_HTTP2_STREAMS = 100;
/** Requests that are under way on one connection of HTTP/1.1: over HTTP/2 Node holds clients to their streams. */
const MAX_UNDER_WAY = MAX_HTTP2_STREAMS;
/** How long what was sent may take to leave at the end. */
const CLOSE_LIMIT_MS = 500;

export interface ListenerLimits {
  readonly times?: TimeLimits;
  /** How many connections may be open at the same time. */
  readonly connections?: number;
}

export interface TimeLimits {
  /** How long a TLS handshake, and the head of a request, may take. */
  readonly headMs: number;
  /** How long a request as a whole may take, and how long nothing may happen on a connection with TLS. */
  readonly requestMs: number;
}

export interface WebListener {
  readonly port: number;
  /** Takes no more connections, and cuts off those that are open once what was sent has left, or half a second later. */
  close(): Promise<void>;
}

type Serve = (request: WebRequest, response: WebResponse) => void;

interface OpenConnection {
  readonly socket: Socket;
  /** Those that wait are among them. */
  requests: number;
  readonly waiting: (() => void)[];
}

/**
 * The open connections, the oldest first. Beyond the limit the oldest one is closed of the address that has most of them, first of
 * those on which no request is under way: whoever opens many connections cannot keep others out, nor take the descriptors of agents.
 */
class OpenConnections {
  readonly #most: number;
  /** By `address:port`. */
  readonly #open = new Map<string, OpenConnection>();

  constructor(most: number) {
    this.#most = most;
  }

  add(socket: Socket): void {
    const peer = peerOf(socket);
    const connection: OpenConnection = { socket, requests: 0, waiting: [] };
    this.#open.set(peer, connection);
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#open.get(peer) === connection) this.#open.delete(peer);
    });
    if (this.#open.size > this.#most) this.#makeRoom();
  }

  /**
   * Serves a request, in HTTP/1.1 when the answer before it on the same connection has left: a client that sends one request
   * after the other and reads nothing would otherwise have control keep all of their answers.
   */
  begun(request: WebRequest, response: WebResponse, serve: Serve): void {
    const connection = this.#open.get(peerOf(request.socket));
    if (connection === undefined) return;
    const { requests, socket, waiting } = connection;
    const isInOrder = request.httpVersionMajor === 1;
    if (isInOrder && requests === MAX_UNDER_WAY) {
      socket.destroy();
      return;
    }
    connection.requests++;
    const { socket: peer } = request;
    response.on('close', () => {
      connection.requests--;
      const next = waiting.shift();
      if (next !== undefined && !peer.destroyed) next();
    });
    if (requests > 0 && isInOrder) waiting.push(() => serve(request, response));
    else serve(request, response);
  }

  closeAll(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  #makeRoom(): void {
    const [peer, { socket }] = crowdedOut(this.#open, ({ requests }) => requests === 0);
    this.#open.delete(peer);
    socket.destroy();
  }
}

/** A request may name a whole URL, as to a proxy: its host counts, and not the header. @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2 */
function useWholeUrl(request: WebRequest): void {
  const [, host, path] = /^https?:\/\/([^/?]*)(.*)$/i.exec(request.url ?? '') ?? [];
  if (host === undefined) return;
  request.headers.host = host;
  request.url = path?.startsWith('/') ? path : `/${path}`;
}

/**
 * @param limits smaller ones, for tests
 * @param tls with it the server speaks HTTP/2 and HTTP/1.1 over TLS, without it HTTP/1.1
 * @throws {ControlError} when the address cannot be listened on
 */
export async function listenForWeb(
  place: { readonly host: string; readonly port: number },
  tls: KeyedCertificate | undefined,
  serve: Serve,
  { times = TIME_LIMITS, connections = connectionLimits(true).web }: ListenerLimits = {},
): Promise<WebListener> {
  const open = new OpenConnections(connections);
  const counted: Serve = (request, response) => {
    useWholeUrl(request);
    open.begun(request, response, serve);
  };
  const server = tls === undefined ? plainServer(counted, times) : tlsServer(tls, counted, times);
  server.on('connection', (socket: Socket) => open.add(socket));
  await listening(server, place, { host: '--web', port: '--web' });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        const limit = setTimeout(cut, CLOSE_LIMIT_MS);
        server.close(() => {
          clearTimeout(limit);
          resolve();
        });
        if ('closeIdleConnections' in server) server.closeIdleConnections();
        function cut(): void {
          open.closeAll();
        }
      }),
  };
}

function plainServer(serve: Serve, { headMs, requestMs }: TimeLimits): HttpServer {
  return createHttpServer(
    { maxHeaderSize: MAX_HEAD_BYTES, headersTimeout: headMs, requestTimeout: requestMs },
    (request, response) => serve(request, response),
  );
}

function tlsServer(
  { certificate, key }: KeyedCertificate,
  serve: Serve,
  { headMs, requestMs }: TimeLimits,
): Http2SecureServer {
  const server = createSecureServer(
    {
      cert: certificate,
      key,
      allowHTTP1: true,
      minVersion: 'TLSv1.2',
      handshakeTimeout: headMs,
      settings: { maxConcurrentStreams: MAX_HTTP2_STREAMS },
      maxSessionMemory: 16,
    },
    (request, response) => serve(request, response as unknown as WebResponse),
  );
  server.setTimeout(requestMs);
  // Bun heeds the line above for HTTP/2 alone.
  server.on('secureConnection', (socket) => {
    if (socket.alpnProtocol !== 'h2') socket.setTimeout(requestMs, () => socket.destroy());
  });
  // These limit requests over HTTP/1.1. They are no options of this server, and its declarations do not know them.
  Object.assign(server, { headersTimeout: headMs, requestTimeout: requestMs });
  server.on('tlsClientError', () => {});
  server.on('sessionError', () => {});
  return server;
}
