// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references of plans
import t from 'tap';
import { importCurl } from '../../../../core/cli/import/curl.ts';
import { importHar } from '../../../../core/cli/import/har.ts';
import { type Import, importedPlan } from '../../../../core/cli/import/imported-plan.ts';
import { importOpenapi } from '../../../../core/cli/import/openapi/openapi.ts';
import { importPostman } from '../../../../core/cli/import/postman.ts';
import { imported } from './imported.ts';

t.test('curl: the request that curl would make', async (t) => {
  const command = `curl -sSk -X PATCH 'https://shop.test/items/7?sort=a b' -H 'X-A: \${x}' -H 'Accept:' -A me \\
    --json '{"n": 1, "text": "\${vu}"}' --max-time 5 --connect-timeout 2`;
  const { options, input } = await imported(importCurl(command, 'x'));
  t.equal(input.target, 'https://shop.test');
  t.strictSame(options, {
    timeout: '5s',
    connectTimeout: '2s',
    tls: { insecure: true },
    operations: {
      'PATCH /items/7': {
        method: 'PATCH',
        path: '/items/7?sort=a%20b',
        headers: { 'User-Agent': 'me', 'X-A': '$${x}' },
        body: { json: { n: 1, text: '$${vu}' } },
      },
    },
  });
});

t.test('curl: forms, queries, files and heads', async (t) => {
  const bodyOf = async (flags: string) => {
    const { options } = await imported(importCurl(`curl h.test/a ${flags}`, 'x'));
    const [operation] = Object.values(options.operations);
    const { method, path, body } = operation as { method: string; path: string; body?: unknown };
    return [method, path, body];
  };
  t.strictSame(await bodyOf(`-d a=1 -d 'b=x+y%21' -d a=2 --data-urlencode 'c=ä&'`), [
    'POST',
    '/a',
    { form: { a: ['1', '2'], b: 'x y!', c: 'ä&' } },
  ]);
  t.strictSame(await bodyOf(`-G -d q=1 --data-urlencode 'r=a b'`), ['GET', '/a?q=1&r=a%20b', undefined]);
  t.strictSame(await bodyOf('-I'), ['HEAD', '/a', undefined]);
  t.strictSame(await bodyOf(`-H 'Content-Type: text/plain' --data-binary 'any thing'`), ['POST', '/a', 'any thing']);
  t.strictSame(await bodyOf(`--json '{"id": 9007199254740993}'`), ['POST', '/a', '{"id": 9007199254740993}']);
  t.strictSame(await bodyOf(`--form-string 'a=@b' -F 'c=d;type=text/csv'`), [
    'POST',
    '/a',
    { multipart: { a: '@b', c: { text: 'd', contentType: 'text/csv' } } },
  ]);
});

t.test(
  'curl: several commands are the steps of a user, on several hosts too; what cannot be said is told',
  async (t) => {
    const { input, options, head } = await imported(
      importCurl('curl http://a.test/x -L\ncurl http://b.test/y\ncurl http://$C/ && curl http://a.test/x', 'x'),
    );
    t.strictSame(input.scenarios.users?.flow, [
      { driver: 'http', operation: 'GET /x' },
      { driver: 'http', operation: 'GET /y' },
      { driver: 'http', operation: 'GET /x' },
    ]);
    t.match(options.operations, { 'GET /x': { path: '/x' }, 'GET /y': { path: 'http://b.test/y' } });
    t.match(head, 'Requests left out, because they go to other hosts than http://a.test:\n  http://${env:C}: 1');
    t.equal(options.redirects, 'follow');
  },
);

t.test('curl: what only some commands say of the connection holds for all, and is told', async (t) => {
  const { options, head } = await imported(
    importCurl('curl https://a.test/x -m 5\ncurl https://a.test/y -k -m 7\ncurl -T photo.jpg https://a.test/z', 'x'),
  );
  t.match(options, { timeout: '7s', tls: { insecure: true } });
  t.match(head, '--insecure holds for all requests, though the commands differ in it.');
  t.match(head, 'The longest --max-time holds for all requests, though the commands differ in it.');
  t.notMatch(head, /--location|--http2/);
  t.match(options.operations['PUT /z'], { method: 'PUT', body: { file: 'photo.jpg' } });
});

