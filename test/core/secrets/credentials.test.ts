import process from 'node:process';
import t from 'tap';
import { hideInHead, hideInText } from '../../../core/secrets/credentials.ts';
import fc from '../../kit/property.ts';

t.test('headers that let their holder in are masked, and others stay', async (t) => {
  const head = [
    'GET /items?page=2&access_token=abc123&x=1 HTTP/1.1',
    'Host: shop.example',
    'Authorization: Bearer abc.def',
    'authorization: secretword',
    'Proxy-Authorization: Basic dXNlcjpwYXNz',
    'Cookie: sid=1234; theme=dark',
    'X-Api-Key: k-1234',
    'x-auth-token: t-1234',
    'X-CSRF-Token: c-1234',
    'Content-Type: application/json',
    'Location: https://user:hunter2@shop.example/next',
  ];
  t.equal(
    hideInHead(head.join('\n')),
    [
      'GET /items?page=2&access_token=***&x=1 HTTP/1.1',
      'Host: shop.example',
      'Authorization: Bearer ***',
      'authorization: ***',
      'Proxy-Authorization: Basic ***',
      'Cookie: sid=***; theme=***',
      'X-Api-Key: ***',
      'x-auth-token: ***',
      'X-CSRF-Token: ***',
      'Content-Type: application/json',
      'Location: https://***@shop.example/next',
    ].join('\n'),
  );
  t.equal(
    hideInHead('HTTP/1.1 200 OK\nSet-Cookie: sid=1234; Path=/; HttpOnly'),
    'HTTP/1.1 200 OK\nSet-Cookie: sid=***; Path=/; HttpOnly',
  );
  t.equal(
    hideInHead(`GET / HTTP/1.1\nAuthorization: Bearer \${env:TOKEN}`),
    `GET / HTTP/1.1\nAuthorization: Bearer \${env:TOKEN}`,
  );
});

t.test('values under names such as password are masked in every form of a body', async (t) => {
  const cases: [string, string][] = [
    ['{"user":"ann","password":"hunter2","n":1}', '{"user":"ann","password":"***","n":1}'],
    ['{"data": {"token" : "abc", "id": 7}}', '{"data": {"token" : "***", "id": 7}}'],
    ['{"password":"a\\"b,c","x":1}', '{"password":"***","x":1}'],
    ['{"password":"cut of', '{"password":"***'],
    ['{"otp": 123456, "x": 1}', '{"otp": ***, "x": 1}'],
    ['{"tokens":["abc","def"],"x":1}', '{"tokens":***,"x":1}'],
    ['{"secret":{"a":["b"]},"x":1}', '{"secret":***,"x":1}'],
    ['{"log":"{\\"password\\":\\"hunter2\\",\\"x\\":1}"}', '{"log":"{\\"password\\":\\"***\\",\\"x\\":1}"}'],
    ['user=ann&password=hunter2&x=1', 'user=ann&password=***&x=1'],
    ['client_secret=abc%20def', 'client_secret=***'],
    ["{'apiKey' => 'abc', 'x' => 'y'}", "{'apiKey' => '***', 'x' => 'y'}"],
    ['password: my pass phrase\nx: 1', 'password: ***\nx: 1'],
    ['<a><password>hunter2</password><x>1</x></a>', '<a><password>***</password><x>1</x></a>'],
    ['<wsse:Password Type="t">hunter2</wsse:Password>', '<wsse:Password Type="t">***</wsse:Password>'],
    [
      '<input type="hidden" name="csrf_token" value="abc"><p>x</p>',
      '<input type="hidden" name="csrf_token" value="***"><p>x</p>',
    ],
    ['<input value="abc" name="csrf"><p>x</p>', '<input value="***" name="csrf"><p>x</p>'],
    ['<meta name="csrf-token" content="abc" />', '<meta name="csrf-token" content="***" />'],
    [
      '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--b--',
      '--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n***\r\n--b--',
    ],
    ['see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln there', 'see *** there'],
    ['mysql://root:hunter2@db/x', 'mysql://***@db/x'],
    ['the token has expired, pass it on; passwords differ', 'the token has expired, pass it on; passwords differ'],
    ['{"author":"ann","passenger":"bob","spin":1}', '{"author":"ann","passenger":"bob","spin":1}'],
  ];
  for (const [text, shown] of cases) t.equal(hideInText(text), shown);
});

t.test('a value under a sensitive key of any JSON does not come through', async () => {
  const key = fc.constantFrom('password', 'accessToken', 'api_key', 'Secret', 'sessionId');
  const value = fc.string({ minLength: 1, unit: fc.constantFrom('Q', '"', '\\', '\n', '}', ',', ' ', '&', "'") });
  const wrapped = fc.constantFrom<(value: unknown) => unknown>(
    (value) => value,
    (value) => [value],
    (value) => JSON.stringify(value),
    (value) => JSON.stringify({ a: JSON.stringify(value) }),
  );
  fc.assert(
    fc.property(key, value, wrapped, fc.boolean(), (key, value, wrap, isPretty) => {
      const text = JSON.stringify(wrap({ a: 1, [key]: value, b: [2] }), null, isPretty ? 2 : 0);
      return !hideInText(text).includes('Q');
    }),
  );
});

t.test('no text takes long', async (t) => {
  const before = process.cpuUsage();
  for (const piece of ['pass', '<', 'token"', '{"secret":[', 'name="pin"\n', 'eyJ', '://', '\\"', 'a', 'password=']) {
    hideInText(piece.repeat(16_384 / piece.length));
    hideInHead(piece.repeat(16_384 / piece.length));
  }
  const { user } = process.cpuUsage(before);
  t.ok(user < 5e6, `${user} µs of CPU`);
});
