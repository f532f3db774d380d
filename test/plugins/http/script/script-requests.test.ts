import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { randomStream } from '../../../../core/plan/random.ts';
import type { Outcome, Session } from '../../../../core/plugin.ts';
import type { Http } from '../../../../core/script/http.ts';
import type { RequestRecorder } from '../../../../core/script/request-recorder.ts';
import httpDriver from '../../../../plugins/http.ts';
import { fakeContext } from '../../../../testing/fake-context.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { type Echo, startEcho } from './echo-server.ts';

const MAX_NAMES = 1000;

/** Counts as the engine does, on a clock that goes on by one with each look. */
class FakeRecorder implements RequestRecorder {
  readonly rows: string[] = [];
  readonly tags: unknown[] = [];
  readonly recorded: { row: string; dueUs: number; startUs: number; endUs: number; kind: string }[] = [];
  askedUs = 0;
  held: Promise<void> | undefined;
  /** Failures that are to be shown in full. */
  readonly wanted: { readonly row: string; readonly kind: string }[] = [];
  readonly #abort = new AbortController();
  #nowUs = 100;

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  abort(): void {
    this.#abort.abort();
  }

  row(name: string, type: string, tags?: Readonly<Record<string, string>>): number {
    const row = this.rows.length < MAX_NAMES ? `${type} | ${name}` : '(other)';
    const known = this.rows.indexOf(row);
    if (known >= 0) return known;
    this.tags.push(tags);
    return this.rows.push(row) - 1;
  }

  wait(): Promise<void> | undefined {
    return this.held;
  }

  due(): number {
    this.askedUs = this.nowUs();
    return this.askedUs - 1;
  }

  nowUs(): number {
    this.#nowUs += 1;
    return this.#nowUs;
  }

  wantsDetail(row: number, errorKind: string): boolean {
    return this.wanted.some((one) => one.row === this.rows[row] && one.kind === errorKind);
  }

  record(row: number, dueUs: number, startUs: number, outcome: Outcome): number {
    const endUs = this.nowUs();
    this.recorded.push({ row: this.rows[row] as string, dueUs, startUs, endUs, kind: outcome.errorKind });
    return endUs;
  }
}

interface Scripted {
  readonly http: Http;
  readonly recorder: FakeRecorder;
  readonly session: Session;
  /** Closes the session and the driver. Done after the test too. */
  readonly close: () => Promise<void>;
}

async function scripted(t: Test, target: string, options: object = {}): Promise<Scripted> {
  const checked = await httpDriver.options['~standard'].validate(options);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  const driver = await httpDriver.open(checked.value, fakeContext({ target }));
  const recorder = new FakeRecorder();
  const user = {
    index: 6,
    random: randomStream(1, 1),
    variables: new Map<string, string>(),
    wantsDetail: () => false,
  };
  const session = await driver.connect(user, recorder.signal);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      await session.close();
      await driver.close();
    })();
    return closing;
  };
  t.teardown(close);
  return { http: session.http?.(recorder) as Http, recorder, session, close };
}

t.test('a request is counted once, under its name or under its method and path', async (t) => {
  const server = await startEcho(t);
  const { http, recorder } = await scripted(t, server.url);
  await http.get('/items?page=1');
  await http.get('/items', { query: { page: 2 } });
  await http.post('/items');
  await http.get('/items/7', { name: 'item', tags: { area: 'shop' } });
  await http.get('/items/8', { name: 'item' });
  await http.get(`${server.url}/items`);
  t.same(recorder.rows, ['GET | GET /items', 'POST | POST /items', 'GET | item', `GET | GET ${server.url}/items`]);
  t.same(recorder.tags[2], { area: 'shop' });
  t.same(
    recorder.recorded.map(({ row }) => recorder.rows.indexOf(row)),
    [0, 0, 1, 2, 2, 3],
  );
});

