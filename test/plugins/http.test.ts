// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import t, { type Test } from 'tap';
import type { Driver, Session } from '../../core/plugin.ts';
import http from '../../plugins/http.ts';
import { fakeContext } from '../../testing/fake-context.ts';
import { fakeUser } from '../../testing/fake-user.ts';
import { answerOf, type RawServer, startRawServer } from './raw-server.ts';

const { signal } = new AbortController();

async function problems(input: object): Promise<string[]> {
  const { issues = [] } = await http.options['~standard'].validate(input);
  return issues.map(({ path = [], message }) => `${path.join('.')}: ${message}`);
}

async function open(t: Test, input: object, folder = t.testdir()): Promise<{ server: RawServer; driver: Driver }> {
  const checked = await http.options['~standard'].validate(input);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const server = await startRawServer((_request, { socket }) => socket.write(answerOf('{}')));
  t.teardown(() => server.stop());
  const driver = await http.open(checked.value, fakeContext({ target: `${server.url}/base/`, baseDirectory: folder }));
  t.teardown(() => driver.close());
  return { server, driver };
}

async function connect(t: Test, driver: Driver, index = 0): Promise<Session> {
  const session = await driver.connect(fakeUser({ index }), signal);
  t.teardown(() => session.close());
  return session;
}

t.test('requests as told, byte for byte', async (t) => {
  const folder = t.testdir({
    'users.csv': 'name,city\n"O\'Neil ""Bob""",Zürich\n',
    'photo.bin': Buffer.from([0, 255, 128]),
    'note.txt': 'Dear ${users.name}',
  });
  const input = {
    headers: { 'X-Run': '${runId}', Accept: 'application/json' },
    data: { users: { file: 'users.csv' } },
    operations: {
      get: { path: '/find?city=${users.city}&vu=${vu}', headers: { accept: 'text/html', 'X-Who': '${users.name}' } },
      text: { method: 'post', path: '/t/ü', body: 'é=${users.city}' },
      json: {
        method: 'PATCH',
        path: '/j',
        body: { json: { who: '${users.name}', n: '${vu}', deep: [{}, null, 'v${vu}'] } },
      },
      file: { method: 'PUT', path: '/f', body: { file: 'photo.bin' } },
      note: {
        method: 'POST',
        path: '/n',
        headers: { 'Content-Type': 'text/x' },
        body: { file: 'note.txt', template: true },
      },
      none: { method: 'POST', path: '/none' },
      form: { method: 'POST', path: '/form', body: { form: { who: '${users.name}', tag: ['a b', 2] } } },
      parts: { method: 'POST', path: '/parts', body: { multipart: { who: '${vu}', photo: { file: 'photo.bin' } } } },
    },
  };
  const { server, driver } = await open(t, input, folder);
  const session = await connect(t, driver, 2);
  for (const name of Object.keys(input.operations)) t.match(await session.send(name, signal), { ok: true }, name);
  const host = server.url.slice('http://'.length);
  const lines = (...parts: string[]) => Buffer.from(parts.join('\r\n')).toString('latin1');
  t.strictSame(server.received(), [
    lines(
      'GET /base/find?city=Z%C3%BCrich&vu=3 HTTP/1.1',
      `Host: ${host}`,
      'User-Agent: bench',
      'accept: text/html',
      'X-Who: O\'Neil "Bob"',
      'X-Run: run1',
      '',
      '',
    ),
    lines(
      'POST /base/t/%C3%BC HTTP/1.1',
      `Host: ${host}`,
      'User-Agent: bench',
      'Content-Type: text/plain',
      'X-Run: run1',
      'Accept: application/json',
      'Content-Length: 10',
      '',
      'é=Zürich',
    ),
    lines(
      'PATCH /base/j HTTP/1.1',
      `Host: ${host}`,
      'User-Agent: bench',
      'Content-Type: application/json',
      'X-Run: run1',
      'Accept: application/json',
      'Content-Length: 52',
      '',
      '{"who":"O\'Neil \\"Bob\\"","n":3,"deep":[{},null,"v3"]}',
    ),
    `${lines('PUT /base/f HTTP/1.1', `Host: ${host}`, 'User-Agent: bench', 'Content-Type: application/octet-stream', 'X-Run: run1', 'Accept: application/json', 'Content-Length: 3', '', '')}\x00\xff\x80`,
    lines(
      'POST /base/n HTTP/1.1',
      `Host: ${host}`,
      'User-Agent: bench',
      'Content-Type: text/x',
      'X-Run: run1',
      'Accept: application/json',
      'Content-Length: 17',
      '',
      'Dear O\'Neil "Bob"',
    ),
    lines(
      'POST /base/none HTTP/1.1',
      `Host: ${host}`,
      'User-Agent: bench',
      'X-Run: run1',
      'Accept: application/json',
      'Content-Length: 0',
      '',
      '',
    ),
    lines(
      'POST /base/form HTTP/1.1',
      `Host: ${host}`,
      'User-Agent: bench',
      'Content-Type: application/x-www-form-urlencoded',
      'X-Run: run1',
      'Accept: application/json',
      'Content-Length: 36',
      '',
      'who=O%27Neil+%22Bob%22&tag=a+b&tag=2',
    ),
    server.received().at(-1),
  ]);
  const [, boundary, bytes] =
    /boundary=(\S+)[\s\S]*\r\nContent-Length: (\d+)\r\n/.exec(`${server.received().at(-1)}`) ?? [];
  const parts = [
    `--${boundary}`,
    'Content-Disposition: form-data; name="who"',
    '',
    '3',
    `--${boundary}`,
    'Content-Disposition: form-data; name="photo"; filename="photo.bin"',
    'Content-Type: application/octet-stream',
    '',
    '\x00\xff\x80',
    `--${boundary}--`,
    '',
  ].join('\r\n');
  t.equal(`${server.received().at(-1)}`.split('\r\n\r\n').slice(1).join('\r\n\r\n'), parts);
  t.equal(Number(bytes), parts.length);
});

