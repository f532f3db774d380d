import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** What the server says of a request. */
export interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** With one character for each byte. */
  readonly body: string;
}

export interface EchoServer {
  readonly url: string;
  /** Connections that it has accepted. */
  readonly connections: () => number;
}

/** Answers each request with what it was, unless `answer` has answered it. */
export async function startEcho(
  t: Test,
  answer: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<EchoServer> {
  let connections = 0;
  const server = createServer(async (request, response) => {
    if (answer(request, response)) return;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString('latin1') }));
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections };
}
