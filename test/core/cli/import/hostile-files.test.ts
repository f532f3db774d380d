/** Files of other people that are to be imported: what they hold must neither keep the command busy for ever nor steer the terminal. */
import t from 'tap';
import { importCurl } from '../../../../core/cli/import/curl.ts';
import { importHar } from '../../../../core/cli/import/har.ts';
import { type Import, importedPlan, planDocument } from '../../../../core/cli/import/imported-plan.ts';
import { importOpenapi } from '../../../../core/cli/import/openapi/openapi.ts';
import { readDocument } from '../../../../core/cli/import/read-document.ts';
import { checkedPlan } from '../../../../core/cli/plans/checked-plan.ts';
import { textPlan } from '../../../../core/cli/plans/plan-file.ts';

// What each of these takes without a limit is minutes, or all memory.
t.setTimeout(120_000);

const entry = (i: number, request: object, pageref?: string) => ({
  startedDateTime: new Date(1.7e12 + i * 10).toISOString(),
  time: 5,
  request: { method: 'POST', url: 'https://shop.test/items', headers: [], ...request },
  response: { status: 200, headers: [], content: { mimeType: 'text/html' } },
  ...(pageref !== undefined && { pageref }),
});
const har = (entries: readonly object[], pages: readonly object[] = []) => JSON.stringify({ log: { entries, pages } });
const KEEP = { staticFiles: false, otherHosts: false };
const body = (text: string, mimeType: string) => ({ postData: { mimeType, text } });

t.test('many requests, fields and tokens of one name take no square of the time', async (t) => {
  const entries = Array.from({ length: 30_000 }, (_, i) => entry(i, { url: `https://shop.test/items?n=${i}` }));
  const { plan } = importedPlan(importHar(har(entries), 'x', KEEP));
  const { operations } = (plan.drivers?.http?.options ?? {}) as { operations: Record<string, object> };
  t.equal(Object.keys(operations).length, 30_000);
  t.match(operations, { 'POST /items': { path: '/items?n=0' }, 'POST /items 30000': { path: '/items?n=29999' } });

  const fields = Array.from({ length: 100_000 }, (_, i) => `a=${i}`).join('&');
  const [form] = importHar(har([entry(0, body(fields, 'application/x-www-form-urlencoded'))]), 'x', KEEP).requests;
  t.equal((form?.body as { form: { a: string[] } } | undefined)?.form.a.length, 100_000);

  const tokens = Array.from({ length: 30_000 }, (_, i) => entry(i, { headers: [{ name: 'X-Token', value: `t${i}` }] }));
  t.equal(importHar(har(tokens), 'x', KEEP).secrets.needed.length, 30_000);

  const paths = Array.from({ length: 20_000 }, (_, i) => [
    `/p${i}/{id}`,
    { get: { parameters: [{ name: 'id', in: 'path', required: true, example: i }] } },
  ]);
  const openapi = JSON.stringify({ openapi: '3.1.0', info: {}, paths: Object.fromEntries(paths) });
  t.equal(Object.keys(importOpenapi(openapi, 'x', false).params ?? {}).length, 20_000);
});

t.test('a text that only looks like JSON, and a word of a megabyte', async (t) => {
  const text = `["${'\\"'.repeat(500_000)}`;
  const [request] = importHar(har([entry(0, body(text, 'application/json'))]), 'x', KEEP).requests;
  t.equal(request?.body, text);
  const long = 'y'.repeat(2_000_000);
  const [sent] = importCurl(`curl https://shop.test/ -H 'Content-Type: text/plain' -d "${long}"`, 'x').requests;
  t.equal((sent?.body as string | undefined)?.length, long.length);
});

const schemas = (schema: object, components: object) =>
  JSON.stringify({
    openapi: '3.1.0',
    info: {},
    paths: { '/a': { post: { requestBody: { content: { 'application/json': { schema } } } } } },
    components: { schemas: components },
  });

t.test('OpenAPI: a small schema that stands for a billion fields is refused', async (t) => {
  const levels = Object.fromEntries(
    Array.from({ length: 14 }, (_, i) => {
      const next = { $ref: `#/components/schemas/s${i + 1}` };
      return [`s${i}`, { type: 'object', properties: Object.fromEntries([...'abcdefgh'].map((key) => [key, next])) }];
    }),
  );
  const tooLarge = {
    message: /^x cannot be imported: .*paths\.\/a\.post\.requestBody: has no example \(it would be too large\)$/,
  };
  const all = { ...levels, s14: { type: 'integer' } };
  t.throws(() => importOpenapi(schemas({ $ref: '#/components/schemas/s0' }, all), 'x', true), tooLarge);
  const list = { type: 'array', minItems: 1e12, items: { type: 'integer' } };
  t.throws(() => importOpenapi(schemas(list, {}), 'x', true), tooLarge);
  t.throws(() => importOpenapi(schemas({ type: 'string', minLength: 1e9 }, {}), 'x', true), tooLarge);
  const tree = {
    type: 'object',
    properties: { left: { $ref: '#/components/schemas/tree' }, value: { type: 'string', minLength: 8 } },
  };
  const [request] = importOpenapi(schemas({ $ref: '#/components/schemas/tree' }, { tree }), 'x', true).requests;
  t.match(request?.body, { json: { value: 'stringst' } }, 'one that holds itself has an end');
});

