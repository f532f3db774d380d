import t from 'tap';
import {
  type RedirectableRequest,
  RedirectChain,
  redirectLocation,
} from '../../../../plugins/http/redirects/redirect-chain.ts';

const HOME = 'http://shop.test:8080';

function request(method = 'GET', url = `${HOME}/a/b?x=1`, body?: string): RedirectableRequest {
  const headers: [string, string][] = [
    ['Host', 'shop.test:8080'],
    ['Authorization', 'Bearer t'],
    ['Cookie', 'own=1'],
    ['Accept', '*/*'],
  ];
  if (body !== undefined) headers.push(['Content-Type', 'application/json']);
  return { method, url: new URL(url), headers, body };
}

function chain(limit = 10, ...origins: string[]): RedirectChain {
  return new RedirectChain({ limit, origins: new Set(origins) }, HOME);
}

const names = ({ headers }: RedirectableRequest) => headers.map(([name]) => name);

t.test('which answers redirect', async (t) => {
  const head = 'HTTP/1.1 302 Found\r\nlocation:  /next\r\n\r\n';
  for (const status of [301, 302, 303, 307, 308]) t.equal(redirectLocation(status, head), '/next');
  for (const status of [200, 201, 300, 304, 305]) t.equal(redirectLocation(status, head), undefined);
  t.equal(redirectLocation(302, 'HTTP/1.1 302 Found\r\nX-Location: /no\r\n\r\n'), undefined, 'without an address');
  const bytes = Buffer.from('HTTP/1.1 302 Found\r\nLocation: /zürich\r\n\r\n').toString('latin1');
  t.equal(redirectLocation(302, bytes), '/zürich');
});

t.test('the method and the body, as browsers send them', async (t) => {
  const cases: [method: string, status: number, next: string][] = [
    ['POST', 301, 'GET'],
    ['POST', 302, 'GET'],
    ['POST', 303, 'GET'],
    ['POST', 307, 'POST'],
    ['POST', 308, 'POST'],
    ['PUT', 301, 'PUT'],
    ['PUT', 302, 'PUT'],
    ['PUT', 303, 'GET'],
    ['DELETE', 303, 'GET'],
    ['HEAD', 303, 'HEAD'],
    ['GET', 303, 'GET'],
    ['GET', 307, 'GET'],
  ];
  for (const [method, status, expected] of cases) {
    const sent = request(method, undefined, '{}');
    const next = chain().next(sent, '', status, '/c');
    const keeps = expected === method && method !== 'GET';
    t.equal(next.method, expected, `${method} ${status}`);
    t.equal(next.url.href, `${HOME}/c`);
    if (expected !== method) {
      t.equal(next.body, undefined);
      t.notOk(names(next).includes('Content-Type'), 'nothing describes a body that is not there');
    } else if (keeps) t.equal(next.body, '{}');
    t.ok(names(next).includes('Authorization'), 'the same origin still gets it');
  }
});

t.test('where it leads', async (t) => {
  const cases: [location: string, url: string][] = [
    ['c', '/a/c'],
    ['../c', '/c'],
    ['?y=2', '/a/b?y=2'],
    ['/c#part', '/c'],
    [`${HOME}/c d`, '/c%20d'],
    ['//shop.test:8080/c', '/c'],
    ['/zürich', '/z%C3%BCrich'],
    ['', '/a/b?x=1'],
  ];
  for (const [location, expected] of cases) {
    const { url } = chain().next(request(), '', 302, location);
    t.equal(`${url.pathname}${url.search}`, expected, location);
  }
});

t.test('another origin only where it is allowed, and without what it must not learn', async (t) => {
  const elsewhere = ['https://shop.test:8080/c', 'http://shop.test/c', 'http://other.test:8080/c', '//other.test/c'];
  for (const location of elsewhere) {
    const { origin } = new URL(location, HOME);
    t.throws(() => chain().next(request(), '', 302, `${location}?token=secret`), {
      kind: 'redirect_refused',
      message: `it redirects to another origin, ${origin}/c: allow it with redirectOrigins: [${origin}]`,
    });
    const next = chain(10, origin).next(request('POST', undefined, '{}'), '', 307, location);
    t.strictSame(names(next), ['Accept', 'Content-Type'], location);
    t.equal(next.body, '{}');
  }
  for (const location of ['javascript:alert(1)', 'ftp://shop.test/c', 'file:///etc/passwd', 'data:,x']) {
    const message = `it redirects to ${location}, which is not an address of HTTP`;
    t.throws(() => chain().next(request(), '', 302, location), { kind: 'redirect_refused', message });
  }
  t.throws(() => chain().next(request(), '', 302, 'http://[bad'), {
    kind: 'redirect_refused',
    message: 'it redirects to an address that is none: http://[bad',
  });
  const back = chain(10, 'https://id.test');
  const away = back.next(request(), '', 302, 'https://id.test/login');
  t.equal(back.next(away, '', 302, `${HOME}/done`).url.href, `${HOME}/done`, 'home is always allowed');
});

t.test(
  'credentials that have headers of their own stay at home; other headers go along, as with curl, k6 and fetch',
  async (t) => {
    const kept: [string, string][] = [
      ['X-Api-Key', 'k'],
      ['X-Auth-Token', 't'],
    ];
    const dropped: [string, string][] = [
      'Authorization',
      'authorization',
      'Proxy-Authorization',
      'Cookie',
      'COOKIE',
    ].map((name) => [name, 'secret']);
    const sent = { ...request(), headers: [...dropped, ...kept] };
    t.strictSame(chain().next(sent, '', 302, '/c').headers, sent.headers, 'the same origin gets all');
    const away = chain(10, 'https://id.test').next(sent, '', 302, 'https://id.test/login');
    t.strictSame(away.headers, kept);
  },
);

t.test('chains end', async (t) => {
  const long = chain(3);
  let at = request();
  for (let i = 1; i <= 3; i++) at = long.next(at, '', 302, `/${i}`);
  const message = `more than 3 redirects, the last one to ${HOME}/4`;
  t.throws(() => long.next(at, '', 302, '/4'), { kind: 'too_many_redirects', message });

  const loop = chain();
  const there = loop.next(request('GET', `${HOME}/a`), '', 302, '/b');
  const here = loop.next(there, '', 302, '/a');
  t.throws(() => loop.next(here, '', 302, '/b'), {
    kind: 'redirect_loop',
    message: `its redirects go round in circles, by way of ${HOME}/a`,
  });

  const withCookie = chain();
  const again = withCookie.next(request('GET', `${HOME}/a`), '', 302, '/a');
  t.equal(withCookie.next(again, 'sid=1', 302, '/b').url.href, `${HOME}/b`, 'a cookie has changed in between');
});