t.test('a data file that ends', async (t) => {
  const folder = t.testdir({ 'n.csv': 'n\n1\n2\n' });
  const asked = (server: RawServer) => server.received().map((request) => /^GET \/base(\S+)/.exec(request)?.[1]);
  const input = (atEnd: string) => ({
    data: { n: { file: 'n.csv', atEnd } },
    operations: { get: { path: '/${n.n}/${iteration}' }, fixed: { path: '/fixed' } },
  });

  t.test('begins again', async (t) => {
    const { server, driver } = await open(t, input('loop'), folder);
    const session = await connect(t, driver);
    for (let i = 0; i < 3; i++) await session.send('get', signal);
    t.strictSame(asked(server), ['/1/0', '/2/1', '/1/2']);
    t.notOk(session.finished);
  });

  t.test('fails each request', async (t) => {
    const { server, driver } = await open(t, input('error'), folder);
    const session = await connect(t, driver);
    for (let i = 0; i < 2; i++) t.match(await session.send('get', signal), { ok: true });
    const message = 'data file n.csv: all rows are used';
    t.match(await session.send('get', signal), { ok: false, errorKind: 'data_exhausted', message });
    t.match(await session.send('fixed', signal), { ok: true }, 'but not one that needs no row');
    t.strictSame(asked(server), ['/1/0', '/2/1', '/fixed']);
    t.notOk(session.finished);
  });

  t.test('ends the virtual user', async (t) => {
    const { driver } = await open(t, input('stop'), folder);
    const [first, second, third] = [
      await connect(t, driver, 0),
      await connect(t, driver, 1),
      await connect(t, driver, 2),
    ];
    const finished = () => [first.finished, second.finished, third.finished];
    t.match(await first.send('get', signal), { ok: true });
    t.strictSame(finished(), [false, false, false], 'whoever sends next gets the second row');
    t.match(await third.send('get', signal), { ok: true });
    t.strictSame(finished(), [true, true, true]);
    t.strictSame([second.finishedFor?.('get'), second.finishedFor?.('fixed')], [true, false]);
    t.match(await second.send('get', signal), { ok: false, errorKind: 'data_exhausted' });
  });
});

