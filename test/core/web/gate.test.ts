/** Who gets in on loopback: whatever a page of another site can have a browser send is refused. */
import t from 'tap';
import { served } from './web-stage.ts';

const OWN = { 'content-type': 'application/json', 'x-bench': '1' };

t.test('only names of loopback are answered, so that no page elsewhere can lead a browser here', async (t) => {
  const { ask, url } = await served(t);
  const { port } = new URL(url);
  for (const host of [
    'localhost',
    '127.0.0.1',
    `127.0.0.2:${port}`,
    '[::1]',
    `localhost:${port}`,
    `[::1]:${port}`,
    'LocalHost',
  ]) {
    t.equal((await ask('GET', '/api/v1/info', { headers: { host } })).status, 200, host);
  }
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '0.0.0.0',
  ]) {
    for (const path of ['/api/v1/info', '/api/v1/healthz', '/']) {
      t.equal((await ask('GET', path, { headers: { host } })).status, 403, `${host} ${path}`);
    }
  }
});

t.test('what changes something must come from the page itself, or from a program', async (t) => {
  const { ask, url } = await served(t);
  const { host } = new URL(url);
  const post = (headers: Record<string, string>, body = '{"text":"x"}') =>
    ask('POST', '/api/v1/plans/check', { headers, body });
  const origin = `http://${host}`;
  t.equal((await post(OWN)).status, 200, 'a program');
  t.equal((await post({ ...OWN, origin, 'sec-fetch-site': 'same-origin' })).status, 200, 'the page');
  const refused: Record<string, Record<string, string>> = {
    'another origin': { ...OWN, origin: 'https://evil.example' },
    'the same host with another scheme': { ...OWN, origin: `https://${host}` },
    'another port': { ...OWN, origin: 'http://127.0.0.1:1' },
    'no origin that is known': { ...OWN, origin: 'null' },
    'a page of another site': { ...OWN, 'sec-fetch-site': 'cross-site' },
    'a page of another port': { ...OWN, 'sec-fetch-site': 'same-site' },
    'a page of another site with a password in the address': {
      ...OWN,
      'sec-fetch-site': 'cross-site',
      authorization: 'Basic eDp5',
    },
    'a page of another site with a token, where nobody needs one': {
      ...OWN,
      'sec-fetch-site': 'cross-site',
      authorization: 'Bearer x',
    },
    'no page at all': { ...OWN, 'sec-fetch-site': 'none' },
    'without the header': { 'content-type': 'application/json' },
    'with another value of the header': { ...OWN, 'x-bench': '0' },
  };
  for (const [name, headers] of Object.entries(refused)) t.equal((await post(headers)).status, 403, name);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    t.equal((await post({ ...OWN, 'content-type': type })).status, 415, type);
  }
});

t.test('a page of another site reads nothing and opens no stream', async (t) => {
  const { ask } = await served(t);
  for (const path of ['/info', '/events', '/runs']) {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    const { status, headers: told } = await ask('GET', `/api/v1${path}`, { headers });
    t.equal(status, 403, path);
    t.equal(told['access-control-allow-origin'], undefined);
  }
});

t.test('pages of listed origins may call, and all others still may not', async (t) => {
  const { ask } = await served(t, { origins: ['https://platform.example'] });
  const listed = { origin: 'https://platform.example', 'sec-fetch-site': 'cross-site' };
  const asked = await ask('GET', '/api/v1/info', { headers: listed });
  t.equal(asked.status, 200);
  t.equal(asked.headers['access-control-allow-origin'], 'https://platform.example');
  t.equal(asked.headers['access-control-allow-credentials'], undefined, 'no cookie comes along');
  t.match(asked.headers['content-security-policy'], /frame-ancestors https:\/\/platform\.example$/);
  const preflight = await ask('OPTIONS', '/api/v1/runs', { headers: listed });
  t.equal(preflight.status, 204);
  t.match(preflight.headers['access-control-allow-headers'], /X-Bench/);
  const body = '{"text":"x"}';
  t.equal((await ask('POST', '/api/v1/plans/check', { headers: { ...listed, ...OWN }, body })).status, 200);
  const without = { ...listed, 'content-type': 'application/json' };
  t.equal((await ask('POST', '/api/v1/plans/check', { headers: without, body })).status, 403, 'without the header');
  const other = { origin: 'https://other.example' };
  t.not((await ask('OPTIONS', '/api/v1/runs', { headers: other })).status, 204);
});

t.test('every answer, good or bad, tells browsers what it may do', async (t) => {
  const page = [{ path: '/', type: 'text/html; charset=utf-8', content: '<!doctype html>' }];
  const { ask } = await served(t, { page });
  for (const path of ['/', '/api/v1/info', '/api/v1/nothing', '/api/v1/runs/nothing']) {
    const { headers } = await ask('GET', path);
    t.match(
      headers['content-security-policy'],
      /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
      path,
    );
    t.notMatch(headers['content-security-policy'], /unsafe/);
    t.match(headers, { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
  }
  t.equal((await ask('GET', '/api/v1/info')).headers['cache-control'], 'no-store');
});

t.test('reading changes nothing, and routes say what they take', async (t) => {
  const { ask } = await served(t);
  for (const path of ['/runs/abc/stop', '/runs/abc/load', '/runs/abc/cleanup', '/plans/check']) {
    const { status, headers, json } = await ask('GET', `/api/v1${path}`);
    t.equal(status, 405, path);
    t.equal(headers.allow, 'POST');
    t.match(json, { title: 'Method Not Allowed', status: 405, detail: /takes POST/ });
  }
});

t.test('bodies are JSON of at most 1 MiB that a schema takes', async (t) => {
  const { ask, post } = await served(t);
  const send = (body: string) => ask('POST', '/api/v1/plans/check', { headers: OWN, body });
  t.match((await send('{')).json, { status: 400, detail: /no JSON/ });
  for (const [path, levels] of [
    ['/session', 2_000],
    ['/plans/check', 50_000],
    ['/runs', 50_000],
  ] as const) {
    const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`;
    const { json } = await ask('POST', `/api/v1${path}`, { headers: OWN, body: `{"token":${deep}}` });
    t.match(json, { status: 400, detail: 'the body is nested more than 16 levels deep' }, path);
  }
  t.match((await send(`{"text":"${'x'.repeat(300_000)}"}`)).json, {
    status: 400,
    detail: /text: must have at most 262144/,
  });
  t.match((await send('{"text":1}')).json, { status: 400, detail: /text: / });
  t.equal((await send(`{"text":"${'x'.repeat(1024 * 1024)}"}`)).status, 413);
  t.match((await post('/runs/abc/load', { vus: -1 })).json, { status: 400, detail: /vus/ });
  t.match((await post('/runs', { text: 'x', overrides: { vus: 1.5 } })).json, { status: 400, detail: /vus/ });
});
