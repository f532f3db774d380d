// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import t from 'tap';
import http from '../../../plugins/http.ts';
import { fakeUser } from '../../../testing/fake-user.ts';
import { runDriver } from '../../../testing/run-driver.ts';
import { startRawServer } from '../raw-server.ts';
import { openHttp, type SiteAnswer, type SiteRequest, startSite } from './site.ts';

const to = (status: number, location: string, headers: SiteAnswer['headers'] = {}): SiteAnswer => ({
  status,
  headers: { ...headers, location },
  body: 'moved',
});

/** A shop that signs in by way of a redirect. */
function shop({ url, method, headers }: SiteRequest): SiteAnswer {
  const number = Number(/^\/chain\/(\d+)/.exec(url)?.[1] ?? 0);
  if (number > 0) return to(302, number === 1 ? '/end' : `/chain/${number - 1}`);
  switch (url) {
    case '/session':
      return to(303, 'welcome?from=session', { 'set-cookie': 'sid=s1; Path=/' });
    case '/welcome?from=session':
      return to(302, '/home', { 'set-cookie': ['seen=1; Path=/', 'sid=s2; Path=/'] });
    case '/home':
      return { status: headers.cookie === 'sid=s2; seen=1' ? 200 : 401, body: '{"home":true}' };
    case '/keep':
      return to(method === 'PUT' ? 308 : 307, '/end');
    case '/round':
      return to(302, '/and/round');
    case '/and/round':
      return to(302, '/round');
    case '/nowhere':
      return { status: 302 };
    case '/gone':
      return to(302, '/missing');
    default:
      return { status: url === '/missing' ? 404 : 200, body: 'end' };
  }
}

