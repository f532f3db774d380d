import t from 'tap';
import { MAX_KEPT_BYTES } from '../../../core/text/kept-body.ts';
import { Checks, checksSchema } from '../../../plugins/http/checks.ts';
import { Exchange, requestShape } from '../../../plugins/http/exchange.ts';

const SHAPE = requestShape('GET', '/items', { answerMs: 1000, connectMs: 1000 });

function applied(options: object, status: number, body = '', headers = ''): string {
  const exchange = new Exchange();
  exchange.begin(0);
  exchange.status = status;
  const answer = {
    headText: `HTTP/1.1 ${status} X\r\n${headers}\r\n`,
    contentEncoding: '',
    body: Buffer.from(body).subarray(0, MAX_KEPT_BYTES),
    bodyBytes: body.length,
  };
  new Checks(checksSchema.parse(options)).apply(exchange, answer, SHAPE);
  return exchange.ok ? 'ok' : `${exchange.errorKind}: ${exchange.message}`;
}

t.test('status', async (t) => {
  for (const status of [200, 204, 302, 399]) t.equal(applied({}, status), 'ok');
  t.equal(applied({}, 404), 'http_404: GET /items: the status is 404, not 200 to 399');
  t.equal(applied({ status: 201 }, 200), 'http_200: GET /items: the status is 200, not 201');
  t.equal(applied({ status: [200, 404] }, 404), 'ok');
  t.equal(applied({ status: [200, 404] }, 500), 'http_500: GET /items: the status is 500, not 200 or 404');
  t.equal(applied({ status: '4xx' }, 418), 'ok');
});

t.test('headers', async (t) => {
  const check = { headers: { 'Content-Type': 'json' } };
  t.equal(applied(check, 200, '', 'content-type: application/json; charset=utf-8\r\n'), 'ok');
  t.equal(applied(check, 200), 'check_failed: GET /items: the header content-type is missing');
  t.match(
    applied(check, 200, '', 'Content-Type: text/plain\r\n'),
    /the header content-type is "text\/plain", without "json"/,
  );
  t.equal(applied({ headers: { 'x-a': '1, 2' } }, 200, '', 'X-A: 1\r\nX-A: 2\r\n'), 'ok');
});

t.test('body', async (t) => {
  t.equal(applied({ body: { contains: 'é' } }, 200, 'café'), 'ok');
  t.match(applied({ body: { contains: 'tea' } }, 200, 'café'), /check_failed: .* the body does not contain "tea"/);
  t.equal(applied({ body: { matches: '^a.*z$' } }, 200, 'a\nz'), 'ok');
  t.match(applied({ body: { matches: '^b' } }, 200, 'ab'), /the body does not match \/\^b\/$/);
  const endless = { body: { matches: '(a+)+$' } };
  t.match(applied(endless, 200, `${'a'.repeat(50_000)}!`), /does not match/, 'in no more time than the body takes');
  const body = '{"data":{"items":[{"id":7,"on":false}]},"none":null}';
  t.equal(
    applied({ body: { json: { 'data.items[0].id': 7, 'data.items[0].on': false, none: null } } }, 200, body),
    'ok',
  );
  t.match(
    applied({ body: { json: { 'data.items[0].id': '7' } } }, 200, body),
    /data\.items\[0\]\.id in the body is 7, not "7"/,
  );
  t.match(
    applied({ body: { json: { 'data.nothing.here': 1 } } }, 200, body),
    /data\.nothing\.here in the body is nothing, not 1/,
  );
  t.match(applied({ body: { json: { a: 1 } } }, 200, '<html>'), /the body is not JSON/);
});

t.test('a check that cannot be is refused', async (t) => {
  for (const options of [
    { status: '2x' },
    { status: 99 },
    { status: [] },
    { body: { matches: '(' } },
    { body: { matches: '(a)\\1' } },
    { stauts: 200 },
  ]) {
    t.notOk(checksSchema.safeParse(options).success, JSON.stringify(options));
  }
});

t.test('a body larger than what is kept says so', async (t) => {
  const body = 'x'.repeat(2 * 1024 * 1024);
  const cut = /the first 1 MiB of the body, which is all that a check reads, does not (contain "end"|match \/end\/)/;
  t.match(applied({ body: { contains: 'end' } }, 200, body), cut);
  t.match(applied({ body: { matches: 'end' } }, 200, body), cut);
  t.match(applied({ body: { contains: 'end' } }, 200, 'short'), /: the body does not contain "end"/);
});

t.test('numbers are compared by all their digits', async (t) => {
  const body = '{"id":9007199254740993,"price":1.10,"count":1e2}';
  t.match(
    applied({ body: { json: { id: 9007199254740992 } } }, 200, body),
    /id in the body is 9007199254740993, not 9007199254740992/,
  );
  t.equal(applied({ body: { json: { id: '9007199254740993', price: 1.1, count: 100 } } }, 200, body), 'ok');
});

t.test('what lets its holder in is no part of a message', async (t) => {
  const body =
    '{"token":"SECRET1","data":{"api_key":"SECRET2","list":[{"password":"SECRET3"}]},"pin":1234,"name":"ann"}';
  for (const [path, wanted] of [
    ['token', 'x'],
    ['data.api_key', 'x'],
    ['data.list[0].password', 'x'],
    ['data.list', 'x'],
    ['data', 'x'],
    ['pin', 1],
  ] as const) {
    const said = applied({ body: { json: { [path]: wanted } } }, 200, body);
    t.match(said, / is .*\*\*\*/, path);
    t.notMatch(said, /SECRET|1234/, path);
  }
  t.match(applied({ body: { json: { name: 'bob' } } }, 200, body), /name in the body is "ann", not "bob"/);
  t.match(applied({ body: { json: { 'data.token': 'x' } } }, 200, body), /is nothing, not "x"/);
});
