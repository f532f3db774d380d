import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { randomStream } from '../../../../core/plan/random.ts';
import { type ConnectedHttp, type HttpClientOptions, openHttp } from '../../../../plugins/http/script/open-http.ts';
import { fakeContext } from '../../../../testing/fake-context.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { startSite } from '../site.ts';
import { type Echo, startEcho } from './echo-server.ts';

async function connected(t: Test, target: string, options: HttpClientOptions = {}): Promise<ConnectedHttp> {
  const clients = await openHttp(fakeContext({ target }), options);
  const user = { index: 0, random: randomStream(1, 1), variables: new Map<string, string>(), wantsDetail: () => false };
  const http = await clients.connect(user, new AbortController().signal);
  t.teardown(() => {
    http.close();
    clients.close();
  });
  return http;
}

t.test('each method sends what it says', async (t) => {
  const server = await startEcho(t);
  const http = await connected(t, server.url);
  for (const method of ['get', 'post', 'put', 'patch', 'delete', 'options'] as const) {
    const answer = await http[method]('/items');
    t.equal(answer.json<Echo>().method, method.toUpperCase());
    t.ok(answer.ok);
    t.equal(answer.status, 200);
  }
  const head = await http.head('/items');
  t.equal(head.text(), '');
  t.equal(head.headers.get('content-type'), 'application/json');
  t.equal((await http.request('propfind', '/items')).json<Echo>().method, 'PROPFIND');
  t.equal(server.connections(), 2, 'one of the user, and the one that found the server there');
});

t.test('query, headers and body arrive', async (t) => {
  const server = await startEcho(t);
  const http = await connected(t, `${server.url}/shop/`, { headers: { 'X-Team': 'bench', Accept: 'text/html' } });
  const echo = (
    await http.post('/items', {
      query: { page: 2 },
      headers: { Authorization: 'Bearer é', 'x-team': undefined, 'X-Count': 3, accept: 'application/json' },
      json: { item: 7n },
    })
  ).json<Echo>();
  t.equal(echo.url, '/shop/items?page=2');
  t.match(echo.headers, {
    authorization: 'Bearer Ã©',
    'x-team': 'bench',
    'x-count': '3',
    accept: 'application/json',
    'content-type': 'application/json',
    'content-length': '10',
    host: server.url.slice('http://'.length),
  });
  t.equal(echo.body, '{"item":7}');
  const typed = (await http.put('/items', { body: '<a/>', headers: { 'content-type': 'text/xml' } })).json<Echo>();
  t.equal(typed.headers['content-type'], 'text/xml');
  t.equal((await http.post('/items')).json<Echo>().headers['content-length'], '0');
  t.equal((await http.get('/items')).json<Echo>().headers['content-length'], undefined);
});

t.test('a status that is no success is an answer, not an error', async (t) => {
  const server = await startEcho(t, (request, response) => {
    response.statusCode = Number(request.url?.slice(1));
    response.end('{"reason":"sold out"}');
    return true;
  });
  const http = await connected(t, server.url);
  const answer = await http.get('/409', { name: 'order' });
  t.match(answer, {
    ok: false,
    status: 409,
    errorKind: 'http_409',
    message: 'GET order: the status is 409, not 200 to 399',
  });
  t.same(answer.json(), { reason: 'sold out' });
  t.throws(() => answer.orThrow(), { message: 'GET order: the status is 409, not 200 to 399' });
  t.ok((await http.get('/409', { checks: { status: [200, 409] } })).ok);
  t.match(await http.get('/200', { checks: { body: { contains: 'paid' } } }), {
    ok: false,
    errorKind: 'check_failed',
    message: 'GET /200: the body does not contain "paid"',
  });
  t.ok((await http.get('/200', { checks: { body: { matches: /SOLD/gi, json: { reason: 'sold out' } } } })).ok);
});

