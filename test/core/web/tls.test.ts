/** Who gets in over TLS: invitations, sessions, tokens of programs, and what each role may do. Real handshakes on a real port. */

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import t, { type Test } from 'tap';
import { Invitations } from '../../../core/control/security/invitations.ts';
import { initSecurity, readSecurity } from '../../../core/control/security/security-folder.ts';
import { type Route, type RouteName, routes } from '../../../core/web/api/routes.ts';
import { LogFeed } from '../../../core/web/log-feed.ts';
import { serveWeb } from '../../../core/web/web-server.ts';
import type { FakeClock } from '../../../testing/fake-clock.ts';
import { sceneClock } from '../control/scene/scene-clock.ts';
import { stage } from '../control/scene/stage.ts';
import { fakePlans, fakeReports } from './web-stage.ts';

interface Told {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly json: Readonly<Record<string, unknown>>;
}

type Headers = Readonly<Record<string, string>>;

const JSON_HEADERS = { 'content-type': 'application/json', 'x-bench': '1' };

/** The clock of control stands, and is that of today: certificates are checked by the system's. */
async function secured(t: Test) {
  const folder = t.testdir();
  const nowMs = Date.now();
  await initSecurity(folder, ['control.example'], nowMs);
  const server = await readSecurity(folder, nowMs);
  const clock: FakeClock = sceneClock(5e6, nowMs - Date.UTC(2026, 0, 1));
  const scene = await stage(t, { clock });
  const web = await serveWeb({
    control: scene.control,
    // An address that is not of loopback for the server, and can be reached by it.
    listen: { host: '0.0.0.0', port: 0 },
    security: { folder, server },
    plans: fakePlans,
    reports: fakeReports,
    logFeed: new LogFeed(clock),
    clock,
    log: () => {},
  });
  t.teardown(() => web.close());
  const port = Number(new URL(web.url).port);
  const book = new Invitations(folder);
  const invite = (role: 'viewer' | 'operator', use: 'web' | 'api' | 'join', lifetimeMs = 3_600_000) =>
    book.invite(role, lifetimeMs, clock.epochMs(), use);
  const ask = (method: string, path: string, headers: Headers = {}, body?: unknown): Promise<Told> =>
    new Promise((resolve, reject) => {
      const wanted = { host: `localhost:${port}`, ...headers };
      const options = {
        host: '127.0.0.1',
        port,
        method,
        path: `/api/v1${path}`,
        headers: wanted,
        ca: server.authority,
      };
      const request = httpsRequest({ ...options, servername: 'localhost' }, (answer) => {
        let text = '';
        answer.on('data', (piece: Buffer) => {
          text += piece;
          // A stream has no end of its own.
          if (/event-stream/.test(answer.headers['content-type'] ?? '')) answer.destroy();
        });
        answer.on('close', () => {
          const isJson = /json/.test(answer.headers['content-type'] ?? '');
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            json: isJson && text ? JSON.parse(text) : text,
          });
        });
        answer.on('error', () => {});
      });
      request.on('error', reject);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const logIn = async (role: 'viewer' | 'operator') => {
    const token = await invite(role, 'web');
    const { status, headers } = await ask('POST', '/session', JSON_HEADERS, { token });
    const [setCookie = ''] = headers['set-cookie'] ?? [];
    return { status, setCookie, cookie: setCookie.split(';')[0] ?? '', id: token.split('.')[0] ?? '' };
  };
  /** Resolves when a stream has ended. @param opened called when its first bytes are here */
  const streamEnd = (cookie: string, opened: () => Promise<unknown>) =>
    new Promise<void>((resolve, reject) => {
      const headers = { cookie, host: `localhost:${port}` };
      const place = { host: '127.0.0.1', port, path: '/api/v1/events', servername: 'localhost' };
      httpsRequest({ ...place, headers, ca: server.authority }, (answer) => {
        answer.on('end', resolve);
        answer.once('data', () => opened().catch(reject));
        answer.resume();
      })
        .on('error', reject)
        .end();
    });
  return { ask, book, clock, folder, invite, logIn, port, scene, server, streamEnd };
}

