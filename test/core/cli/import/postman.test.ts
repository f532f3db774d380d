// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are placeholders of plans
import t from 'tap';
import { importPostman } from '../../../../core/cli/import/postman.ts';
import { imported } from './imported.ts';

const pairs = (fields: Record<string, unknown>) => Object.entries(fields).map(([key, value]) => ({ key, value }));
const COLLECTION = {
  info: { name: 'Shop', schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' },
  auth: { type: 'bearer', bearer: pairs({ token: '{{token}}' }) },
  variable: pairs({ baseUrl: 'https://{{host}}/api/', host: 'shop.test', page: 2, apiKey: 'k-1234567', unused: '' }),
  item: [
    {
      name: 'Account',
      auth: { type: 'noauth' },
      item: [
        {
          name: 'Sign in',
          event: [
            {
              listen: 'test',
              script: {
                exec: [
                  'pm.test("ok", () => pm.response.to.have.status(201));',
                  'const body = pm.response.json();',
                  'pm.environment.set("token", body.data.token);',
                  'pm.globals.set("user id", pm.response.json().users[0].id);',
                  'pm.globals.set("other", elsewhere.id);',
                ],
              },
            },
          ],
          request: {
            method: 'POST',
            url: { raw: '{{baseUrl}}/session' },
            header: [
              { key: 'X-Off', value: '1', disabled: true },
              { key: 'X-Run', value: '{{$guid}} ${vu}' },
            ],
            body: {
              mode: 'raw',
              raw: '{"user": "{{user}}", "password": "hunter22"}',
              options: { raw: { language: 'json' } },
            },
          },
        },
      ],
    },
    {
      name: 'List',
      request: {
        method: 'GET',
        header: [{ key: 'X-Api-Key', value: '{{apiKey}}' }],
        url: {
          raw: '{{baseUrl}}/users/:id/items?page={{page}}&of={{user id}}',
          variable: pairs({ id: '{{user id}}' }),
        },
      },
    },
    {
      name: 'Order',
      request: {
        method: 'POST',
        url: '{{baseUrl}}/orders',
        body: { mode: 'urlencoded', urlencoded: pairs({ item: '7', note: 'a&b' }) },
      },
    },
    {
      name: 'Photo',
      request: {
        method: 'PUT',
        auth: { type: 'basic', basic: pairs({ username: 'ann', password: 'hunter22' }) },
        url: 'https://shop.test/photos',
        body: {
          mode: 'formdata',
          formdata: [
            { key: 'title', value: 'me', type: 'text' },
            { key: 'photo', type: 'file', src: '/home/ann/me.jpg', contentType: 'image/jpeg' },
          ],
        },
      },
    },
    { name: 'Elsewhere', request: 'https://count.test/hit' },
  ],
};

t.test('Postman: requests in order, with the values that scripts keep, and variables', async (t) => {
  const { options, input, head, text } = await imported(importPostman(JSON.stringify(COLLECTION), 'x', false));
  t.equal(input.target, 'https://shop.test');
  t.strictSame(options.operations, {
    'Sign in': {
      method: 'POST',
      path: '/api/session',
      headers: { 'X-Run': '${uuid} $${vu}' },
      body: { json: { user: '${env:USER}', password: '${env:PASSWORD}' } },
      checks: { status: 201 },
      extract: { token: { json: 'data.token' }, user_id: { json: 'users[0].id' } },
    },
    List: {
      method: 'GET',
      path: '/api/users/${user_id}/items?page=2&of=${user_id}',
      headers: { 'X-Api-Key': '${env:API_KEY}', Authorization: 'Bearer ${token}' },
    },
    Order: {
      method: 'POST',
      path: '/api/orders',
      headers: { Authorization: 'Bearer ${token}' },
      body: { form: { item: '7', note: 'a&b' } },
    },
    Photo: {
      method: 'PUT',
      path: '/photos',
      headers: { Authorization: 'Basic ${env:BASIC_CREDENTIALS}' },
      body: { multipart: { title: 'me', photo: { file: 'me.jpg', contentType: 'image/jpeg' } } },
    },
  });
  t.strictSame(input.params?.page, { default: '2' });
  t.notMatch(text, /hunter22|k-1234567/);
  t.match(head, /^ {2}USER +the variable user of Postman$/m);
  t.match(head, /^Put beside the plan: me\.jpg\.$/m);
  t.match(head, /^Scripts of Postman: 1\. /m);
  t.match(head, /^ {2}https:\/\/count\.test: 1$/m);
  t.match(text, /# Folder: Account\n +- driver: http\n +operation: Sign in/);
  const everything = await imported(importPostman(JSON.stringify(COLLECTION), 'x', true));
  t.match(everything.options.operations, { Elsewhere: { path: 'https://count.test/hit' } });
});

t.test('Postman: hosts that nobody names, other bodies, and what is no collection', async (t) => {
  const of = (...item: object[]) => JSON.stringify({ info: { name: 'x' }, item });
  const { input, head, options } = await imported(
    importPostman(
      of(
        { name: 'a', request: { url: '{{stage}}/items/{{$randomInt}}?q={{$randomFirstName}}' } },
        {
          name: 'b',
          request: { method: 'POST', url: '', body: { mode: 'graphql', graphql: { query: 'query { a }' } } },
        },
        { name: 'c', request: { url: 'h/x', auth: { type: 'awsv4' }, header: 'X-A: 1\nX-B: 2' } },
      ),
      'x',
      false,
    ),
  );
  t.equal(input.target, 'http://127.0.0.1:8080');
  t.strictSame(options.operations, {
    a: { method: 'GET', path: '/items/${random(0,1000)}?q=${randomText(8)}' },
    b: { method: 'POST', path: '/', body: { json: { query: 'query { a }', variables: {} } } },
  });
  t.match(head, /^The collection does not say what \{\{stage\}\} is: http:\/\/127\.0\.0\.1:8080 stands there/m);
  t.match(head, /^\{\{\$randomFirstName\}\} of Postman is eight random letters and digits\.$/m);
  t.match(head, /^Authorization of the kind awsv4 is left out/m);
  for (const [text, message] of [
    ['{}', /^x cannot be imported: line 1: info: /],
    [of(), /^x cannot be imported: it holds no request$/],
    [of({ request: { method: 'G T', url: 'h' } }), /^x cannot be imported: line 1: item\[0\]\.request/],
  ] as const) {
    t.throws(() => importPostman(text, 'x', false), { message, exitCode: 104 });
  }
});

t.test('Postman: what it would send, however its files say it', async (t) => {
  const url = {
    protocol: 'http',
    host: ['h', 'test'],
    port: '81',
    path: ['a', { type: 'string', value: 'b' }, ':id'],
    query: [
      { key: 'q', value: 'x y' },
      { key: 'off', value: '1', disabled: true },
      { key: 'flag', value: null },
    ],
    variable: pairs({ id: 'n/o?' }),
  };
  const form = (mode: string, fields: unknown[]) => ({ mode, [mode]: fields });
  const off = [{ key: 'a', value: '1', disabled: true }];
  const item = [
    { name: 'a', request: { url } },
    { name: 'b', request: { url: { host: '{{base}}', path: 'c/d', query: null } } },
    {
      name: 'c',
      request: { url: 'http://h.test:81/{{name}}?n={{name}}', method: 'POST', body: { mode: 'raw', raw: '{{name}}' } },
    },
    ...['urlencoded', 'formdata'].flatMap((mode) =>
      [[], off].map((fields, i) => {
        return { name: `${mode} ${i}`, request: { url: 'http://h.test:81', method: 'POST', body: form(mode, fields) } };
      }),
    ),
    { name: 'd', request: { url: 'http://h.test:81', header: [...pairs({ 'X-A': '1' }), ...pairs({ 'x-a': '2' })] } },
    {
      name: 'e',
      request: {
        url: 'http://h.test:81',
        method: 'POST',
        body: form('formdata', [{ key: 'f', src: ['/x/a.txt', '/x/b.txt'] }]),
      },
    },
  ];
  const variable = pairs({ base: 'http://h.test:81/v1', name: 'ä b#' });
  const { options, input, head } = await imported(
    importPostman(JSON.stringify({ info: { name: 'x' }, item, variable }), 'x', false),
  );
  t.equal(input.target, 'http://h.test:81');
  t.match(options.operations, {
    a: { path: '/a/b/n/o%3F?q=x%20y&flag' },
    b: { path: '/v1/c/d' },
    c: { path: '/%C3%A4%20b%23?n=%C3%A4%20b%23', body: 'ä b#' },
    'urlencoded 0': { path: '/' },
    d: { headers: { 'X-A': '1, 2' } },
    e: { body: { multipart: { f: [{ file: 'a.txt' }, { file: 'b.txt' }] } } },
  });
  for (const name of ['urlencoded 0', 'urlencoded 1', 'formdata 0', 'formdata 1']) {
    t.notMatch(options.operations[name] ?? {}, { body: Object }, name);
  }
  t.match(head, /^Put beside the plan: a\.txt, b\.txt\.$/m);
});