t.test('calls that can be no request are told apart by a sentence each', async (t) => {
  const server = await startEcho(t);
  const http = await connected(t, server.url);
  const circle: unknown[] = [];
  circle.push(circle);
  const bad: [call: Promise<unknown>, message: string][] = [
    [http.get('items'), 'http.get("items"): a URL begins with / or with http:// or https://'],
    [http.get(undefined as never), 'http.get(nothing): the URL is not text'],
    [http.get('/a\r\nb'), 'http.get("/a\\r\\nb"): the URL contains a line break or a control character'],
    [http.get('http://'), 'http.get("http://"): it is not a URL: write it like http://127.0.0.1:5002'],
    [
      http.get('http://me:secret@127.0.0.1/'),
      'http.get("http://…@127.0.0.1/"): it contains a user name or password: send it in the operation\'s Authorization header instead',
    ],
    [
      http.get('/', { headers: { 'X-A': 'a\r\nX-B: b' } }),
      'http.get("/"): the header X-A contains a line break or a control character',
    ],
    [http.get('/', { headers: { 'X A': 'a' } }), 'http.get("/"): "X A" is not a valid header name'],
    [
      http.get('/', { headers: { 'Content-Length': '5' } }),
      'http.get("/"): the header Content-Length is set by the client itself: leave it out',
    ],
    [http.post('/', { json: 1, body: 'a' }), 'http.post("/"): it has both json and body: give one of them'],
    [http.post('/', { json: circle }), 'http.post("/"): json cannot be written: it contains itself'],
    [http.get('/', { header: {} } as never), 'http.get("/"): there is no option header; did you mean headers?'],
    [http.get('/', { timeout: '5' }), 'http.get("/"): timeout is no duration with a unit such as \'5s\''],
    [http.get('/', { name: '' }), 'http.get("/"): name is no text, or an empty one'],
    [http.get('/', { checks: { stauts: 200 } } as never), 'http.get("/"): checks has no stauts; did you mean status?'],
    [http.get('/', { maxBodyBytes: -1 }), 'http.get("/"): maxBodyBytes is no whole number from 0 to 268435456'],
    [http.request('GET /', '/'), 'http.request("GET /", "/"): the method is none such as GET'],
  ];
  for (const [call, message] of bad) await t.rejects(call, { name: 'PluginError', message }, message);
  t.ok((await http.get('/')).ok, 'the client goes on');
});

t.test('requests that are begun together are sent one after the other, in their order', async (t) => {
  const server = await startEcho(t);
  const http = await connected(t, server.url);
  const answers = await Promise.all([1, 2, 3].map((page) => http.get(`/items?page=${page}`)));
  t.same(
    answers.map((answer) => answer.json<Echo>().url),
    ['/items?page=1', '/items?page=2', '/items?page=3'],
  );
  t.equal(server.connections(), 2);
  t.ok((answers[2]?.timings.waitedMs ?? 0) > 0);
  t.ok((answers[0]?.timings.durationMs ?? 0) > 0);
});

t.test('a bad call among others does not hold them up', async (t) => {
  const server = await startEcho(t);
  const http = await connected(t, server.url);
  const [first, bad, last] = await Promise.allSettled([
    http.get('/1'),
    http.get('/2', { headers: { 'X-A': '\n' } }),
    http.get('/3'),
  ]);
  matchEach(t, [first, bad, last], [{ status: 'fulfilled' }, { status: 'rejected' }, { status: 'fulfilled' }]);
});

t.test('another server has a connection of its own', async (t) => {
  const [home, other] = [await startEcho(t), await startEcho(t)];
  const http = await connected(t, `${home.url}/base`);
  for (let i = 0; i < 2; i++) {
    const echo = (await http.get(`${other.url}/assets/logo.png?v=1`)).json<Echo>();
    t.equal(echo.url, '/assets/logo.png?v=1', 'without the base path of the target');
    t.equal(echo.headers.host, other.url.slice('http://'.length));
  }
  t.equal((await http.get(`${home.url}/items`)).json<Echo>().url, '/items');
  t.equal(other.connections(), 2);
  t.equal(home.connections(), 2);
});

