import t from 'tap';
import { ScriptAnswer } from '../../../../plugins/http/script/script-answer.ts';

function answered(body: string | Uint8Array, headers = '', bodyBytes = body.length): ScriptAnswer {
  const answer = new ScriptAnswer('GET list', '/items');
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
  answer.takeAnswer({
    headText: `HTTP/1.1 200 OK\r\n${headers}\r\n`,
    body: bytes,
    bodyBytes: Math.max(bytes.length, bodyBytes),
    contentEncoding: '',
  });
  answer.takeOutcome({ ok: true, errorKind: '', message: '', status: 200, bytesSent: 0, bytesReceived: bytes.length });
  return answer;
}

t.test('the body as text, JSON and bytes', async (t) => {
  const answer = answered('{"name":"café"}');
  t.equal(answer.text(), '{"name":"café"}');
  t.same(answer.json(), { name: 'café' });
  t.equal(answer.bytes().length, 16);
  t.equal(answered('\ufeff[1]').text(), '[1]', 'without a byte order mark');
  t.equal(answered('').text(), '');
});

t.test('the body stays as it was when the buffer that it came in is used again', async (t) => {
  const shared = Buffer.from('first');
  const answer = answered(shared);
  const taken = new ScriptAnswer('GET list', '/items');
  taken.takeAnswer({ headText: '', body: shared, bodyBytes: 5, contentEncoding: '' });
  shared.write('other');
  t.equal(answer.text(), 'first');
  t.equal(taken.text(), 'first');
});

t.test('integers keep their digits', async (t) => {
  const { id, small, list, price } = answered(
    '{"id":9007199254740993,"small":9007199254740991,"list":[-123456789012345678901],"price":0.12345678901234567}',
  ).json<{ id: unknown; small: unknown; list: unknown[]; price: unknown }>();
  t.equal(id, 9007199254740993n);
  t.equal(small, 9007199254740991);
  t.equal(list[0], -123456789012345678901n);
  t.equal(price, Number('0.12345678901234567'));
});

t.test('what is not JSON is told by its first words', async (t) => {
  t.throws(() => answered('<html>\n <h1>502 Bad Gateway</h1>').json(), {
    name: 'PluginError',
    message: 'GET list: the body is not JSON: it begins with "<html> <h1>502 Bad Gateway</h1>"',
  });
  t.throws(() => answered('').json(), { message: 'GET list: the body is not JSON: it is empty' });
  t.throws(() => answered('['.repeat(5000)).json(), {
    message: 'GET list: the body cannot be used: its JSON is nested more than 1000 levels deep',
  });
});

t.test('a body that was not kept as a whole is not given in part', async (t) => {
  const cut = answered('12345', '', 5_000_000);
  const message =
    'GET list: the body has 5000000 bytes, of which only the first 5 were kept: raise maxBodyBytes of the request';
  for (const read of [() => cut.text(), () => cut.json(), () => cut.bytes()]) t.throws(read, { message });
});

t.test('a request that got no answer has no body, and says why', async (t) => {
  const answer = new ScriptAnswer('GET list', '/items');
  answer.takeOutcome({
    ok: false,
    errorKind: 'connection_refused',
    message: 'GET list: connection refused',
    status: 0,
    bytesSent: 0,
    bytesReceived: 0,
  });
  t.throws(() => answer.text(), { message: /no whole answer came: GET list: connection refused/ });
  t.throws(() => answer.orThrow(), { name: 'PluginError', message: 'GET list: connection refused' });
  t.equal(answer.headers.get('date'), undefined);
  t.same(answer.headers.entries(), []);
  t.equal(answered('').orThrow().status, 200);
});

t.test('headers', async (t) => {
  const { headers } = answered(
    '',
    'Content-Type: text/html\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\nX-Empty:\r\n',
  );
  t.equal(headers.get('content-type'), 'text/html');
  t.equal(headers.get('CONTENT-TYPE'), 'text/html');
  t.same(headers.getAll('Set-Cookie'), ['a=1; Path=/', 'b=2']);
  t.equal(headers.get('set-cookie'), 'a=1; Path=/, b=2');
  t.equal(headers.get('x-empty'), '');
  t.equal(headers.get('etag'), undefined);
  t.same(headers.getAll('etag'), []);
  t.equal(headers.entries().length, 4);
});
