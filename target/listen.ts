import type { Server } from 'node:http';
import { node } from '@elysiajs/node';
import type { ElysiaAdapter } from 'elysia';
import { reasonOf, TargetError } from './error.ts';
import { BODY_MAX_BYTES } from './upload.ts';

/** A listening HTTP server, whichever runtime runs it. */
export interface Listener {
  readonly port: number;
  /** Accepts no new connections, waits until the requests in progress are answered, then closes what is still open. */
  stop(): Promise<void>;
}

/** The part of an Elysia app that `listen` uses. */
export interface ServedApp {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  listen(options: object, callback: (server: unknown) => void): unknown;
}

/** How long idle connections stay open: some clients pause between two requests. */
const KEEP_ALIVE_SECONDS = 120;
/** How long requests in progress may take when the target stops: more than an upload waits for a locked database. */
const DRAIN_LIMIT_MS = 10_000;

interface BunServer {
  readonly port: number;
  stop(closeActiveConnections: boolean): Promise<void>;
}
interface DenoServer {
  readonly addr: { readonly port: number };
  shutdown(): Promise<void>;
}
const { Bun: bun, Deno: deno } = globalThis as unknown as {
  Bun?: { serve(options: object): BunServer };
  Deno?: { serve(options: object, handler: ServedApp['fetch']): DenoServer };
};

/** The adapter that Elysia needs on this runtime: none on Bun and Deno, whose servers use the app's `fetch`. */
export function adapterForRuntime(): ElysiaAdapter | undefined {
  return bun === undefined && deno === undefined ? node() : undefined;
}

/** Listens on `host` and `port` (0: any free one). Throws `TargetError` when that is not possible. */
export async function listen(app: ServedApp, host: string, port: number): Promise<Listener> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new TargetError(`There is no port ${port}: give --port a whole number from 0 to 65535.`);
  }
  try {
    if (bun !== undefined) return listenOnBun(bun.serve, app, host, port);
    if (deno !== undefined) return listenOnDeno(deno.serve, app, host, port);
    return await listenOnNode(app, host, port);
  } catch (error) {
    throw targetErrorOf(error, host, port);
  }
}

function listenOnBun(serve: (options: object) => BunServer, app: ServedApp, host: string, port: number): Listener {
  const server = serve({
    hostname: host,
    port,
    // By default, two processes share a port without an error.
    reusePort: false,
    development: false,
    idleTimeout: KEEP_ALIVE_SECONDS,
    // Meant for bodies of unknown length: to those of a known one the app itself answers.
    maxRequestBodySize: 64 * BODY_MAX_BYTES,
    fetch: app.fetch,
  });
  return { port: server.port, stop: () => drain(server.stop(false), () => void server.stop(true)) };
}

function listenOnDeno(
  serve: (options: object, handler: ServedApp['fetch']) => DenoServer,
  app: ServedApp,
  host: string,
  port: number,
): Listener {
  const abort = new AbortController();
  const server = serve({ hostname: host, port, signal: abort.signal, onListen: () => {} }, app.fetch);
  return { port: server.addr.port, stop: () => drain(server.shutdown(), () => abort.abort()) };
}

async function listenOnNode(app: ServedApp, host: string, port: number): Promise<Listener> {
  const exitListeners = process.listeners('beforeExit');
  const server = await new Promise<Server>((resolve, reject) => {
    app.listen({ hostname: host, port, reusePort: false }, (handle) => {
      const started = (handle as { raw: { node: { server: Server } } }).raw.node.server;
      started.once('error', reject);
      started.once('listening', () => resolve(started));
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_SECONDS * 1000;
  // The adapter closes the server again when the process ends, which would fail after stop().
  const ownExitListeners = process.listeners('beforeExit').filter((listener) => !exitListeners.includes(listener));
  for (const listener of ownExitListeners) process.off('beforeExit', listener);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () =>
      drain(new Promise<void>((resolve) => server.close(() => resolve())), () => server.closeAllConnections()),
  };
}

async function drain(closed: Promise<unknown>, force: () => void): Promise<void> {
  const limit = setTimeout(force, DRAIN_LIMIT_MS);
  try {
    await closed;
  } finally {
    clearTimeout(limit);
  }
}

function targetErrorOf(error: unknown, host: string, port: number): TargetError {
  const code = (error as { code?: unknown }).code;
  if (code === 'EADDRINUSE') {
    return new TargetError(
      `Port ${port} on ${host} is in use: stop the process that holds it, or give --port another number (0 takes a free one).`,
      { cause: error },
    );
  }
  if (code === 'EACCES') {
    return new TargetError(`This user may not listen on port ${port}: give --port a number above 1023.`, {
      cause: error,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new TargetError(`This machine has no address ${host}: give --host one of its own, such as 127.0.0.1.`, {
      cause: error,
    });
  }
  return new TargetError(`The target cannot listen on ${host}, port ${port}: ${reasonOf(error)}.`, { cause: error });
}