t.test('credentials and Host of the driver stay with its own server', async (t) => {
  const [home, other] = [await startEcho(t), await startEcho(t)];
  const http = await connected(t, home.url, {
    headers: { Authorization: 'Bearer a', Cookie: 'sid=1', host: 'shop.example', 'X-Team': 'bench' },
    cookies: true,
  });
  const own = (await http.get('/items')).json<Echo>().headers;
  t.match(own, { authorization: 'Bearer a', cookie: 'sid=1', host: 'shop.example', 'x-team': 'bench' });
  const { headers } = (await http.get(`${other.url}/items`)).json<Echo>();
  t.match(headers, { host: other.url.slice('http://'.length), 'x-team': 'bench' });
  t.same([headers.authorization, headers.cookie], [undefined, undefined]);
  const given = await http.get(`${other.url}/items`, { headers: { Authorization: 'Bearer b' } });
  t.equal(given.json<Echo>().headers.authorization, 'Bearer b', 'what the script says itself is sent');
});

t.test('a server that is not there is a failed request', async (t) => {
  const http = await connected(t, (await startEcho(t)).url);
  const answer = await http.get('http://127.0.0.1:1/items', { name: 'elsewhere' });
  t.match(answer, { ok: false, status: 0 });
  t.match(answer.message, /^GET elsewhere: .*connection refused/);
});

t.test('a time limit of one request', async (t) => {
  const server = await startEcho(t, () => true);
  const http = await connected(t, server.url);
  const answer = await http.get('/slow', { timeout: '50ms' });
  t.match(answer, { ok: false, errorKind: 'timeout', message: 'GET /slow: no complete answer within 50 ms' });
});

t.test('a signal cuts a request off', async (t) => {
  const server = await startEcho(t, ({ url }) => url === '/slow');
  const http = await connected(t, server.url);
  const abort = new AbortController();
  const cut = http.get('/slow', { signal: abort.signal });
  abort.abort();
  t.match(await cut, { ok: false, errorKind: 'aborted' });
  t.ok((await http.get('/items')).ok);
});

t.test('a signal cuts off many thousands that wait for one another', async (t) => {
  const server = await startEcho(t, () => true);
  const http = await connected(t, server.url);
  const cut = new AbortController();
  const answers = Array.from({ length: 50_000 }, () => http.get('/items', { signal: cut.signal }));
  cut.abort();
  const kinds = new Set((await Promise.all(answers)).map(({ errorKind }) => errorKind));
  t.strictSame([...kinds], ['aborted']);
});

t.test('a body beyond what is kept is told, and can be kept', async (t) => {
  const server = await startEcho(t, (_request, response) => {
    response.end('x'.repeat(3 << 20));
    return true;
  });
  const http = await connected(t, server.url);
  const cut = await http.get('/large');
  t.ok(cut.ok);
  t.equal(cut.bytesReceived, 3 << 20);
  t.throws(() => cut.text(), {
    message: /has 3145728 bytes, of which only the first 1048576 were kept: raise maxBodyBytes/,
  });
  t.equal((await http.get('/large', { maxBodyBytes: 4 << 20 })).text().length, 3 << 20);
});

t.test('a compressed body is read as what it was before', async (t) => {
  const server = await startEcho(t, ({ url }, response) => {
    response.setHeader('Content-Encoding', 'gzip');
    response.end(url === '/broken' ? 'no gzip' : gzipSync('{"name":"café"}'));
    return true;
  });
  const http = await connected(t, server.url);
  const answer = await http.get('/', { checks: { body: { json: { name: 'café' } } } });
  t.ok(answer.ok);
  t.same(answer.json(), { name: 'café' });
  t.equal(answer.text(), '{"name":"café"}');
  const broken = await http.get('/broken');
  t.ok(broken.ok, 'nobody has needed the body');
  t.throws(() => broken.text(), { message: /^GET \/broken: the body cannot be decompressed: it is not valid gzip/ });
  t.match(await http.get('/broken', { checks: { body: { contains: 'a' } } }), { errorKind: 'decompression_failed' });
});

