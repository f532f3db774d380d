import t from 'tap';
import { CookieJar, type CookieOrigin } from '../../../../plugins/http/cookies/cookie-jar.ts';
import fc from '../../../kit/property.ts';

const SHOP: CookieOrigin = { secure: false, authority: 'shop.example.com:8080' };
const SECURE_SHOP: CookieOrigin = { secure: true, authority: 'shop.example.com' };
const SISTER: CookieOrigin = { secure: false, authority: 'news.example.com' };
const OTHER: CookieOrigin = { secure: false, authority: 'other.test' };
const LOCAL: CookieOrigin = { secure: false, authority: '127.0.0.1:5002' };

function head(...cookies: string[]): string {
  return ['HTTP/1.1 200 OK', ...cookies.map((cookie) => `Set-Cookie: ${cookie}`), 'Content-Length: 0', '', ''].join(
    '\r\n',
  );
}

function jarWith(origin: CookieOrigin, path: string, ...cookies: string[]): CookieJar {
  const jar = new CookieJar();
  jar.take(head(...cookies), origin, path);
  return jar;
}

t.test('what an answer sets goes back to its host, whatever the port', async (t) => {
  const jar = jarWith(SHOP, '/session?x=/y', 'sid=abc; Path=/', 'theme="dark"; path=/; HttpOnly');
  t.equal(jar.header(SHOP, '/items?a=1'), 'sid=abc; theme="dark"');
  t.equal(jar.header({ secure: false, authority: 'shop.example.com' }, '/'), 'sid=abc; theme="dark"');
  t.equal(jar.header(SISTER, '/'), '');
  t.equal(jar.header(OTHER, '/'), '');
  jar.take(head('sid=def; Path=/'), SHOP, '/');
  t.equal(jar.header(SHOP, '/'), 'sid=def; theme="dark"', 'a new value takes the place of the old one');
  t.equal(jar.header(SHOP, '/'), 'sid=def; theme="dark"');
});

t.test('the same answer sets the cookie of whatever host and path it comes from', async (t) => {
  const text = head('sid=abc');
  const jars = [new CookieJar(), new CookieJar()] as const;
  for (const jar of jars) {
    jar.take(text, SHOP, '/account/session');
    jar.take(text, SISTER, '/');
    jar.take(text, SHOP, '/account/session');
    t.equal(jar.header(SHOP, '/account'), 'sid=abc');
    t.equal(jar.header(SHOP, '/'), '', 'for the path of its request alone');
    t.equal(jar.header(SISTER, '/account'), 'sid=abc');
    jar.take(text, SHOP, '/');
    t.equal(jar.header(SHOP, '/'), 'sid=abc');
    t.equal(jar.header(OTHER, '/'), '');
  }
});

t.test('an address has cookies too', async (t) => {
  t.equal(jarWith(LOCAL, '/a', 'sid=1; Path=/; Domain=127.0.0.1').header(LOCAL, '/'), 'sid=1');
  const six: CookieOrigin = { secure: false, authority: '[::1]:80' };
  t.equal(jarWith(six, '/', 'sid=1').header(six, '/'), 'sid=1');
});

t.test('domains', async (t) => {
  const jar = jarWith(SHOP, '/', 'all=1; Domain=example.com; Path=/', 'own=2; Path=/');
  t.equal(jar.header(SHOP, '/'), 'all=1; own=2');
  t.equal(jar.header(SISTER, '/'), 'all=1');
  const refused = [
    ['of another domain', 'a=1; Domain=other.test'],
    ['of a domain below', 'a=1; Domain=deep.shop.example.com'],
    ['of a public suffix', 'a=1; Domain=com'],
    ['of no domain at all', 'a=1; Domain=\xff\xfe..[x]'],
    ['of an address', 'a=1; Domain=127.0.0.1'],
  ] as const;
  for (const [what, cookie] of refused) t.equal(jarWith(SHOP, '/', cookie).header(SHOP, '/'), '', what);
});

t.test('paths', async (t) => {
  const jar = jarWith(SHOP, '/account/session', 'deep=1', 'root=2; Path=/', 'cart=3; Path=/cart');
  t.equal(jar.header(SHOP, '/account/orders?x=1'), 'deep=1; root=2', 'longer paths come first');
  t.equal(jar.header(SHOP, '/account'), 'deep=1; root=2');
  t.equal(jar.header(SHOP, '/accounts'), 'root=2');
  t.equal(jar.header(SHOP, '/cart?x=1'), 'cart=3; root=2');
  t.equal(jar.header(SHOP, '/'), 'root=2');
});

t.test('secure cookies', async (t) => {
  const jar = jarWith(SECURE_SHOP, '/', 'a=1; Secure; Path=/', 'b=2; Path=/', '__Host-c=3; Secure; Path=/');
  t.equal(jar.header(SECURE_SHOP, '/'), 'a=1; b=2; __Host-c=3');
  t.equal(jar.header(SHOP, '/'), 'b=2');
  t.equal(jarWith(SHOP, '/', 'a=1; Secure').header(SHOP, '/'), '', 'cannot be set without TLS');
  t.equal(jarWith(LOCAL, '/', 'a=1; Secure').header(LOCAL, '/'), 'a=1', 'except on this host, as in browsers');
  t.equal(
    jarWith(SECURE_SHOP, '/', '__Host-a=1; Path=/').header(SECURE_SHOP, '/'),
    '',
    'a prefix that it does not keep',
  );
});