t.test('what is nested without end is refused in a sentence', async (t) => {
  for (const deep of [
    '['.repeat(100_000),
    `a: ${'{a: '.repeat(30_000)}`,
    `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
  ]) {
    t.throws(() => importOpenapi(deep, 'x', false), { name: 'CommandError', message: /^x cannot be imported: / });
  }
  t.throws(() => readDocument(`a: ${'{a: '.repeat(30_000)}`, 'x'), { message: /^x cannot be imported: / });
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const message = 'x cannot be imported: it is nested too deeply';
  for (const document of [`{"log":${deep}}`, `{"log":{"entries":[{"request":${deep}}]}}`]) {
    t.throws(() => importHar(document, 'x', KEEP), { name: 'CommandError', message });
  }
  t.throws(() => importOpenapi(`{"openapi":${deep}}`, 'x', false), { name: 'CommandError', message });
  t.throws(() => importOpenapi(`openapi: ${deep.slice(0, 60_000)}`, 'x', false), { name: 'CommandError', message });
});

t.test('a plan that is printed steers no terminal, and says what was recorded all the same', async (t) => {
  const steering = '\u001b[2J\u009b31m\u202e\u0007\u2028#\n::error::x';
  const recorded = har(
    [
      entry(
        0,
        {
          url: 'https://shop.test/a',
          headers: [{ name: 'X-A', value: 'a\u009b31m\u202eb' }],
          ...body(steering, 'text/plain'),
        },
        'p',
      ),
      entry(1, body(JSON.stringify({ [`k${steering}`]: steering }), 'application/json')),
    ],
    [{ id: 'p', title: steering, startedDateTime: new Date(1.7e12).toISOString() }],
  );
  const text = planDocument(importedPlan(importHar(recorded, 'x', KEEP)));
  t.equal(text.replaceAll('\n', '').search(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/u), -1);
  const { input } = await checkedPlan(textPlan('The plan', '/plan.yaml', text), {});
  const { operations } = (input.drivers?.http?.options ?? {}) as {
    operations: Record<string, Record<string, unknown>>;
  };
  const [first, second] = Object.values(operations);
  t.equal(first?.body, steering);
  t.strictSame(second?.body, { json: { [`k${steering}`]: steering } });
});

/** The operations of the plan, which has to pass all checks. */
async function operationsIn(imported: Import): Promise<Record<string, Record<string, unknown>>> {
  const { input } = await checkedPlan(textPlan('The plan', '/plan.yaml', planDocument(importedPlan(imported))), {});
  return ((input.drivers?.http?.options ?? {}) as { operations: Record<string, Record<string, unknown>> }).operations;
}

t.test('half a character, and a % that begins none, are no fault of this program', async (t) => {
  const halves = JSON.parse(har([entry(0, { url: 'https://shop.test/a' }, 'p')], [{ id: 'p', title: '' }]));
  halves.log.entries[0].request.url = 'https://shop.test/\ud800x?q=\udc00';
  halves.log.pages[0].title = `${'x'.repeat(79)}\u{1f600}`;
  const imported = importHar(JSON.stringify(halves), 'x', KEEP);
  t.match(Object.values(await operationsIn(imported)), [{ path: '/%EF%BF%BDx?q=%EF%BF%BD' }]);
  t.ok(importedPlan(imported).plan.name.isWellFormed());
  const parameter = { name: 'q\ud800', in: 'query', required: true, example: 'a\udfff' };
  const openapi = {
    openapi: '3.1.0',
    info: {},
    paths: { '/a': { get: { operationId: '__proto__', parameters: [parameter] } } },
  };
  t.match(await operationsIn(importOpenapi(JSON.stringify(openapi), 'x', false)), {
    request: { path: '/a?q%EF%BF%BD=a%EF%BF%BD' },
  });
  const lost = { message: /paths\.\/a\.post\.requestBody: refers to #\/%zz, which is not there$/ };
  const referring = { ...openapi, paths: { '/a': { post: { requestBody: { $ref: '#/%zz' } } } } };
  t.throws(() => importOpenapi(JSON.stringify(referring), 'x', true), { name: 'CommandError', ...lost });
  const curl = importCurl("curl https://shop.test/ --data-urlencode $'q=\\ud800'", 'x');
  t.match(Object.values(await operationsIn(curl)), [{ method: 'POST' }]);
});

t.test('JSON that no plan can hold as data is kept as a text', async (t) => {
  const deep = `${'['.repeat(60)}1${']'.repeat(60)}`;
  for (const text of ['{"__proto__":{"a":1}}', deep]) {
    const imported = importHar(har([entry(0, body(text, 'application/json'))]), 'x', KEEP);
    t.match(Object.values(await operationsIn(imported)), [{ body: text }]);
  }
  const form = importHar(har([entry(0, body('__proto__=1&a=2', 'application/x-www-form-urlencoded'))]), 'x', KEEP);
  t.match(Object.values(await operationsIn(form)), [{ body: '__proto__=1&a=2' }]);
});

t.test('an address of a million slashes takes no square of the time', (t) => {
  const url = `http://shop.test${'/'.repeat(1_000_000)}x`;
  const document = { openapi: '3.0.0', info: { title: 'p' }, servers: [{ url }], paths: { '/a': { get: {} } } };
  t.equal(importOpenapi(JSON.stringify(document), 'x', false).requests[0]?.origin, url);
  t.end();
});