t.test('checks see as much of a compressed body as is kept', async (t) => {
  const server = await startEcho(t, (_request, response) => {
    response.setHeader('Content-Encoding', 'gzip');
    response.end(gzipSync(`${'x'.repeat(3 << 20)}end`));
    return true;
  });
  const http = await connected(t, server.url);
  const checks = { body: { contains: 'end' } };
  t.ok((await http.get('/', { checks, maxBodyBytes: 4 << 20 })).ok);
  t.match(await http.get('/', { checks }), { ok: false, errorKind: 'check_failed' });
});

t.test('a multipart body says its own content type, whatever that of the driver', async (t) => {
  const server = await startEcho(t);
  const http = await connected(t, server.url, { headers: { 'content-type': 'application/json' } });
  const { headers, body } = (await http.post('/', { multipart: { a: '1' } })).json<Echo>();
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(headers['content-type'] ?? '')?.[1];
  t.ok(body.startsWith(`--${boundary}\r\n`));
  t.equal((await http.post('/', { body: '1' })).json<Echo>().headers['content-type'], 'application/json');
  await t.rejects(http.post('/', { multipart: { a: '1' }, headers: { 'Content-Type': 'multipart/form-data' } }), {
    message:
      'http.post("/"): the header Content-Type is set by multipart, with the boundary of its parts: leave it out',
  });
});

t.test('a multipart body says its own content type in HTTP/2 too', async (t) => {
  const site = await startSite(t, true, () => ({}));
  const http = await connected(t, site.origin, { http2: true, headers: { 'content-type': 'application/json' } });
  t.ok((await http.post('/', { multipart: { a: '1' } })).ok);
  t.match(site.requests[0]?.headers['content-type'], /^multipart\/form-data; boundary=.+$/);
});

t.test('cookies are kept, and sent with what the script sends itself', async (t) => {
  const server = await startEcho(t, ({ url }, response) => {
    if (url !== '/session') return false;
    response.setHeader('Set-Cookie', ['sid=1; Path=/; HttpOnly', 'lang=en']);
    response.end();
    return true;
  });
  const http = await connected(t, server.url, { cookies: true });
  const sent = async (headers?: Record<string, string>) =>
    (await http.get('/items', headers && { headers })).json<Echo>().headers.cookie;
  t.equal(await sent(), undefined);
  await http.post('/session');
  t.equal(await sent(), 'sid=1; lang=en');
  t.equal(await sent({ cookie: 'lang=fr; a=b' }), 'lang=fr; a=b; sid=1');
  const forgetful = await connected(t, server.url);
  await forgetful.post('/session');
  t.equal((await forgetful.get('/items')).json<Echo>().headers.cookie, undefined);
});

t.test('redirects are followed where the driver says so', async (t) => {
  const server = await startEcho(t, ({ url }, response) => {
    if (!url?.startsWith('/old')) return false;
    response.writeHead(302, { Location: url === '/old' ? '/items?page=1' : url, 'Set-Cookie': 'seen=1' });
    response.end();
    return true;
  });
  const plain = await connected(t, server.url);
  t.match(await plain.post('/old'), { ok: true, status: 302 });
  const http = await connected(t, server.url, { redirects: 'follow', cookies: true });
  const answer = await http.post('/old', { json: { item: 7 } });
  const { method, url, headers, body } = answer.json<Echo>();
  t.same([method, url, headers.cookie, body], ['GET', '/items?page=1', 'seen=1', '']);
  t.equal(answer.url, `${server.url}/items?page=1`);
  t.match(await http.get('/old/round'), {
    ok: false,
    errorKind: /redirect_loop|too_many_redirects/,
    message: /^GET \/old\/round: /,
  });
  t.ok((await http.get('/items')).ok, 'the client goes on');
});

