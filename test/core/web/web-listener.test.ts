import { EventEmitter, once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import t from 'tap';
import { listening } from '../../../core/control/listener.ts';
import { initSecurity, readSecurity } from '../../../core/control/security/security-folder.ts';
import { sendBody } from '../../../core/web/send.ts';
import { listenForWeb } from '../../../core/web/web-listener.ts';

const LIMITS = { headMs: 100, requestMs: 200 };

t.test('over TLS a connection on which nothing happens is closed, in the handshake and after it', async (t) => {
  const folder = t.testdir();
  await initSecurity(folder, ['control.example'], Date.now());
  const { server, authority: ca } = await readSecurity(folder, Date.now());
  const { port, close } = await listenForWeb({ host: '127.0.0.1', port: 0 }, server, () => {}, { times: LIMITS });
  t.teardown(close);
  const place = { host: '127.0.0.1', port };
  const secured = (protocol: string) =>
    connectTls({ ...place, ca, servername: 'localhost', ALPNProtocols: [protocol] });
  await Promise.all([closed(connect(place)), closed(secured('http/1.1')), closed(secured('h2'))]);
});

t.test('the answer to HEAD over HTTP/2 ends at once, also where the body would be sent in pieces', async (t) => {
  const folder = t.testdir();
  await initSecurity(folder, ['control.example'], Date.now());
  const { server, authority: ca } = await readSecurity(folder, Date.now());
  const left = Promise.withResolvers<void>();
  const { port, close } = await listenForWeb({ host: '127.0.0.1', port: 0 }, server, (_, response) => {
    response.on('close', () => left.resolve());
    sendBody(response, 200, {}, 'x'.repeat(1 << 20));
  });
  t.teardown(close);
  const session = connectHttp2(`https://localhost:${port}`, { ca });
  const stalled = setTimeout(() => left.reject(new Error('it waits for a reader')), 5000);
  const [head] = await once(session.request({ ':method': 'HEAD' }).resume(), 'response');
  t.equal(head['content-length'], String(1 << 20));
  await left.promise;
  clearTimeout(stalled);
  session.destroy();
});

t.test('many connections of one address keep nobody out: its oldest goes on which nothing is under way', async (t) => {
  const begun = Promise.withResolvers<void>();
  const serve = () => begun.resolve();
  const { port, close } = await listenForWeb({ host: '127.0.0.1', port: 0 }, undefined, serve, { connections: 4 });
  t.teardown(close);
  const ended: string[] = [];
  const open = async (name: string, localAddress: string) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    const end = closed(socket).then(() => ended.push(name));
    await once(socket, 'connect');
    return { socket, end };
  };
  const busy = await open('busy', '127.0.0.1');
  busy.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await begun.promise;
  const idle = [await open('idle 1', '127.0.0.1'), await open('idle 2', '127.0.0.1')];
  const others = [await open('other 1', '127.0.0.2'), await open('other 2', '127.0.0.2')];
  await idle[0]?.end;
  await open('other 3', '127.0.0.2');
  await others[0]?.end;
  t.strictSame(ended, ['idle 1', 'other 1']);
});

t.test('a port that is taken is known by its code, whatever words a runtime has for it', async (t) => {
  const server = new EventEmitter();
  const error = Object.assign(new Error('Failed to start server. Is port 80 in use?'), { code: 'EADDRINUSE' });
  const listen = () => void server.emit('error', error);
  const place = { host: '127.0.0.1', port: 80 };
  await t.rejects(listening(Object.assign(server, { listen }), place, { host: '--web', port: '--web' }), {
    message: /^port 80 on 127\.0\.0\.1 is in use: .* choose another port with --web/,
  });
});

t.test('requests that come before their answers are served one after the other, and only a hundred', async (t) => {
  const served: string[] = [];
  const open: (() => void)[] = [];
  const { port, close } = await listenForWeb({ host: '127.0.0.1', port: 0 }, undefined, ({ url = '' }, response) => {
    served.push(url);
    open.push(() => response.end(url));
    changed();
  });
  t.teardown(close);
  let changed = () => {};
  const socket = connect({ host: '127.0.0.1', port });
  const end = closed(socket);
  let answers = '';
  socket.on('data', (piece: Buffer) => {
    answers += piece;
    changed();
  });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => (changed = resolve));
  };
  const ask = (url: string) => socket.write(`GET ${url} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  for (const url of ['/1', '/2', 'http://localhost/3']) ask(url);
  for (const url of ['/1', '/2', '/3']) {
    await until(() => served.includes(url));
    t.equal(served.at(-1), url);
    open.shift()?.();
    await until(() => answers.endsWith(url));
  }
  t.strictSame(served, ['/1', '/2', '/3']);
  for (let i = 0; i < 101; i++) ask('/more');
  await end;
  t.equal(served.length, 4);
});

t.test('a URL as a proxy gets it stands for its own host, whatever the header says', async (t) => {
  const asked: unknown[] = [];
  const { port, close } = await listenForWeb({ host: '127.0.0.1', port: 0 }, undefined, (request, response) => {
    asked.push([request.headers.host, request.url]);
    response.end();
  });
  t.teardown(close);
  const socket = connect({ host: '127.0.0.1', port });
  for (const url of ['http://evil.example:80/a?b', 'HTTP://evil.example', 'http://evil.example?b']) {
    socket.write(`GET ${url} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  }
  socket.end();
  await closed(socket);
  t.strictSame(asked, [
    ['evil.example:80', '/a?b'],
    ['evil.example', '/'],
    ['evil.example', '/?b'],
  ]);
});

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}
