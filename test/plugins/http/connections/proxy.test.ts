import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, request } from 'node:http';
import { createServer as createHttp2Server, createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Driver, DriverPlugin, Session } from '../../../../core/plugin.ts';
import health from '../../../../plugins/health.ts';
import http from '../../../../plugins/http.ts';
import httpUpload from '../../../../plugins/http-upload.ts';
import { descriptorBudget } from '../../../../plugins/net/descriptor-budget.ts';
import { type FakeContext, fakeContext } from '../../../../testing/fake-context.ts';
import { fakeUser } from '../../../../testing/fake-user.ts';
import { answerOf, startRawServer } from '../../raw-server.ts';

const FOLDER = join(import.meta.dirname, '../tls');
const FILES = { cert: readFileSync(join(FOLDER, 'server.pem')), key: readFileSync(join(FOLDER, 'server.key')) };
const TLS = { ca: 'ca.pem', serverName: 'localhost' };
const { signal } = new AbortController();

async function listen(t: Test, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    sockets.add(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A forward proxy, and what it was asked for: one entry for each connection that it opened or request that it passed on. */
async function startProxy(t: Test): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    const { method, headers } = incoming;
    const onward = request(incoming.url as string, { method: method as string, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode as number, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, socket: Socket) => {
    asked.push(`CONNECT ${incoming.url}`);
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const onward = connectTcp(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
    t.teardown(() => onward.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(t, server)}`, asked };
}

async function open(plugin: DriverPlugin, options: object, context: FakeContext): Promise<Driver> {
  const checked = await plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  return plugin.open(checked.value, context);
}

async function connected(t: Test, options: object, context: FakeContext): Promise<Session> {
  const driver = await open(http, options, context);
  const session = await driver.connect(fakeUser(), signal);
  t.teardown(async () => {
    await session.close();
    await driver.close();
  });
  return session;
}

const answer: RequestListener = (incoming, outgoing) => {
  let body = '';
  incoming.on('data', (part) => {
    body += part;
  });
  incoming.on('end', () => outgoing.end(JSON.stringify({ path: incoming.url, body })));
};
const OPERATIONS = {
  get: { path: '/items?a=b', checks: { body: { json: { path: '/items?a=b' } } } },
  add: { method: 'POST', path: '/items', body: { json: { a: 1 } }, checks: { body: { json: { body: '{"a":1}' } } } },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of the driver's own templates
  each: { path: '/of/${vu}', checks: { body: { json: { path: '/of/1' } } } },
};

const asHttp2 = answer as unknown as Parameters<typeof createHttp2Server>[1];
const TUNNELLED = [
  { name: 'HTTPS', scheme: 'https', http2: false, server: () => createTlsServer(FILES, answer) },
  { name: 'HTTP/2', scheme: 'http', http2: true, server: () => createHttp2Server({}, asHttp2) as unknown as Server },
  {
    name: 'HTTP/2 over TLS',
    scheme: 'https',
    http2: true,
    server: () => createSecureServer(FILES, asHttp2) as unknown as Server,
  },
];

for (const { name, scheme, http2, server } of TUNNELLED) {
  t.test(`${name} goes through a tunnel, one for each connection`, async (t) => {
    const port = await listen(t, server());
    const proxy = await startProxy(t);
    const context = fakeContext({ target: `${scheme}://127.0.0.1:${port}`, baseDirectory: FOLDER });
    const options = { operations: OPERATIONS, http2, proxy: proxy.url, ...(scheme === 'https' && { tls: TLS }) };
    const session = await connected(t, options, context);
    for (const operation of ['get', 'add', 'each', 'get']) {
      t.match({ ...(await session.send(operation, signal)) }, { ok: true, message: '', status: 200 }, operation);
    }
    t.strictSame(proxy.asked, Array(2).fill(`CONNECT 127.0.0.1:${port}`), 'once before the load, once for the user');
    t.equal(context.timings.get('http.connect')?.length, 2);
    if (scheme === 'https') t.equal(context.timings.get('http.tls')?.length, 2);
  });
}

t.test('plain HTTP is passed on by the proxy, which is told the whole URL', async (t) => {
  const port = await listen(t, createServer(answer));
  const proxy = await startProxy(t);
  const context = fakeContext({ target: `http://localhost:${port}` });
  const session = await connected(t, { operations: OPERATIONS, proxy: proxy.url }, context);
  for (const operation of ['get', 'add', 'each']) {
    t.match({ ...(await session.send(operation, signal)) }, { ok: true, message: '', status: 200 }, operation);
  }
  const origin = `http://localhost:${port}`;
  t.strictSame(proxy.asked, [`GET ${origin}/items?a=b`, `POST ${origin}/items`, `GET ${origin}/of/1`]);
  t.equal(context.timings.get('http.connect')?.length, 2, 'once before the load, once for the user');
  t.equal(context.timings.get('http.dns'), undefined, 'the proxy looks the name up');
});

t.test('stored uploads are counted through the proxy too', async (t) => {
  const counts: RequestListener = (_incoming, outgoing) => outgoing.end('{"devices":{"run1-device-00001":2}}');
  const proxy = await startProxy(t);
  const ports = {
    http: await listen(t, createServer(counts)),
    https: await listen(t, createTlsServer(FILES, counts)),
  };
  const verified = async (scheme: 'http' | 'https', options: object) => {
    const checked = await httpUpload.options['~standard'].validate(options);
    if (checked.issues) throw new Error(JSON.stringify(checked.issues));
    return httpUpload.verify?.(checked.value, {
      runId: 'run1',
      target: `${scheme}://127.0.0.1:${ports[scheme]}`,
      baseDirectory: FOLDER,
      signal,
      writes: new Map([['run1-device-00001', { acknowledged: 2, unknown: 0 }]]),
      operations: new Set(['upload']),
      progress: () => {},
    });
  };
  t.match(await verified('http', { proxy: proxy.url }), { stored: 2, lost: 0 });
  const counted = `GET http://127.0.0.1:${ports.http}/api/test/upload/count?prefix=run1-device-`;
  t.strictSame(new Set(proxy.asked), new Set([counted]));
  proxy.asked.length = 0;
  t.match(await verified('https', { proxy: proxy.url, tls: TLS }), { stored: 2, lost: 0 });
  t.strictSame(new Set(proxy.asked), new Set([`CONNECT 127.0.0.1:${ports.https}`]));
  await t.rejects(verified('http', { proxy: 'http://127.0.0.1:1' }), {
    message:
      /^stored rows cannot be counted: GET \S+ cannot be reached at \S+ through the proxy http:\/\/127\.0\.0\.1:1: connection refused$/,
  });
});

t.test('a proxy that refuses, that is none, and that is not there', async (t) => {
  const cases = [
    [answerOf('', 407), 'the proxy answered 407'],
    ['SSH-2.0-OpenSSH\r\n\r\n', 'what the proxy answered is not HTTP/1.1'],
    [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}`, 'the proxy answered more than 16 KiB of header'],
  ] as const;
  for (const [text, reason] of cases) {
    const proxy = await startRawServer((_request, { socket }) => socket.write(text));
    t.teardown(() => proxy.stop());
    const context = fakeContext({ target: 'https://shop.test' });
    await t.rejects(open(health, { proxy: proxy.url }, context), {
      name: 'PluginError',
      message: `target https://shop.test cannot be reached through the proxy ${proxy.url}: ${reason}. Start it, or choose another one with --host`,
    });
    t.matchOnly(proxy.received(), [/^CONNECT shop\.test:443 HTTP\/1\.1\r\nHost: shop\.test:443\r\n/]);
    await proxy.stop();
    await t.rejects(open(health, { proxy: proxy.url }, context), {
      message: /through the proxy .*: connection refused/,
    });
  }
});