t.test('without a login there is nothing but the login', async (t) => {
  const { ask } = await secured(t);
  t.match((await ask('GET', '/session')).json, { role: null, login: 'token', expiresAt: null });
  t.equal((await ask('GET', '/healthz')).status, 200);
  for (const [name, { method, path, role }] of Object.entries<Route>(routes)) {
    if (role === 'anyone') continue;
    const { status } = await ask(
      method,
      path.replaceAll(/\{\w+\}/g, 'x'),
      JSON_HEADERS,
      method === 'POST' ? {} : undefined,
    );
    t.equal(status, 401, name);
  }
});

t.test('an invitation for the page makes a session, in a cookie that no script and no other site gets', async (t) => {
  const { ask, logIn } = await secured(t);
  const { status, setCookie, cookie } = await logIn('viewer');
  t.equal(status, 200);
  t.match(setCookie, /^__Host-bench=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=43200$/);
  t.match((await ask('GET', '/session', { cookie })).json, { role: 'viewer', login: 'token' });
  t.equal((await ask('GET', '/info', { cookie })).json.role, 'viewer');
  const out = await ask('DELETE', '/session', { ...JSON_HEADERS, cookie });
  t.equal(out.status, 204);
  t.matchOnly(out.headers['set-cookie'], [/Max-Age=0$/]);
  t.equal((await ask('GET', '/info', { cookie })).status, 401, 'the secret is worth nothing any more');
});

t.test('a viewer sees all runs and changes nothing: every route that changes something answers 403', async (t) => {
  const { ask, invite, logIn } = await secured(t);
  const bearer = { authorization: `Bearer ${await invite('viewer', 'api')}` };
  const { cookie } = await logIn('viewer');
  for (const who of [{ cookie }, bearer] as Headers[]) {
    for (const [name, { method, path, role }] of Object.entries<Route>(routes) as [RouteName, Route][]) {
      if (role === 'anyone') continue;
      const told = await ask(
        method,
        path.replaceAll(/\{\w+\}/g, 'x') + (path.startsWith('/compare') ? '?runs=x,y' : ''),
        { ...JSON_HEADERS, ...who },
        method === 'POST' || method === 'PATCH' ? {} : undefined,
      );
      if (role === 'operator') t.equal(told.status, 403, name);
      else t.ok([200, 404].includes(told.status), `${name}: ${told.status}`);
    }
  }
});

t.test('a program shows its token with each request, and needs nothing of what pages need', async (t) => {
  const { ask, invite } = await secured(t);
  const headers = { authorization: `Bearer ${await invite('operator', 'api')}`, 'content-type': 'application/json' };
  t.equal((await ask('POST', '/runs', headers, { text: 'x' })).status, 201);
  t.equal((await ask('GET', '/log', headers)).status, 200);
  t.equal((await ask('GET', '/info', { authorization: 'Basic eDp5' })).status, 401);
});

t.test('a token is for one use, and for its time', async (t) => {
  const { ask, clock, invite } = await secured(t);
  for (const use of ['api', 'join'] as const) {
    t.equal((await ask('POST', '/session', JSON_HEADERS, { token: await invite('viewer', use) })).status, 401, use);
  }
  for (const use of ['web', 'join'] as const) {
    t.equal((await ask('GET', '/info', { authorization: `Bearer ${await invite('viewer', use)}` })).status, 401, use);
  }
  const short = { authorization: `Bearer ${await invite('viewer', 'api', 60_000)}` };
  t.equal((await ask('GET', '/info', short)).status, 200);
  await clock.advance(61e6);
  t.match((await ask('GET', '/info', short)).json, { status: 401, detail: /expired/ });
});

t.test('nobody guesses tokens: after ten that were wrong an address waits', async (t) => {
  const { ask, clock, logIn } = await secured(t);
  for (let i = 0; i < 10; i++) {
    t.equal((await ask('POST', '/session', JSON_HEADERS, { token: `abcdef.${'0'.repeat(32)}` })).status, 401);
  }
  const { status, headers } = await ask('POST', '/session', JSON_HEADERS, { token: 'x' });
  t.equal(status, 429);
  t.ok(Number(headers['retry-after']) > 0);
  await clock.advance(7e6);
  t.equal((await logIn('viewer')).status, 200);
});

t.test('revoking an invitation ends its sessions and tokens, and their streams within 5 s', async (t) => {
  const { book, clock, logIn, ask, streamEnd } = await secured(t);
  const { cookie, id } = await logIn('viewer');
  await streamEnd(cookie, () => book.revoke(id).then(() => clock.advance(5e6)));
  t.equal((await ask('GET', '/info', { cookie })).status, 401);
});