t.test('a redirect takes along the cookies of the script or the driver, to their own server only', async (t) => {
  const other = await startEcho(t);
  const server = await startEcho(t, ({ url }, response) => {
    if (url === '/account') response.writeHead(302, { Location: '/account/', 'Set-Cookie': 'seen=1' });
    else if (url === '/away') response.writeHead(302, { Location: `${other.url}/account` });
    else return false;
    response.end();
    return true;
  });
  const options: HttpClientOptions = { redirects: 'follow', redirectOrigins: [other.url] };
  const sent = async (http: ConnectedHttp, path: string, headers?: Record<string, string>) =>
    (await http.get(path, headers && { headers })).json<Echo>().headers.cookie;
  const plain = await connected(t, server.url, options);
  t.equal(await sent(plain, '/account', { Cookie: 'sid=1' }), 'sid=1');
  t.equal(await sent(plain, '/away', { Cookie: 'sid=1' }), undefined);
  t.equal(await sent(plain, '/account'), undefined, 'none is left from a request before');
  const withDriver = await connected(t, server.url, { ...options, headers: { Cookie: 'sid=2' } });
  t.equal(await sent(withDriver, '/account'), 'sid=2');
  t.equal(await sent(withDriver, '/account', { cookie: 'sid=3' }), 'sid=3');
  t.equal(await sent(withDriver, '/away'), undefined);
  const withJar = await connected(t, server.url, { ...options, cookies: true, headers: { Cookie: 'sid=2' } });
  t.equal(await sent(withJar, '/account'), 'sid=2; seen=1');
});

t.test('what waits when a client is closed is not sent', async (t) => {
  const asked: (string | undefined)[] = [];
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const server = await startEcho(t, ({ url }) => {
    asked.push(url);
    if (url === '/slow') resolve();
    return url === '/slow';
  });
  const http = await connected(t, server.url);
  const begun = [http.get('/slow'), http.get('/2'), http.get('/3')];
  await arrived;
  http.close();
  const late = http.get('/4');
  const elsewhere = http.get(`${server.url}/5`);
  for (const answer of await Promise.all([...begun, late, elsewhere])) t.match(answer, { errorKind: 'aborted' });
  t.same(asked, ['/slow']);
  t.equal((await late).message, 'GET /4: the session was closed');
});

t.test('options that are wrong are told before anything is opened', async (t) => {
  await t.rejects(openHttp(fakeContext({ target: 'http://127.0.0.1:1' }), { timeout: '5', headres: {} } as never), {
    name: 'PluginError',
    message: /^openHttp: timeout: .*; options: unknown key "headres"; did you mean "headers"\?$/,
  });
  await t.rejects(openHttp(fakeContext(), {}), { message: /needs a target/ });
  await t.rejects(openHttp(fakeContext({ target: 'http://127.0.0.1:1' }), { headers: { 'X-A': '\n' } }), {
    message: 'openHttp: headers: the header X-A contains a line break or a control character',
  });
});

t.test('a script that follows addresses in answers speaks to so many servers and no more', async (t) => {
  const server = await startEcho(t);
  const http = await connected(t, server.url);
  const port = new URL(server.url).port;
  // One server under many names: leading zeros of a port do not count.
  const address = (i: number) => `http://127.0.0.1:${'0'.repeat(i)}${port}/items`;
  for (let i = 1; i <= 256; i++) t.ok((await http.get(address(i))).ok);
  await t.rejects(http.get(address(257)), /scripts have spoken to 256 servers already, and may speak to no more/);
  t.ok((await http.get(address(7))).ok, 'those that are known stay');
});