t.test('a tunnel takes one of the descriptors that are left, and gives it back', async (t) => {
  const port = await listen(t, createTlsServer(FILES, answer));
  const proxy = await startProxy(t);
  const context = fakeContext({ target: `https://127.0.0.1:${port}`, baseDirectory: FOLDER });
  const options = { operations: OPERATIONS, tls: TLS, proxy: proxy.url };
  const budget = descriptorBudget();
  let taken = 0;
  let returned: () => void = () => {};
  const givenBack = new Promise<void>((resolve) => {
    returned = resolve;
  });
  t.intercept(budget, 'giveBack', { value: () => returned() });
  const taking = t.intercept(budget, 'take', { value: () => ++taken > 0 });
  const driver = await open(http, options, context);
  t.equal(taken, 1);
  await givenBack;
  await driver.close();
  taking.restore();
  t.intercept(budget, 'take', { value: () => false });
  await t.rejects(open(http, options, fakeContext({ target: context.target, baseDirectory: FOLDER })), {
    message: /limit of open files/,
  });
  t.equal(proxy.asked.length, 1);
});

t.test('what cannot be a proxy', async (t) => {
  const cases: [proxy: unknown, message: RegExp][] = [
    ['192.0.2.9:3128', /^must begin with http:\/\/|^is not a URL/],
    ['https://proxy.test', /^must begin with http:\/\//],
    ['socks5://proxy.test', /^must begin with http:\/\//],
    ['http://me:secret@proxy.test', /^contains a user name or password/],
    ['http://proxy.test/path', /^must be a host and a port, without a path$/],
    [7, /^must be text/],
  ];
  for (const [proxy, message] of cases) {
    const { issues = [] } = await health.options['~standard'].validate({ proxy });
    t.match(issues[0], { path: ['proxy'], message }, String(proxy));
    t.notMatch(issues[0]?.message, /secret/);
  }
});