t.test('a URL that is asked for again is sent with the cookies and the placeholders of then', async (t) => {
  const server = await startEcho(t, (request, response) => {
    if (request.url?.endsWith('/sign-in')) response.setHeader('Set-Cookie', 'sid=7');
    return false;
  });
  const sent = async (http: Http, url: string) => (await http.get(url)).json<Echo>();

  const { http, recorder } = await scripted(t, `${server.url}/shop`, { cookies: true, headers: { 'X-Team': 'blue' } });
  const first = await sent(http, '/items?page=1#top');
  t.match(first, { method: 'GET', url: '/shop/items?page=1', headers: { 'x-team': 'blue', cookie: undefined } });
  t.same(await sent(http, '/items?page=1#top'), first, 'the second and the third time');
  t.same(await sent(http, '/items?page=1#top'), first);
  t.match(await sent(http, '/items?page=2'), { url: '/shop/items?page=2' }, 'another query is another request');
  t.match((await http.post('/items?page=1#top')).json<Echo>(), { method: 'POST' }, 'as is another method');
  t.equal((await http.post('/items?page=1#top')).json<Echo>().headers['content-length'], '0');
  t.same(recorder.rows, ['GET | GET /items', 'POST | POST /items']);
  const withOptions = (await http.get('/items?page=1#top', { headers: { 'X-Team': 'red' } })).json<Echo>();
  t.equal(withOptions.headers['x-team'], 'red');
  await http.get('/sign-in');
  const signedIn = await sent(http, '/items?page=1#top');
  t.same(signedIn, { ...first, headers: { ...first.headers, cookie: 'sid=7' } }, 'nothing else differs');

  // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of plans
  const varying = await scripted(t, server.url, { headers: { 'X-Id': '${uuid}' } });
  const ids = [];
  for (let i = 0; i < 3; i++) ids.push((await sent(varying.http, '/items')).headers['x-id']);
  t.equal(new Set(ids).size, 3);
});

t.test('its times are those of the recorder', async (t) => {
  const server = await startEcho(t);
  const { http, recorder } = await scripted(t, server.url);
  const [first, second] = await Promise.all([http.get('/1'), http.get('/2')]);
  const [one, two] = recorder.recorded;
  t.match(one, { dueUs: 100, startUs: 101, endUs: 103 });
  t.match(two, { dueUs: 103, startUs: 104, endUs: 105 }, 'the second is due when the first has ended');
  t.same(first.timings, { durationMs: 0.002, waitedMs: 0 });
  t.same(second.timings, { durationMs: 0.001, waitedMs: 0.002 });
});

t.test('failures are counted with their kind; calls that can be no request are not', async (t) => {
  const server = await startEcho(t, (_request, response) => {
    response.statusCode = 503;
    response.end();
    return true;
  });
  const { http, recorder } = await scripted(t, server.url);
  await http.get('/items');
  await t.rejects(http.get('items'));
  await http.get('http://127.0.0.1:1/');
  t.same(
    recorder.recorded.map(({ kind }) => kind),
    ['http_503', 'connection_refused'],
  );
});

t.test('a request waits for as long as the recorder says, and is due after that', async (t) => {
  const server = await startEcho(t);
  const { http, recorder } = await scripted(t, server.url);
  const held = Promise.withResolvers<void>();
  recorder.held = held.promise;
  const sent = http.get('/items');
  await sleep(5);
  t.same(recorder.recorded, []);
  recorder.held = undefined;
  held.resolve();
  t.ok((await sent).ok);
  t.equal(recorder.recorded.length, 1);
});

t.test('once the load is cut off, nothing is sent and nothing is counted', async (t) => {
  const server = await startEcho(t);
  const { http, recorder } = await scripted(t, server.url);
  recorder.held = sleep(1);
  recorder.abort();
  t.match(await http.get('/items'), { ok: false, errorKind: 'aborted' });
  t.same(recorder.recorded, []);
});

t.test('nor is a server spoken to that is named for the first time', async (t) => {
  const [server, other] = [await startEcho(t), await startEcho(t)];
  const { http, recorder } = await scripted(t, server.url);
  recorder.held = sleep(1);
  recorder.abort();
  t.match(await http.get(`${other.url}/items`), { ok: false, errorKind: 'aborted' });
  t.same(recorder.recorded, []);
  t.equal(other.connections(), 0);
});

