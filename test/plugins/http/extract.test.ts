import t from 'tap';
import { z } from 'zod';
import { randomStream } from '../../../core/plan/random.ts';
import { type Answer, Exchange, requestShape } from '../../../plugins/http/exchange.ts';
import { Extract, extractSchema } from '../../../plugins/http/extract.ts';

const shape = requestShape('GET', '/items', { answerMs: 1000, connectMs: 1000 }, { keepHead: true, keepBody: true });
const HEAD = [
  'HTTP/1.1 201 Created',
  'Location: /orders/17',
  'X-Tag: a',
  'x-tag: b',
  'Set-Cookie: sid=abc; Path=/',
  'Set-Cookie: SID=upper',
  '',
].join('\r\n');
const BODY = '{"data":{"token":"t1","big":9007199254740993,"none":null},"items":[{"id":1},{"id":2},{"id":3}]}';

/** To write such a value as JSON, or to go through it number by number, takes seconds or all of the stack. */
const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

function extracted(sources: object, body = BODY) {
  const extract = new Extract(extractSchema.parse(sources));
  const exchange = new Exchange();
  exchange.begin(0);
  exchange.status = 201;
  const variables = new Map<string, string>();
  const answer: Answer = { headText: HEAD, contentEncoding: '', body: Buffer.from(body), bodyBytes: body.length };
  extract.apply(exchange, answer, shape, variables, randomStream(1, 1));
  return { variables: Object.fromEntries(variables), exchange };
}

t.test('values come from body, headers, cookies and status', async (t) => {
  const cases: [source: object, value: string][] = [
    [{ json: 'data.token' }, 't1'],
    [{ json: 'data.big' }, '9007199254740993'],
    [{ json: 'items[1].id' }, '2'],
    [{ json: 'items[*].id' }, '1'],
    [{ json: 'items[*].id', pick: 'last' }, '3'],
    [{ json: 'items[*].id', pick: 'all' }, '["1","2","3"]'],
    [{ json: 'items[0]' }, '{"id":1}'],
    [{ header: 'location' }, '/orders/17'],
    [{ header: 'location', regex: '/orders/(\\d+)$' }, '17'],
    [{ header: 'X-TAG', pick: 'last' }, 'b'],
    [{ cookie: 'sid' }, 'abc'],
    [{ cookie: 'SID' }, 'upper'],
    [{ status: true }, '201'],
    [{ regex: '"token":"([^"]+)"' }, 't1'],
    [{ json: 'data.none', default: 'x' }, 'x'],
    [{ json: 'gone.here', default: '' }, ''],
  ];
  for (const [source, value] of cases) {
    const { variables, exchange } = extracted({ v: source });
    t.equal(variables.v, value, JSON.stringify(source));
    t.ok(exchange.ok);
  }
  t.match(extracted({ v: { json: 'items[*].id', pick: 'random' } }).variables.v, /^[123]$/);
});

t.test('a value that is missing fails the step and says what was looked for', async (t) => {
  const cases: [source: object, message: RegExp, body?: string][] = [
    [{ json: 'data.gone' }, /no value for the variable v: the path data\.gone is not in the answer/],
    [{ json: 'a' }, /the body is not JSON/, '<html>'],
    [{ json: 'a' }, /the body is not JSON/, ''],
    [{ header: 'etag' }, /the header etag is not in the answer/],
    [{ header: 'location', regex: 'x(\\d)' }, /the header location with x\(\\d\) is not in the answer/],
    [{ cookie: 'gone' }, /the cookie gone/],
    [{ regex: 'csrf=(\\w+)' }, /text that matches csrf/],
    [{ json: 'a' }, /variable v: the body's JSON is nested more than 1000 levels deep/, `{"a":${DEEP}}`],
    [{ json: 'b' }, /the body's JSON is nested more than 1000 levels deep/, `{"a":${DEEP},"b":12345678901234567890}`],
    [{ json: 'toString' }, /the path toString is not in the answer/],
  ];
  for (const [source, message, body] of cases) {
    const { exchange } = extracted({ v: source }, body);
    t.equal(exchange.errorKind, 'extract_failed');
    t.match(exchange.message, message);
  }
});

t.test('what cannot be taken is refused with the plan', async (t) => {
  const problem = (source: object) => {
    const { error } = extractSchema.safeParse({ v: source });
    return error === undefined ? '' : z.prettifyError(error);
  };
  t.match(problem({}), /must say where the value is/);
  t.match(problem({ json: 'a', header: 'b' }), /must say where the value is/);
  t.match(problem({ json: 'a..b' }), /must be a path such as/);
  t.match(problem({ regex: '(a' }), /is not a regular expression/);
  t.match(problem({ json: 'a', regex: 'b' }), /goes with header or cookie/);
  t.match(problem({ json: 'a', pick: 'any' }), /must be one of first, last, random, all/);
  t.ok(extractSchema.safeParse({ 'no name': { json: 'a' } }).error);
});
