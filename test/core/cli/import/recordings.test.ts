/** HAR files as programs other than browsers write them, and secrets that stand in paths. */
import t from 'tap';
import { importCurl } from '../../../../core/cli/import/curl.ts';
import { importHar } from '../../../../core/cli/import/har.ts';
import { importedPlan, planDocument } from '../../../../core/cli/import/imported-plan.ts';

const KEEP = { staticFiles: false, otherHosts: false };
const TOKEN = `eyJhbGciOiJIUzI1NiJ9.${'e30'.repeat(8)}.c2lnbmF0dXJl`;

const recorded = (request: object, more: object = {}) =>
  JSON.stringify({
    log: {
      entries: [
        {
          startedDateTime: '2026-01-01T00:00:00Z',
          request: { method: 'POST', url: 'https://shop.test/items', headers: [], ...request },
          response: { status: 200 },
          ...more,
        },
      ],
    },
  });

t.test('lines of HTTP/2: pseudo headers go, cookies and other headers that occur twice are all sent', (t) => {
  const headers = [
    [':method', 'POST'],
    [':authority', 'shop.test'],
    ['cookie', 'theme=dark'],
    ['accept', 'text/html'],
    ['cookie', 'country=pt'],
    ['Accept', 'text/plain'],
  ].map(([name, value]) => ({ name, value }));
  const [request] = importHar(recorded({ headers }), 'x', KEEP).requests;
  t.strictSame(Object.keys(request?.headers ?? {}), ['cookie', 'accept']);
  t.match(request?.headers, { accept: 'text/html, text/plain' });
  const { needed } = importHar(recorded({ headers }), 'x', KEEP).secrets;
  t.strictSame(needed.length, 1, 'both cookies are one header, whose value is a variable');
  t.end();
});

t.test('null for what is not known', (t) => {
  const nulls = {
    pageref: null,
    time: null,
    _resourceType: null,
    response: { status: 200, headers: null, content: null },
  };
  const request = { headers: null, postData: { mimeType: null, text: 'a', params: null } };
  t.match(importHar(recorded(request, nulls), 'x', KEEP).requests, [{ path: '/items', body: 'a', pauseUs: 0 }]);
  const unanswered = recorded({}, { response: null });
  t.throws(() => importHar(unanswered, 'x', KEEP), { message: /holds no request of HTTP that had an answer/ });
  t.end();
});

t.test('bodies in base64 are sent as the bytes that they stand for', (t) => {
  const of = (bytes: Buffer, mimeType: string) =>
    importHar(recorded({ postData: { mimeType, encoding: 'base64', text: bytes.toString('base64') } }), 'x', KEEP);
  t.match(of(Buffer.from('{"a":"é"}'), 'application/json').requests, [{ body: { json: { a: 'é' } } }]);
  const binary = of(Buffer.from([0xff, 0x00, 0x80]), 'application/octet-stream');
  t.match(binary.requests, [{ body: { file: 'body-1.bin' } }]);
  t.match(binary.notes, [/./, 'Put beside the plan: body-1.bin.']);
  t.end();
});

t.test('secrets in paths do not get into the plan', (t) => {
  const url = `https://shop.test/reset/${TOKEN}/items;jsessionid=1A2B3C4D5E6F;v=2?page=2`;
  const title = `https://shop.test/reset/${TOKEN}`;
  const har = JSON.parse(recorded({ url }, { pageref: 'p' }));
  har.log.pages = [{ id: 'p', title }];
  for (const imported of [importHar(JSON.stringify(har), 'x', KEEP), importCurl(`curl '${url}'`, 'x')]) {
    const [request] = imported.requests;
    // biome-ignore lint/suspicious/noTemplateCurlyInString: references of plans
    t.equal(request?.path, '/reset/${env:TOKEN}/items;jsessionid=${env:JSESSIONID};v=2?page=2');
    t.equal(request?.name.replace(/^\w+ /, ''), '/reset/…/items');
    const text = planDocument(importedPlan(imported));
    t.notMatch(text, /eyJ|1A2B3C/);
  }
  t.end();
});