t.test('options that cannot be are refused, each with its place', async (t) => {
  const operation = (value: object) => ({ operations: { a: { path: '/', ...value } } });
  const cases: [input: object, problem: RegExp][] = [
    [
      operation({ path: 'items' }),
      /^operations\.a\.path: must begin with \/, or be a whole URL such as .*, not "items"$/,
    ],
    [operation({ path: '/a b' }), /^operations\.a\.path: must not contain spaces/],
    [operation({ path: '/${vu u}' }), /^operations\.a\.path: unknown placeholder \$\{vu u\}; did you mean \$\{vu\}\?/],
    [operation({ method: 'G T' }), /^operations\.a\.method: must be a method/],
    [operation({ methd: 'GET' }), /^operations\.a: unknown key "methd"; did you mean "method"\?/],
    [
      operation({ headers: { 'Content-Length': '3' } }),
      /^operations\.a\.headers\.Content-Length: is set by the client/,
    ],
    [
      operation({ headers: { 'X-A': '1', 'x-a': '2' } }),
      /^operations\.a\.headers\.x-a: is the same as X-A: give one of them$/,
    ],
    [operation({ headers: { a: 'b\r\nc' } }), /^operations\.a\.headers\.a: must not contain line breaks/],
    [operation({ body: 7 }), /^operations\.a\.body: must be text, not 7$/],
    [
      operation({ body: { file: 'a', tmplate: true } }),
      /^operations\.a\.body: unknown key "tmplate"; did you mean "template"\?/,
    ],
    [
      operation({ headers: { 'content-type': 'a/b' }, body: { multipart: { a: 'b' } } }),
      /^operations\.a\.headers\.content-type: is set by the client itself, with the boundary/,
    ],
    [operation({ body: { form: { a: '${user.name}' } } }), /^operations\.a: placeholder \$\{user\.name\}: there is no/],
    [
      operation({ body: { multipart: { a: { file: 'x', filename: '${user.name}' } } } }),
      /^operations\.a: placeholder \$\{user\.name\}: there is no/,
    ],
    [
      operation({ checks: { body: { json: { a: [] } } } }),
      /^operations\.a\.checks\.body\.json\.a: must be a text, a number/,
    ],
    [operation({ body: { json: { a: '${no pe}' } } }), /^operations\.a\.body.*unknown placeholder \$\{no pe\}/],
    [
      operation({ body: '${user.name}' }),
      /^operations\.a: placeholder \$\{user\.name\}: there is no data "user"; name its/,
    ],
    [
      { ...operation({ body: '${user.name}' }), data: { users: { file: 'a.csv' } } },
      /did you mean \$\{users\.name\}\?/,
    ],
    [{ ...operation({}), data: { users: { file: 'a.csv', atEnd: 'wrap' } } }, /^data\.users\.atEnd: /],
    [{ ...operation({}), tls: { cert: 'a.pem' } }, /^tls: a client certificate needs both cert and key$/],
    [{ ...operation({}), timeout: '5' }, /^timeout: "5" is not a duration/],
  ];
  for (const [input, problem] of cases) {
    const found = await problems(input);
    t.equal(found.length, 1, found.join('; '));
    t.match(found[0], problem);
  }
});

t.test('files that are not there are told before the load', async (t) => {
  const get = { path: '/' };
  const opened = (input: object) => open(t, input, t.testdir({ 'u.csv': 'a\n1\n', 't.txt': '${oo ps}' }));
  const cases: [input: object, message: RegExp][] = [
    [
      { operations: { a: { ...get, body: { file: 'no.bin' } } } },
      /operations\.a\.body\.file: .*no\.bin cannot be read: no such file or directory$/,
    ],
    [
      { operations: { a: { ...get, body: { file: 't.txt', template: true } } } },
      /t\.txt: unknown placeholder \$\{oo ps\}/,
    ],
    [
      { operations: { a: get }, data: { u: { file: 'no.csv' } } },
      /^data file no\.csv cannot be read: .*no\.csv: no such file or directory$/,
    ],
    [
      { operations: { a: { path: '/${u.b}' } }, data: { u: { file: 'u.csv' } } },
      /has no column "b"; did you mean "a"\?/,
    ],
  ];
  for (const [input, message] of cases) await t.rejects(opened(input), { name: 'PluginError', message });
});

t.test('a target that is none', async (t) => {
  const checked = await http.options['~standard'].validate({ operations: { a: { path: '/' } } });
  if (checked.issues) throw new Error('refused');
  const cases: [target: string, message: RegExp][] = [
    ['', /needs a target/],
    ['ftp://x', /must begin with http:\/\/ or https:\/\//],
    ['http://me:secret@x', /contains a user name/],
    ['http://x/?token=abc', /contains a query/],
    [
      'http://127.0.0.1:1',
      /^target http:\/\/127\.0\.0\.1:1 cannot be reached: connection refused\. Start it, or choose another/,
    ],
    [
      'http://no-such-host.invalid',
      /cannot be reached: the (host name does not exist|name server does not answer)\. Choose another one with --host$/,
    ],
  ];
  for (const [target, message] of cases) {
    await t.rejects(Promise.resolve(http.open(checked.value, fakeContext({ target }))), {
      name: 'PluginError',
      message,
    });
  }
});