for (const protocol of [{}, { http2: true }, { connections: 'per-request' }]) {
  const isHttp2 = 'http2' in protocol;
  t.test(`redirects are followed, ${JSON.stringify(protocol)}`, async (t) => {
    const site = await startSite(t, isHttp2, shop);
    const driver = await openHttp(t, site.origin, {
      ...protocol,
      cookies: true,
      redirects: 'follow',
      headers: { 'X-Id': '${uuid}' },
      operations: {
        'sign-in': {
          method: 'POST',
          path: '/session',
          body: { form: { user: 'a' } },
          checks: { status: 200, body: { json: { home: true } } },
          extract: { at: { header: 'location' }, sid: { cookie: 'sid' }, seen: { cookie: 'seen' } },
        },
        put: { method: 'PUT', path: '/keep', headers: { Authorization: 'Bearer t' }, body: 'é${vu}' },
        post: { method: 'POST', path: '/keep', body: 'text' },
        head: { method: 'HEAD', path: '/chain/2' },
        ten: { path: '/chain/10' },
        eleven: { path: '/chain/11' },
        round: { path: '/round' },
        nowhere: { path: '/nowhere' },
        gone: { path: '/gone' },
        none: { path: '/chain/1', redirects: 'none', checks: { status: 302 } },
        one: { path: '/chain/2', redirects: 1 },
      },
    });
    const user = fakeUser();
    const send = await driver.connect(user);
    const asked = () => site.requests.splice(0).map(({ method, url, body }) => `${method} ${url} ${body}`.trim());

    const bytes = { bytesSent: 'user=a'.length, bytesReceived: 'movedmoved{"home":true}'.length };
    t.match(await send('sign-in'), { ok: true, status: 200, ...bytes });
    const id = new Set(site.requests.map(({ headers }) => headers['x-id']));
    t.equal(id.size, 1, 'values of a request stay the same on its way');
    t.strictSame(asked(), ['POST /session user=a', 'GET /welcome?from=session', 'GET /home']);
    const found = { at: '/home', sid: 's2', seen: '1' };
    t.strictSame(Object.fromEntries(user.variables), found, 'what redirects have set and said can be taken');

    t.match(await send('put'), { ok: true, status: 200 });
    t.equal(site.requests.at(-1)?.headers.authorization, 'Bearer t');
    t.strictSame(asked(), ['PUT /keep é1', 'PUT /end é1']);
    t.match(await send('post'), { ok: true });
    t.strictSame(asked(), ['POST /keep text', 'POST /end text']);
    t.match(await send('head'), { ok: true, bytesReceived: 0 });
    t.strictSame(asked(), ['HEAD /chain/2', 'HEAD /chain/1', 'HEAD /end']);

    t.match(await send('ten'), { ok: true, status: 200 });
    t.equal(asked().length, 11);
    const last = `${site.origin}/end`;
    const tooMany = `GET /chain/11: more than 10 redirects, the last one to ${last}`;
    t.match(await send('eleven'), { ok: false, errorKind: 'too_many_redirects', message: tooMany, status: 302 });
    t.equal(asked().length, 11, 'what is over the limit is not sent');
    t.match(await send('one'), { errorKind: 'too_many_redirects', message: /more than 1 redirect, / });
    const round = `GET /round: its redirects go round in circles, by way of ${site.origin}/round`;
    t.match(await send('round'), { ok: false, errorKind: 'redirect_loop', message: round, status: 302 });
    t.match(await send('nowhere'), { ok: true, status: 302 }, 'a redirect that names no address is an answer');
    t.match(await send('gone'), { ok: false, errorKind: 'http_404', message: /^GET \/gone: the status is 404/ });
    asked();
    t.match(await send('none'), { ok: true, status: 302 });
    t.strictSame(asked(), ['GET /chain/1'], 'an operation may follow none');
  });

  t.test(`another origin, ${JSON.stringify(protocol)}`, async (t) => {
    const other = await startSite(t, isHttp2, () => ({ headers: { 'set-cookie': 'theirs=1; Path=/' }, body: 'hello' }));
    const site = await startSite(t, isHttp2, ({ url }) =>
      url === '/script' ? to(302, 'javascript:alert(1)') : to(307, `${other.origin}/there?token=secret`),
    );
    const options = {
      ...protocol,
      redirects: 'follow',
      operations: {
        away: {
          method: 'POST',
          path: '/away',
          headers: { Authorization: 'Bearer t', Cookie: 'own=1', 'X-Other': 'x' },
          body: { json: 1 },
        },
        script: { path: '/script' },
      },
    };
    const strict = await (await openHttp(t, site.origin, options)).connect();
    const refused = `POST /away: it redirects to another origin, ${other.origin}/there: allow it with redirectOrigins: [${other.origin}]`;
    t.match(await strict('away'), { ok: false, errorKind: 'redirect_refused', message: refused, status: 307 });
    t.equal(other.requests.length, 0);
    const script = 'GET /script: it redirects to javascript:alert(1), which is not an address of HTTP';
    t.match(await strict('script'), { ok: false, errorKind: 'redirect_refused', message: script });

    const named = await openHttp(t, site.origin, {
      ...options,
      operations: { ...options.operations, named: { path: `${other.origin}/named` } },
    });
    t.match(await (await named.connect())('away'), { ok: true }, 'an origin that an operation names is allowed');
    t.match(other.requests.pop(), { method: 'POST', url: '/there?token=secret' });

    const allowed = await openHttp(t, site.origin, { ...options, redirectOrigins: [other.origin], cookies: true });
    const send = await allowed.connect();
    t.match(await send('away'), { ok: true, status: 200 });
    const [request] = other.requests;
    t.match(request, { method: 'POST', url: '/there?token=secret', body: '1' });
    t.match(request?.headers, { 'x-other': 'x', 'content-type': 'application/json' });
    t.strictSame([request?.headers.authorization, request?.headers.cookie], [undefined, undefined]);
    await send('away');
    t.match(other.requests[1]?.headers, { cookie: 'theirs=1' }, 'its own cookies it gets back');
    t.match(site.requests.at(-1)?.headers, { cookie: 'own=1; theirs=1' }, 'cookies know hosts and no ports');
  });
}