t.test('no secret comes into a plan, wherever it stood', async (t) => {
  const command = `curl "https://anna:canary-1@shop.test/a?api_key=canary-2&page=1" -b 'sid=canary-3' -H 'X-Auth-Token: canary-4' \\
    -H 'Authorization: Bearer canary-5' -e 'https://shop.test/?access_token=canary-6' \\
    --json '{"user": {"password": "canary-7", "tokens": ["canary-8"]}, "note": "eyJhbGciOiJIUzI1NiJ9.canary9.x"}'
curl https://shop.test/b -d 'user=anna&pwd=canary-10' -u anna:canary-11
curl https://shop.test/c --json '{"big": 9007199254740993, "secret": "canary-12"}'
curl https://shop.test/d -F clientSecret=canary-13 -H "X-Plain: $SHELL_VARIABLE"
curl https://shop.test/e -d '{"password":"canary-14","token":null}'
curl https://shop.test/f -d 'a=1&password=canary-15&'
curl https://shop.test/g -u canary-16: -H 'X-Auth-Key: canary-17' -H 'Ocp-Apim-Subscription-Key: canary-18'
curl 'https://shop.test/h?key=canary-19&sig=canary-20&code=canary-21-longer-code' -b PHPSESSID=canary-22
curl https://shop.test/i --json '{"credentials": {"value": "canary-23"}, "user_pwd": "canary-24", "pin": 417417}'
curl https://shop.test/j -H 'Content-Type: text/xml' -d '<login><password>canary-25</password></login>'
curl https://shop.test/k -d '<login id="1"><password>canary-26</password></login>'
curl https://shop.test/l -H 'Content-Type: multipart/form-data; boundary=b' --data-binary $'--b\\r\\nContent-Disposition: form-data; name="password"\\r\\n\\r\\ncanary-27\\r\\n--b--\\r\\n'
curl https://shop.test/m --json '{"max_tokens": 2500, "token_type": "bearer"}'
`;
  const { text, options } = await imported(importCurl(command, 'x'));
  t.notMatch(text, /canary|417417/);
  t.match(
    options.operations['POST /e'],
    { body: '{"password":"${env:PASSWORD_2}","token":null}' },
    'the text that curl sends',
  );
  t.match(options.operations['POST /m'], { body: { json: { max_tokens: 2500, token_type: 'bearer' } } });
  for (const name of ['API_KEY', 'COOKIE', 'X_AUTH_TOKEN', 'PASSWORD', 'TOKENS', 'NOTE', 'PWD', 'CLIENT_SECRET']) {
    t.match(text, `\${env:${name}}`);
  }
  t.match(text, 'X-Plain: ${env:SHELL_VARIABLE}');
  t.match(text, /^# {3}SHELL_VARIABLE +a variable of the imported command$/m);
  t.match(text, 'page=1', 'what is no secret stays');
});

const MAIN = { staticFiles: false, otherHosts: false };
const entry = (url: string, second: number, more: { request?: object; response?: object; pageref?: string } = {}) => ({
  startedDateTime: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
  time: 100,
  ...(more.pageref && { pageref: more.pageref }),
  request: { method: 'GET', url, headers: [{ name: 'Accept', value: '*/*' }], ...more.request },
  response: { status: 200, content: { mimeType: 'text/html' }, ...more.response },
});
const har = (entries: object[], pages: object[] = []) => JSON.stringify({ log: { version: '1.2', pages, entries } });

t.test('HAR: requests in order are a flow, with the pauses of the user and the titles of pages', async (t) => {
  const form = { mimeType: 'application/x-www-form-urlencoded', text: 'a=1' };
  const text = har(
    [
      entry('http://a.test/slow', 100, { pageref: 'p3' }),
      entry('http://a.test/', 0, { pageref: 'p1' }),
      entry('http://a.test/style.css', 0.1, { response: { content: { mimeType: 'text/css' } } }),
      entry('http://a.test/at-once', 0.15),
      entry('http://a.test/send', 2.5, {
        request: { method: 'POST', postData: form },
        response: { status: 302 },
        pageref: 'p2',
      }),
      entry('https://cdn.test/x', 2.6),
      entry('ws://a.test/', 2.6),
    ],
    [
      { id: 'p1', title: 'Start' },
      { id: 'p2', title: 'Sent\n- x' },
      { id: 'p3', title: 'http://me:canary@a.test/slow?token=canary' },
    ],
  );
  const { input, options, head, text: written } = await imported(importHar(text, 'x', MAIN));
  t.strictSame(input.scenarios.users?.flow, [
    { driver: 'http', operation: 'GET /' },
    { driver: 'http', operation: 'GET /at-once' },
    { pause: '2.25s' },
    { driver: 'http', operation: 'POST /send' },
    { pause: '10s' },
    { driver: 'http', operation: 'GET /slow' },
  ]);
  t.match(options.operations['POST /send'], { body: { form: { a: '1' } }, checks: { status: 302 } });
  t.strictSame(options.headers, { Accept: '*/*' }, 'what all send is said once');
  t.match(written, '# Page: Start\n');
  t.match(written, '# Page: http://a.test/slow\n', 'the address of a page without what may be secret');
  t.notMatch(written, /canary/);
  t.match(written, '# Page: Sent - x\n', 'a title cannot end its comment');
  t.match(head, 'ids stand there as recorded, tokens as variables. Take both from answers with extract.');
  t.match(head, 'Static files left out: 1 (--static keeps them).');
  t.match(head, 'https://cdn.test: 1');
  t.match(head, 'Entries left out, which are no HTTP or had no answer: 1.');
  const all = await imported(importHar(text, 'x', { staticFiles: true, otherHosts: true }));
  t.match(all.options.operations, { 'GET /style.css': {}, 'GET /x': { path: 'https://cdn.test/x' } });
  t.notMatch(all.head, /other hosts/);
});

t.test('HAR: cookies that the recorded server sets are kept by each virtual user; others are secrets', async (t) => {
  const cookie = (value: string) => ({ request: { headers: [{ name: 'Cookie', value }] } });
  const sets = { status: 200, headers: [{ name: 'set-cookie', value: 'sid=canary-1; HttpOnly\ntheme=dark' }] };
  const { options, text } = await imported(
    importHar(
      har([
        entry('http://a.test/', 0, { response: sets }),
        entry('http://a.test/mine', 1, cookie('sid=canary-1; theme=dark')),
        entry('http://a.test/both', 2, cookie('theme=dark; consent=canary-2')),
      ]),
      'x',
      MAIN,
    ),
  );
  t.equal(options.cookies, true);
  t.strictSame(options.operations['GET /mine'], { method: 'GET', path: '/mine' });
  t.match(options.operations['GET /both'], { headers: { Cookie: '${env:COOKIE}' } });
  t.notMatch(text, /canary/);
});

t.test('HAR: an uploaded file is one beside the plan, whatever path was recorded', async (t) => {
  const params = ['/home/me/.ssh/id_rsa', 'C:\\me\\photo.jpg', '../..'].map((fileName) => ({ name: 'f', fileName }));
  const postData = { mimeType: 'multipart/form-data; boundary=b', params };
  const recorded = har([entry('http://a.test/up', 0, { request: { method: 'POST', postData } })]);
  const { drivers } = importedPlan(importHar(recorded, 'x', MAIN)).plan;
  t.match(drivers?.http?.options, {
    operations: {
      'POST /up': { body: { multipart: { f: [{ file: 'id_rsa' }, { file: 'photo.jpg' }, { file: 'upload' }] } } },
    },
  });
  t.match(importHar(recorded, 'x', MAIN).notes.at(-1), 'Put beside the plan: id_rsa, photo.jpg, upload.');
});

const PETS = `swagger: "2.0"
info: { title: Pets, version: "1" }
host: pets.test
basePath: /v1
schemes: [https]
securityDefinitions: { key: { type: apiKey, in: header, name: X-Key } }
security: [{ key: [] }]
paths:
  /pets/{petId}:
    parameters: [{ name: petId, in: path, required: true, type: integer, minimum: 7, description: the pet }]
    get: { operationId: getPet, responses: { "200": { description: ok } } }
    put:
      parameters: [{ in: body, name: pet, schema: { $ref: '#/definitions/Pet' } }]
      responses: { "200": { description: ok } }
definitions:
  Pet:
    type: object
    properties:
      id: { type: integer, example: 9223372036854775807 }
      name: { type: string, example: 'rex \${a}' }
      password: { type: string }
      friends: { type: array, items: { $ref: '#/definitions/Pet' } }
`;

t.test('OpenAPI: Swagger 2, safe methods first, and all of them when told', async (t) => {
  const safe = await imported(importOpenapi(PETS, 'x', false));
  t.equal(safe.input.target, 'https://pets.test/v1');
  t.strictSame(safe.input.params?.petId, { default: 7, description: 'the pet' });
  t.strictSame(safe.options.operations, {
    getPet: { method: 'GET', path: '/pets/7', headers: { 'X-Key': '${env:API_KEY}' } },
  });
  t.match(safe.head, 'Operations left out, which change something: 1 (--all-methods adds them).');
  const all = await imported(importOpenapi(PETS, 'x', true));
  t.match(all.options.operations['PUT /pets/{petId}'], {
    path: '/pets/7',
    body: { json: { id: 1, name: 'rex $${a}', password: '${env:PASSWORD}' } },
  });
  t.strictSame(
    all.input.scenarios.users?.operations?.map(({ operation, weight }) => [operation, weight]),
    [
      ['getPet', 1],
      ['PUT /pets/{petId}', 1],
    ],
  );
});

t.test('OpenAPI: parameters in paths are kept apart from those of the load and from one another', async (t) => {
  const path = (name: string, example: unknown) => ({
    get: { parameters: [{ name, in: 'path', required: true, example }] },
  });
  const paths = {
    '/a/{users}': path('users', 'anna'),
    '/b/{userId}': path('userId', 1),
    '/c/{userid}': path('userid', 2),
    '/d/{id}': path('id', 5),
    '/e/{id}': path('id', 5),
    '/f/{id}': path('id', 6),
    '/g/{constructor}': path('constructor', 'x'),
  };
  const { input, options, head } = await imported(
    importOpenapi(JSON.stringify({ openapi: '3.1.0', paths }), 'x', false),
  );
  t.match(input.params, {
    users: { default: 10 },
    users_2: { default: 'anna' },
    userId: { default: 1 },
    userid_2: { default: 2 },
    id: { default: 5 },
    id_2: { default: 6 },
    constructor: { default: 'x' },
  });
  const sent = Object.values(options.operations).map((operation) => (operation as { path: string }).path);
  t.strictSame(sent, ['/a/anna', '/b/1', '/c/2', '/d/5', '/e/5', '/f/6', '/g/x']);
  t.match(head, 'The parameter id stands in /d/{id} and in /e/{id}: give each its own if they mean different things.');
});

t.test('OpenAPI 3: servers, parameters by reference, forms and other ways to be let in', async (t) => {
  const document = {
    openapi: '3.1.0',
    info: { title: 'A "shop"', version: '1' },
    servers: [{ url: '/api/{v}', variables: { v: { default: 'v2' } } }],
    paths: {
      '/items': {
        get: {
          parameters: [
            { name: 'page', in: 'query', schema: { type: 'integer', default: 2 } },
            { name: 'q', in: 'query', schema: { type: 'string' } },
            { name: 'tag', in: 'query', required: true, schema: { type: 'array', items: { enum: ['a b'] } } },
            { $ref: '#/components/parameters/Trace' },
          ],
        },
        post: {
          security: [{ oauth: [] }],
          requestBody: {
            content: {
              'application/x-www-form-urlencoded': {
                schema: { type: 'object', properties: { user: { const: 'anna' } } },
              },
            },
          },
        },
      },
    },
    components: {
      parameters: { Trace: { name: 'X-Trace', in: 'header', required: true, example: 't-1' } },
      securitySchemes: { oauth: { type: 'oauth2', flows: {} } },
    },
  };
  const { input, options, head } = await imported(importOpenapi(JSON.stringify(document), 'x', true));
  t.equal(input.name, 'A shop');
  t.equal(input.target, 'http://127.0.0.1:8080/api/v2');
  t.match(
    head,
    'The document names no host, so the target is http://127.0.0.1:8080: change it, or give another with --host.',
  );
  t.strictSame(options.operations, {
    'GET /items': { method: 'GET', path: '/items?page=2&tag=a%20b', headers: { 'X-Trace': 't-1' } },
    'POST /items': {
      method: 'POST',
      path: '/items',
      headers: { Authorization: 'Bearer ${env:TOKEN}' },
      body: { form: { user: 'anna' } },
    },
  });
});

t.test('what cannot be imported is told in one sentence, with its place', async (t) => {
  const openapi = (paths: string) => `openapi: 3.0.0\npaths:\n${paths}`;
  const wrong: [read: () => Import, message: RegExp][] = [
    [() => importCurl("curl 'http://a", 'a.sh'), /^a\.sh cannot be imported: line 1: the quote '/],
    [() => importCurl('curl http://a\nwget http://a', 'x'), /line 2: a command must begin with curl, not wget/],
    [() => importCurl('curl http://a/?b=1&c=2', 'x'), /not c=2; an address with & needs quotes/],
    [() => importCurl('\ncurl http://a --nope', 'x'), /line 2: unknown option '--nope'/],
    [() => importCurl('curl -X POST', 'x'), /line 1: there is no address in this command/],
    [() => importCurl('curl ftp://a/', 'x'), /ftp:\/\/a\/ is not an address of HTTP/],
    [() => importCurl('curl ^"http://a^"', 'x'), /cmd of Windows: choose "Copy as cURL \(bash\)"/],
    [() => importCurl('# nothing', 'x'), /there is no command in it/],
    [() => importCurl('curl http://a -d @- ', 'x'), /standard input \(@-\) cannot be imported/],
    [() => importHar('', 'x', MAIN), /it is empty/],
    [() => importHar('{"log": {"entries": [\n{"request" 1', 'x', MAIN), /line 2: /],
    [
      () => importHar('{"log":\n{"entries": [\n{"startedDateTime": "today"}]}}', 'x', MAIN),
      /line 3: log\.entries\[0\]\.startedDateTime: must be a time/,
    ],
    [() => importHar(har([]), 'x', MAIN), /it has no requests/],
    [() => importHar(har([entry('http://a.test/a.png', 0)]), 'x', MAIN), /it holds only static files \(1\): --static/],
    [
      () => importOpenapi(`a: ${'x'.repeat(4 << 20)}`, 'x', false),
      /it is not JSON, and YAML is read only up to 4 MiB: convert it to JSON first/,
    ],
    [() => importOpenapi('a: 1', 'x', false), /neither openapi: 3\.… nor swagger: "2\.0"/],
    [() => importOpenapi('openapi: 4.0.0', 'x', false), /line 1: openapi: version 4\.0\.0 cannot be imported/],
    [() => importOpenapi('openapi: 3.0.0\npaths: [', 'x', false), /line 2: |line 3: /],
    [
      () => importOpenapi(openapi('  /a: { post: {} }'), 'x', false),
      /all of its operations change something: --all-methods/,
    ],
    [
      () => importOpenapi(openapi('  /a/{id}: { get: {} }'), 'x', false),
      /line 3: paths\.\/a\/\{id\}\.get: does not say what \{id\}/,
    ],
    [
      () => importOpenapi(openapi("  /a: { $ref: 'b.yaml' }"), 'x', false),
      /line 3: paths\.\/a: refers to another document \(b\.yaml\)/,
    ],
    [
      () => importOpenapi(openapi("  /a: { get: { parameters: [{ $ref: '#/x/y' }] } }"), 'x', false),
      /refers to #\/x\/y, which is not there/,
    ],
    [
      () => importOpenapi(openapi("  /a: { $ref: '#/paths/~1a' }"), 'x', false),
      /its references lead round in a circle/,
    ],
  ];
  for (const line of ['https://ann:canary@ss@shop.test/', "http://a -H 'canary'", '-F canary http://a']) {
    t.throws(() => importCurl(`curl ${line}`, 'x'), { message: /^(?!.*canary)/s }, 'no message shows a secret');
  }
  for (const [read, message] of wrong)
    t.throws(read, { name: 'CommandError', exitCode: 104, message }, String(message));
});

t.test('a key that the file has twice is told, since one of its values is read', async (t) => {
  const api = { openapi: '3.0.0', info: { title: 't', version: '1' }, servers: [{ url: 'http://a.test' }] };
  const text = JSON.stringify({ ...api, paths: { '/a': { get: { responses: {} } } } }, null, 1);
  const twice = text.replace('"/a": {', '"/b": {}, \n"/b": {}, "/a": {');
  const yaml =
    'openapi: 3.0.0\ninfo: { title: t, version: "1" }\npaths:\n  /a: { get: {} }\n  /a: { get: { summary: b } }\n';
  t.match((await imported(importOpenapi(twice, 'x', false))).head, /^The key "\/b" occurs twice .* \(line 14\), /m);
  t.match((await imported(importOpenapi(yaml, 'x', false))).head, /^The key "\/a" occurs twice .* \(line 5\), /m);
  t.notMatch((await imported(importOpenapi(text, 'x', false))).head, /twice/);
  const request = { method: 'GET', url: 'http://a.test/', headers: [] };
  const entry = { startedDateTime: '2026-01-01T00:00:00Z', time: 1, request, response: { status: 200 } };
  const har = JSON.stringify({ log: { version: '1.2', entries: [entry] } }).replace('"url"', '"url":"", "url"');
  t.match((await imported(importHar(har, 'x', { staticFiles: true, otherHosts: false }))).head, /The key "url" occurs/);
  const item = [{ name: 'a', request: { method: 'GET', url: 'http://a.test/' } }];
  const postman = JSON.stringify({ info: { name: 'c' }, item }).replace('"name":"a"', '"name":"b","name":"a"');
  t.match((await imported(importPostman(postman, 'x', false))).head, /The key "name" occurs/);
});