t.test('cookies end', async (t) => {
  const { now } = Date;
  const realNow = now();
  let atMs = realNow;
  Date.now = () => atMs;
  t.teardown(() => {
    Date.now = now;
  });
  const past = 'Thu, 01 Jan 1970 00:00:00 GMT';
  const jar = jarWith(SHOP, '/', 'short=1; Max-Age=60; Path=/', 'long=2; Path=/', `gone=3; Expires=${past}; Path=/`);
  t.equal(jar.header(SHOP, '/'), 'short=1; long=2');
  atMs = realNow + 59_000;
  t.equal(jar.header(SHOP, '/'), 'short=1; long=2');
  atMs = realNow + 61_000;
  t.equal(jar.header(SHOP, '/'), 'long=2', 'though it was in use all the time');
  jar.take(head('long=; Max-Age=0; Path=/'), SHOP, '/');
  t.equal(jar.header(SHOP, '/'), '', 'the server has taken it back');
});

t.test('what cannot be a cookie is ignored, and the jar is bounded', async (t) => {
  t.equal(jarWith(SHOP, '/', '', ';', '=x', 'noequals', 'a\x01=b').header(SHOP, '/'), '');
  t.equal(jarWith(SHOP, '/', `a=${'x'.repeat(4096)}`).header(SHOP, '/'), '', 'more than 4096 characters');
  const many = Array.from({ length: 500 }, (_, i) => `c${i}=1; Path=/`);
  const names = jarWith(SHOP, '/', ...many)
    .header(SHOP, '/')
    .split('; ');
  t.equal(names.length, 180);
  t.equal(names.at(-1), 'c499=1', 'the oldest are gone');
});

t.test('a server cannot fill the memory of ten thousand users with large cookies', async (t) => {
  const sizeOf = (...lines: readonly string[]) => jarWith(SHOP, '/', ...lines).header(SHOP, '/').length;
  const large = (i: number, attributes = '; Path=/') => `c${i}=${'x'.repeat(4000)}${attributes}`;
  const names = Array.from({ length: 100 }, (_, i) => i);
  t.ok(sizeOf(...names.map((i) => large(i))) <= 33_000);
  t.ok(sizeOf(...names.map((i) => large(i, '; Path=/; Max-Age=1000'))) <= 33_000, 'those that are read anew each time');
  const grown = jarWith(SHOP, '/', ...names.map((i) => `c${i}=1; Path=/`), ...names.map((i) => large(i)));
  t.ok(grown.header(SHOP, '/').length <= 33_000, 'values that grow');
  t.match(grown.header(SHOP, '/'), /c99=x+$/, 'the newest stay');
  const paths = names.map((i) => `c${i}=1; Path=/${'p'.repeat(3000)}`);
  const jar = jarWith(SHOP, `/${'p'.repeat(3000)}`, ...paths);
  t.ok(jar.header(SHOP, `/${'p'.repeat(3000)}`).split('; ').length <= 11, 'paths count too');
});

t.test('the bytes of a value stay what they are', async (t) => {
  const value = Buffer.from('café').toString('latin1');
  t.equal(jarWith(SHOP, '/', `a=${value}`).header(SHOP, '/'), `a=${value}`);
});

t.test('a jar that remembers lines does what one does that reads each of them', async () => {
  const origin = fc.constantFrom(SHOP, SECURE_SHOP, SISTER, LOCAL);
  const line = fc
    .record({
      name: fc.constantFrom('a', 'b', '__Host-c', 'd d'),
      value: fc.constantFrom('', '1', '2', 'x=y', '"q"', 'v'.repeat(4200)),
      path: fc.constantFrom('', '; Path=/', '; Path=/deep', '; path=nowhere'),
      domain: fc.constantFrom('', '; Domain=example.com', '; Domain=other.test'),
      more: fc.constantFrom('', '; Secure', '; HttpOnly', '; Max-Age=0', '; Max-Age=1000'),
    })
    .map(({ name, value, path, domain, more }) => `${name}=${value}${path}${domain}${more}`);
  const path = fc.constantFrom('/', '/deep/er', '/deep');
  const step = fc.record({ line, origin, path, askedAt: origin, asked: path });
  let run = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      run += 1;
      const jar = new CookieJar();
      const fresh = new CookieJar();
      return steps.every(({ line, origin, path, askedAt, asked }, i) => {
        jar.take(head(line), origin, path);
        // An attribute that means nothing makes each line a new one.
        fresh.take(head(`${line}; run-${run}-${i}`), origin, path);
        return jar.header(askedAt, asked) === fresh.header(askedAt, asked);
      });
    }),
    { numRuns: 500 },
  );
});