for (const protocol of [{}, { http2: true }]) {
  t.test(`whoever looks for a reason sees what was sent, ${JSON.stringify(protocol)}`, async (t) => {
    const site = await startSite(t, 'http2' in protocol, shop);
    const operations = { gone: { path: '/gone' }, round: { path: '/round' }, ten: { path: '/chain/2' } };
    const driver = await openHttp(t, site.origin, { ...protocol, redirects: 'follow', operations });
    const failures = await driver.connect(fakeUser({ wanted: ['http_404', 'redirect_loop'] }));
    const last = { sent: /^GET \/missing/, received: /^HTTP\/[12.]+ 404/ };
    t.match(await failures('gone'), { errorKind: 'http_404', detail: last });
    const loop = { sent: /^GET \/round/, received: /^HTTP\/[12.]+ 302/ };
    t.match(await failures('round'), { errorKind: 'redirect_loop', detail: loop });
    t.equal((await failures('ten')).detail, undefined);
    const traced = await driver.connect(fakeUser({ index: 1, wanted: [''] }));
    const { detail } = await traced('ten');
    if (!('http2' in protocol)) t.type(detail?.firstByteUs, 'number', 'with the times of the last request');
    t.match(detail?.sent, /^GET \/chain\/2[\s\S]*\n\nGET \/chain\/1[\s\S]*\n\nGET \/end/u);
    t.match(detail?.received, /^HTTP[\s\S]* 302[\s\S]*\n\nHTTP[\s\S]* 302[\s\S]*\n\nHTTP[\s\S]* 200/u);
  });
}

t.test('options that cannot be are refused', async (t) => {
  const base = { operations: { a: { path: '/' } } };
  const cases: [input: object, problem: RegExp][] = [
    [
      { ...base, redirects: 'all' },
      /^redirects: must be none, follow, or a number of redirects from 0 to 100, not "all"$/,
    ],
    [{ ...base, redirects: -1 }, /^redirects: must be (none, follow, or )?a /],
    [{ operations: { a: { path: '/', redirects: 1.5 } } }, /^operations\.a\.redirects: must be /],
    [{ ...base, redirects: 'follow', redirectOrigins: ['id.test'] }, /^redirectOrigins\.0: must be a scheme, a host/],
    [{ ...base, redirects: 'follow', redirectOrigins: ['http://id.test/a'] }, /^redirectOrigins\.0: must be a scheme/],
    [{ ...base, redirects: 'follow', redirectOrigins: ['ftp://id.test'] }, /^redirectOrigins\.0: must be a scheme/],
    [{ ...base, redirectOrigins: ['http://id.test'] }, /^redirectOrigins: goes with redirects: follow/],
  ];
  for (const [input, problem] of cases) {
    const { issues = [] } = await http.options['~standard'].validate(input);
    t.equal(issues.length, 1, JSON.stringify(input));
    t.match(`${issues[0]?.path?.join('.')}: ${issues[0]?.message}`, problem);
  }
});

t.test('an origin that cannot be reached is told before the load', async (t) => {
  const site = await startSite(t, false, shop);
  const redirectOrigins = ['http://127.0.0.1:1'];
  await t.rejects(openHttp(t, site.origin, { redirects: 1, redirectOrigins, operations: { a: { path: '/' } } }), {
    name: 'PluginError',
    message: /127\.0\.0\.1:1 cannot be reached: connection refused/,
  });
});

t.test('a redirect that counts as success is told once, unless the plan says what is expected', async (t) => {
  const server = await startRawServer((_request, { socket }) =>
    socket.write('HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n'),
  );
  t.teardown(() => server.stop());
  const operations = {
    plain: { path: '/a' },
    checked: { path: '/a', checks: { status: '3xx' } },
    refused: { path: '/a', redirects: 'none' },
    taken: { path: '/a', extract: { place: { header: 'location' } } },
  };
  const { context, outcomes } = await runDriver(http, {
    target: server.url,
    options: { operations },
    operations: ['plain', 'plain', 'checked', 'refused', 'taken'],
  });
  t.ok([...outcomes.values()].flat().every(({ ok }) => ok));
  t.same(context.warnings, [
    'operation plain was answered 302: a redirect that is not followed counts as success; add redirects: follow, or checks: { status: 200 } where it should fail',
  ]);
});