t.test('a server that is named for the first time is cut off while it is connected to', async (t) => {
  const server = await startEcho(t);
  // It accepts connections, and never answers the greeting of TLS.
  const silent = createServer().listen(0, '127.0.0.1');
  const accepted = once(silent, 'connection');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  const { http, recorder } = await scripted(t, server.url);
  const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}/items`;
  const sent = http.get(url, { signal: new AbortController().signal });
  const [socket] = (await accepted) as [Socket];
  recorder.abort();
  t.match(await sent, { ok: false, errorKind: 'aborted', message: /it was cut off before the server was reached$/ });
  matchEach(t, recorder.recorded, [{ kind: 'aborted' }]);
  socket.destroy();
});

t.test('a request with a signal of its own is cut off with the load too', async (t) => {
  const server = await startEcho(t, () => true);
  const { http, recorder } = await scripted(t, server.url);
  const { signal } = new AbortController();
  const sent = [http.get('/1', { signal }), http.get('/2', { signal })];
  recorder.abort();
  for (const answer of await Promise.all(sent)) t.match(answer, { ok: false, errorKind: 'aborted' });
});

t.test('a redirect that is refused shows what was sent and answered', async (t) => {
  const server = await startEcho(t, (_request, response) => {
    response.writeHead(302, { Location: 'http://elsewhere.example/' });
    response.end();
    return true;
  });
  const { http, recorder } = await scripted(t, server.url, { redirects: 'follow' });
  recorder.wanted.push({ row: 'GET | GET /items', kind: 'redirect_refused' });
  t.match(await http.get('/items'), {
    ok: false,
    errorKind: 'redirect_refused',
    detail: { sent: /^GET \/items/, received: /^HTTP\/1.1 302/ },
  });
});

t.test('a failure is there in full where its row wants one of its kind', async (t) => {
  const server = await startEcho(t, (_request, response) => {
    response.statusCode = 503;
    response.end();
    return true;
  });
  const { http, recorder } = await scripted(t, server.url);
  recorder.wanted.push({ row: 'GET | GET /a', kind: 'http_503' }, { row: 'GET | GET /b', kind: 'timeout' });
  const [a, b, c] = await Promise.all([http.get('/a'), http.get('/b'), http.get('/c')]);
  t.match(a, { detail: { received: /^HTTP\/1.1 503/ } });
  t.match(b, { errorKind: 'http_503', detail: undefined });
  t.match(c, { errorKind: 'http_503', detail: undefined });
});

t.test('nobody looks for a server any longer when the driver is closed', async (t) => {
  const server = await startEcho(t);
  const silent = createServer().listen(0, '127.0.0.1');
  const accepted = once(silent, 'connection');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  const { http, recorder, close } = await scripted(t, server.url);
  const sent = http.get(`https://127.0.0.1:${(silent.address() as AddressInfo).port}/items`);
  const [socket] = (await accepted) as [Socket];
  socket.on('error', () => {});
  recorder.abort();
  await sent;
  const ended = once(socket.resume(), 'close');
  await close();
  await ended;
});

t.test('what is in flight is cut off and counted', async (t) => {
  const server = await startEcho(t, () => true);
  const { http, recorder } = await scripted(t, server.url);
  const sent = http.get('/items');
  recorder.abort();
  t.match(await sent, { ok: false, errorKind: 'aborted' });
  matchEach(t, recorder.recorded, [{ kind: 'aborted' }]);
});

t.test('names beyond those that a run may have', async (t) => {
  const server = await startEcho(t);
  const { http, recorder } = await scripted(t, server.url);
  recorder.rows.push(...Array.from({ length: MAX_NAMES }, (_, i) => `GET | ${i}`));
  const answer = await http.get('/one-more', { checks: { status: 404 } });
  t.equal(recorder.recorded[0]?.row, '(other)');
  t.equal(answer.message, 'GET /one-more: the status is 200, not 404', 'messages still say which');
});

t.test("the driver's headers, operations and connection are the script's too", async (t) => {
  const server = await startEcho(t);
  const { http, session, recorder } = await scripted(t, server.url, {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of the plan
    headers: { 'X-User': 'user ${vu}' },
    operations: { list: { path: '/list' } },
  });
  t.match(await session.send('list', recorder.signal), { ok: true });
  t.equal((await http.get('/items')).json<Echo>().headers['x-user'], 'user 7');
  t.equal(server.connections(), 2, 'the one that found the server there, and one of the user');
});
