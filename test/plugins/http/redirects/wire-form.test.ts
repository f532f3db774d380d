import t from 'tap';
import { fromWire, toWire } from '../../../../plugins/http/redirects/wire-form.ts';

const ORIGIN = 'http://shop.test:8080';
const KEPT = { http2: false, connectionPerRequest: false };

t.test('a request for HTTP/1.1 is read back, without what its sender adds', async (t) => {
  const head = 'POST //a?x=1 HTTP/1.1\r\nHost: virtual.test\r\nX-Empty: \r\nX-Colon: a: b\r\n';
  const own = 'Cookie: sid=1\r\nConnection: close\r\nContent-Length: 3\r\n';
  for (const wire of [`${head}${own}\r\n\xe9\r\n`, Buffer.from(`${head}${own}\r\n\xe9\r\n`, 'latin1')]) {
    const request = fromWire(wire, ORIGIN);
    t.equal(request.url.href, `${ORIGIN}//a?x=1`);
    t.strictSame(request.headers, [
      ['Host', 'virtual.test'],
      ['X-Empty', ''],
      ['X-Colon', 'a: b'],
    ]);
    t.equal(request.body, '\xe9\r\n');
    t.equal(toWire(request, '', KEPT), `${head}Content-Length: 3\r\n\r\n\xe9\r\n`);
    t.equal(
      toWire(request, 'sid=2', { ...KEPT, connectionPerRequest: true }),
      `${head}Cookie: sid=2\r\nConnection: close\r\nContent-Length: 3\r\n\r\n\xe9\r\n`,
    );
  }
});

t.test('a request without a body or a host', async (t) => {
  const request = fromWire('GET /a HTTP/1.1\r\nAccept: */*\r\n\r\n', ORIGIN);
  t.equal(request.body, undefined);
  t.equal(toWire(request, '', KEPT), 'GET /a HTTP/1.1\r\nHost: shop.test:8080\r\nAccept: */*\r\n\r\n');
  t.match(toWire({ ...request, method: 'POST' }, '', KEPT), /\r\nContent-Length: 0\r\n\r\n$/);
});

t.test('a request for HTTP/2', async (t) => {
  const headers = {
    ':method': 'PUT',
    ':scheme': 'http',
    ':authority': 'shop.test:8080',
    ':path': '/a?x=1',
    accept: '*/*',
  };
  const wire = { headers: { ...headers, cookie: 'sid=1' }, body: Buffer.from('é') };
  const request = fromWire(wire, ORIGIN);
  t.match(request, {
    method: 'PUT',
    headers: [
      ['Host', 'shop.test:8080'],
      ['accept', '*/*'],
    ],
    body: 'Ã©',
  });
  const again = toWire(request, 'sid=2', { http2: true, connectionPerRequest: false });
  t.strictSame(again, { headers: { ...headers, cookie: 'sid=2' }, body: Buffer.from('é') });
});
