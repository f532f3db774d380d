import { once } from 'node:events';
import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Test } from 'tap';
import type { Outcome, VirtualUserContext } from '../../../core/plugin.ts';
import http from '../../../plugins/http.ts';
import { fakeContext } from '../../../testing/fake-context.ts';
import { fakeUser } from '../../../testing/fake-user.ts';

const { signal } = new AbortController();

export interface SiteRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface SiteAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

/** A web site for tests, for HTTP/1.1 or HTTP/2. */
export interface Site {
  /** Such as `http://127.0.0.1:4711`. */
  readonly origin: string;
  /** What it was asked so far. */
  readonly requests: SiteRequest[];
}

/** @param answer what it says to each request */
export async function startSite(
  t: Test,
  isHttp2: boolean,
  answer: (request: SiteRequest) => SiteAnswer,
): Promise<Site> {
  const requests: SiteRequest[] = [];
  const sockets = new Set<Socket>();
  const respond = async (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => {
    let body = '';
    for await (const part of request) body += part;
    const asked = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
    requests.push(asked);
    const { status = 200, headers = {}, body: content = '' } = answer(asked);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.statusCode = status;
    response.end(content);
  };
  const server = isHttp2 ? createHttp2(respond) : createHttp1(respond);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** The `http` driver, opened for a site. */
export interface OpenedDriver {
  /** The session of a virtual user: sends operations by their names. */
  connect(user?: VirtualUserContext): Promise<(operation: string) => Promise<Outcome>>;
}

/** @throws when the options are refused, or the driver cannot be opened */
export async function openHttp(
  t: Test,
  target: string,
  options: object,
  context = fakeContext({ target }),
): Promise<OpenedDriver> {
  const checked = await http.options['~standard'].validate(options);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const driver = await http.open(checked.value, { ...context, target });
  t.teardown(() => driver.close());
  return {
    async connect(user = fakeUser()) {
      const session = await driver.connect(user, signal);
      t.teardown(() => session.close());
      // The outcome that a session returns is valid until its next one.
      return async (operation) => ({ ...(await session.send(operation, signal)) });
    },
  };
}