t.test('logging out ends the streams of the session within 5 s, and of no other', async (t) => {
  const { clock, logIn, ask, streamEnd } = await secured(t);
  const { cookie } = await logIn('viewer');
  const other = await logIn('viewer');
  await streamEnd(cookie, async () => {
    t.equal((await ask('DELETE', '/session', { ...JSON_HEADERS, cookie })).status, 204);
    await clock.advance(5e6);
  });
  t.equal((await ask('GET', '/info', { cookie: other.cookie })).status, 200);
});

t.test('only the names of the certificate are answered', async (t) => {
  const { ask, invite, port } = await secured(t);
  const authorization = `Bearer ${await invite('viewer', 'api')}`;
  for (const host of ['control.example', `control.example:${port}`, 'localhost', '127.0.0.1']) {
    t.equal((await ask('GET', '/info', { authorization, host })).status, 200, host);
  }
  for (const host of ['evil.example', 'x.control.example', '10.255.255.1']) {
    t.equal((await ask('GET', '/info', { authorization, host })).status, 403, host);
  }
});

t.test('a session makes 50 requests a second, and 100 at once', async (t) => {
  const { ask, invite } = await secured(t);
  const headers = { authorization: `Bearer ${await invite('viewer', 'api')}` };
  const told = [];
  for (let i = 0; i < 105; i++) told.push((await ask('GET', '/info', headers)).status);
  t.same(
    told.slice(0, 100).filter((status) => status !== 200),
    [],
  );
  t.ok(
    told.slice(100).every((status) => status === 429),
    'the clock stands',
  );
});

t.test('whoever has not logged in makes no more requests than that, from one address', async (t) => {
  const { ask, logIn } = await secured(t);
  const { cookie } = await logIn('viewer');
  const told = [];
  for (let i = 0; i < 105; i++) told.push((await ask('GET', '/openapi.json')).status);
  t.same([told[98], told.at(-1)], [200, 429]);
  t.equal((await ask('GET', '/info', { cookie })).status, 200, 'a session is counted by itself');
});

t.test('it speaks HTTP/2, too', async (t) => {
  const { invite, port, server } = await secured(t);
  const authorization = `Bearer ${await invite('viewer', 'api')}`;
  const session = connectHttp2(`https://localhost:${port}`, { ca: server.authority });
  t.teardown(() => session.close());
  const stream = session.request({ ':path': '/api/v1/info', authorization });
  const text = await new Promise<string>((resolve, reject) => {
    let all = '';
    stream.on('data', (piece: Buffer) => {
      all += piece;
    });
    stream.on('end', () => resolve(all));
    stream.on('error', reject);
  });
  t.match(JSON.parse(text), { role: 'viewer' });
  const other = session.request({
    ':path': '/api/v1/info',
    ':authority': 'evil.example',
    host: 'localhost',
    authorization,
  });
  const [answer] = await once(other, 'response');
  t.equal(answer[':status'], 403, 'the header does not hide which host was asked for');
  session.close();
});

t.test('of the answers that a session does not read sixteen are made, and other sessions have theirs', async (t) => {
  const { ask, logIn, port, server } = await secured(t);
  const [{ cookie }, other] = [await logIn('viewer'), await logIn('viewer')];
  for (let i = 0; i < 20; i++) t.equal((await ask('GET', '/info', { cookie })).status, 200);
  const options = { ca: server.authority, servername: 'localhost', settings: { initialWindowSize: 0 } };
  const session = connectHttp2(`https://127.0.0.1:${port}`, options);
  t.teardown(() => session.destroy());
  await once(session, 'remoteSettings');
  let answered = 0;
  const requests = Array.from({ length: 40 }, () => {
    const request = session.request({ ':path': '/api/v1/info', ':authority': `localhost:${port}`, cookie });
    return request.on('error', () => {}).on('response', () => answered++);
  });
  const roundTrip = () => new Promise<void>((resolve) => session.ping(() => resolve()));
  while (answered < 16) await roundTrip();
  t.equal((await ask('GET', '/info', { cookie: other.cookie })).status, 200);
  for (let i = 0; i < 20; i++) await roundTrip();
  t.equal(answered, 16);
  for (const request of requests.slice(0, 16)) request.close(8);
  while (answered < 32) await roundTrip();
});
