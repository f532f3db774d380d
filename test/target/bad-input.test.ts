import t from 'tap';
import { get, metricsPage, post, started, upload, uploadCount } from './fixtures/started.ts';

const bodies: readonly [
  name: string,
  body: string | undefined,
  field: string,
  message: RegExp,
  contentType?: string,
][] = [
  ['cut-off JSON', '{"device_id":"a",', 'body', /not valid JSON/],
  ['a body of bytes', '\u0001\u0002', 'body', /not valid JSON/],
  ['an empty body', '', 'body', /empty/],
  ['no body', undefined, 'body', /empty/],
  ['null', 'null', 'body', /object, got null/],
  ['an array', '[]', 'body', /object, got an array/],
  ['a string', '"x"', 'body', /object, got a string/],
  ['no device_id', '{"test_data":1}', 'device_id', /missing/],
  ['a number as device_id', '{"device_id":5,"test_data":1}', 'device_id', /got a number/],
  ['null as device_id', '{"device_id":null,"test_data":1}', 'device_id', /got null/],
  ['an empty device_id', '{"device_id":"","test_data":1}', 'device_id', /empty/],
  [
    '51 characters',
    JSON.stringify({ device_id: 'x'.repeat(51), test_data: 1 }),
    'device_id',
    /51 characters, at most 50/,
  ],
  ['no test_data', '{"device_id":"a"}', 'test_data', /missing/],
  ['a string as test_data', '{"device_id":"a","test_data":"1"}', 'test_data', /got a string/],
  ['an object as test_data', '{"device_id":"a","test_data":{}}', 'test_data', /got an object/],
  ['an infinite test_data', '{"device_id":"a","test_data":1e999}', 'test_data', /too large/],
  ['text/plain', '{"device_id":"a","test_data":1}', 'content-type', /text\/plain/, 'text/plain'],
  ['a form', 'device_id=a&test_data=1', 'content-type', /form/, 'application/x-www-form-urlencoded'],
  ['no content type', '{"device_id":"a","test_data":1}', 'content-type', /missing/, ''],
];

t.test('a bad body gets 422 with the field named, and no row', async (t) => {
  const { url } = await started(t);
  for (const [name, body, field, message, contentType] of bodies) {
    const answer = await post(url, body, contentType);
    t.equal(answer.status, 422, name);
    t.match(answer.body, { code: 422, msg: new RegExp(field), errors: [{ field, message }] }, name);
  }
  const both = await upload(url, '', 'x');
  const errors = { length: 2, 0: { field: 'device_id' }, 1: { field: 'test_data' } };
  t.match(both.body, { errors }, 'all errors are told at once');
  t.equal((await uploadCount(url)).total, 0);
});

t.test('an id in another encoding than UTF-8 is refused instead of being stored changed', async (t) => {
  const { url } = await started(t);
  const body = Buffer.from('{"device_id":"gerät","test_data":1}', 'latin1');
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/test/upload`, { method: 'POST', headers, body });
  t.equal(answer.status, 422);
  t.match(await answer.json(), {
    errors: [{ field: 'device_id', message: /U\+FFFD, which replaces bytes that are not UTF-8/ }],
  });
  t.equal((await uploadCount(url)).total, 0);
});

t.test('a large body is not read', async (t) => {
  const { url } = await started(t);
  const answer = await post(url, `{"device_id":"a","test_data":1,"pad":"${'x'.repeat(20_000)}"}`);
  t.match(answer, { status: 413, body: { code: 413, msg: /20040 bytes, at most 16384/ } });
  t.equal((await upload(url, 'a')).status, 200, 'the next upload is taken');
});

t.test('of a large body whose length is not told no more is read than is wanted', async (t) => {
  const { url } = await started(t);
  const chunked = async (pieces: ReadableStream<Uint8Array>) => {
    const headers = { 'content-type': 'application/json' };
    return fetch(`${url}/api/test/upload`, { method: 'POST', headers, body: pieces, duplex: 'half' } as RequestInit);
  };
  const piece = new TextEncoder().encode(' '.repeat(8_000));
  // It never ends: whoever wants all of it waits for good.
  const endless = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < 3; i++) controller.enqueue(piece);
    },
  });
  const answer = await chunked(endless);
  t.equal(answer.status, 413);
  t.match(await answer.json(), { code: 413, msg: 'The body has more than the 16384 bytes that are read.' });
  const small = new Blob(['{"device_id":"gerät",', '"test_data":1}']).stream();
  t.equal((await chunked(small)).status, 200);
  t.match(await uploadCount(url), { devices: { gerät: 1 } });
});

t.test('unknown paths and wrong methods are told in JSON', async (t) => {
  const { url } = await started(t);
  t.match(await get(`${url}/nope`), { status: 404, body: { code: 404, msg: 'There is no /nope here.' } });
  t.match(await get(`${url}/constructor`), { status: 404 });
  const wrong = await get(`${url}/api/test/upload`);
  t.match(wrong, { status: 405, body: { code: 405, msg: '/api/test/upload takes POST, not GET.' } });
  t.equal(wrong.headers.get('allow'), 'POST');
  const metrics = await metricsPage(url);
  t.match(metrics, 'bench_target_requests_total{route="unmatched",status="404"} 2');
});
