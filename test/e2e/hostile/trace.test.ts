// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of plans
/** `--trace`: bodies of every kind, secrets in them, and answers that want to steer the terminal or fill it. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';
import t from 'tap';
import { STEERS } from '../../kit/steers.ts';
import { workbench } from '../bench-process.ts';

t.setTimeout(400_000);

const SECRET = 's3cr3t+/=& value"\\';
const VARIANTS: Readonly<Record<string, string>> = {
  plain: SECRET,
  json: JSON.stringify(SECRET).slice(1, -1),
  twice: JSON.stringify(JSON.stringify(SECRET)).slice(1, -1),
  url: encodeURIComponent(SECRET),
  form: new URLSearchParams({ a: SECRET }).toString().slice(2),
  base64: Buffer.from(SECRET).toString('base64'),
  basic: Buffer.from(`user:${SECRET}`).toString('base64'),
  html: SECRET.replaceAll('&', '&amp;').replaceAll('"', '&quot;'),
};
const ESCAPES =
  'a\u001b[2J\u001b]0;title\u0007\u009b31m\u202e\u2028b\r\n::error::told\n##[error]told\n\u001b[32m✓ faked  GET  200  1.0 ms\u0085\u0000';

t.test('what is sent and what comes back, without secrets and without harm', async (t) => {
  const bodies: Record<string, string> = {};
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const path = request.url?.split('?')[0] ?? '';
      bodies[path] = Buffer.concat(pieces).toString('latin1');
      response.setHeader('X-Escapes', Buffer.from('a\u009b31m\u202eb', 'utf8').toString('latin1'));
      response.setHeader('Set-Cookie', `sid=${encodeURIComponent(SECRET)}-cookie; Path=/`);
      if (path === '/escapes') return response.end(ESCAPES);
      if (path === '/echo')
        return response.end(
          JSON.stringify({ ...VARIANTS, password: 'hunter2', access_token: 'tok-12345', note: 'kept' }),
        );
      if (path === '/echoes') return response.end(Object.values(VARIANTS).join('\n'));
      if (path === '/html')
        return response.end(
          `<input name="csrf_token" value="csrf-98765"><password>pw-inside</password><p>${VARIANTS.html}</p>`,
        );
      if (path === '/binary')
        return response.end(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255)));
      if (path === '/huge') return response.end('x'.repeat(50_000_000));
      if (path === '/lines') return response.end('line\n'.repeat(100_000));
      if (path === '/gzip')
        return response
          .setHeader('Content-Encoding', 'gzip')
          .end(zlib.gzipSync(`{"secret":"${VARIANTS.json}","n":"${'y'.repeat(100_000)}"}`));
      return response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const extract = { got: { json: 'plain' }, password: { json: 'password' } };
  const operations = {
    multipart: {
      method: 'POST',
      path: '/multipart',
      body: {
        multipart: {
          password: 'plain-password',
          note: '${env:SECRET}',
          kept: 'kept-value',
          upload: { file: 'picture.bin', filename: 'evil\u001b[31m.png', contentType: 'image/png' },
        },
      },
    },
    binary: { method: 'POST', path: '/binary', body: { file: 'picture.bin' } },
    json: {
      method: 'POST',
      path: '/json?token=query-token&a=${env:SECRET}',
      headers: { Authorization: 'Bearer ${env:SECRET}', 'X-Api-Key': 'api-key-1' },
      body: { json: { api_key: 'json-key', deep: [{ passwd: 'deep-pass' }], a: '${env:SECRET}' } },
    },
    form: {
      method: 'POST',
      path: '/form',
      body: { form: { secret: 'form-secret', a: '${env:SECRET}', b: 'kept-form' } },
    },
    ...Object.fromEntries(
      ['escapes', 'html', 'echoes', 'huge', 'lines', 'gzip'].map((name) => [name, { path: `/${name}` }]),
    ),
    echo: { path: '/echo', extract },
    used: { path: '/used?got=${got}' },
  };
  const plan = {
    name: 'Traced',
    target: url,
    drivers: { http: { options: { cookies: true, operations } } },
    scenarios: {
      all: {
        executor: 'constant-vus',
        vus: 1,
        duration: '1s',
        flow: Object.keys(operations).map((operation) => ({ driver: 'http', operation })),
      },
    },
  };
  const { run, folder } = workbench(t, { 'plan.json': JSON.stringify(plan), 'picture.bin': '' });
  writeFileSync(`${folder}/picture.bin`, Buffer.from(Array.from({ length: 20_000 }, (_, i) => (i * 31) & 255)));
  for (const env of [{}, { GITHUB_ACTIONS: 'true' }]) {
    const { code, stdout, stderr } = await run(['run', 'plan.json', '--once', '--trace'], { env: { SECRET, ...env } });
    t.equal(code, 0, stderr + stdout);
    const text = stdout + stderr;
    t.match(bodies['/multipart'], 'plain-password', 'it is sent');
    t.match(bodies['/form'], 'form-secret');
    for (const [name, variant] of Object.entries(VARIANTS)) t.notOk(text.includes(variant), `${name} is hidden`);
    for (const hidden of [
      'plain-password',
      'query-token',
      'api-key-1',
      'json-key',
      'deep-pass',
      'form-secret',
      'hunter2',
      'tok-12345',
      'csrf-98765',
      'pw-inside',
      '-cookie',
    ]) {
      t.notMatch(text, hidden, `${hidden} is hidden`);
    }
    for (const shown of ['(not text)', 'kept-form', '"note":"kept"', 'POST /multipart']) t.match(text, shown);
    t.notMatch(text, STEERS, 'nothing steers the terminal');
    t.notMatch(text, /^\s*✓ faked/m, 'no line of an answer passes for one of bench');
    t.ok(text.length < 100_000, `${text.length} characters`);
    if ('GITHUB_ACTIONS' in env) t.notMatch(text, /^\s*::|##\w*\[/m);
  }
});
