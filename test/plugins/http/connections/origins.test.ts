// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import t, { type Test } from 'tap';
import type { Driver, DriverPlugin, Session } from '../../../../core/plugin.ts';
import health from '../../../../plugins/health.ts';
import http from '../../../../plugins/http.ts';
import upload from '../../../../plugins/http-upload.ts';
import { fakeContext } from '../../../../testing/fake-context.ts';
import { fakeUser } from '../../../../testing/fake-user.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { type RawServer, startAnswering } from '../../raw-server.ts';

const { signal } = new AbortController();
/** The client's own first connection to an origin, which sends nothing. */
const PROBES = 1;

async function start(t: Test): Promise<RawServer> {
  const server = await startAnswering();
  t.teardown(() => server.stop());
  return server;
}

async function open(plugin: DriverPlugin, options: object, context = fakeContext()): Promise<Driver> {
  const checked = await plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(JSON.stringify(checked.issues));
  return plugin.open(checked.value, context);
}

async function connected(t: Test, driver: Driver, user = fakeUser()): Promise<Session> {
  const session = await driver.connect(user, signal);
  t.teardown(async () => {
    await session.close();
    await driver.close();
  });
  return session;
}

const firstLines = (server: RawServer) => server.received().map((request) => request.split('\r\n').slice(0, 2));

t.test('a whole URL goes to its own host, over one more connection that its first request opens', async (t) => {
  const [own, other] = [await start(t), await start(t)];
  const operations = {
    list: { path: '/items' },
    look: { path: `${other.url}/other/\${vu}` },
    still: { path: other.url },
  };
  const driver = await open(http, { operations }, fakeContext({ target: `${own.url}/base` }));
  t.strictSame([own.connections(), other.connections()], [PROBES, PROBES], 'both are tried before the load');
  const session = await connected(t, driver);
  t.strictSame([own.connections(), other.connections()], [PROBES + 1, PROBES]);
  for (const name of ['list', 'look', 'list', 'still', 'look']) {
    t.match(await session.send(name, signal), { ok: true }, name);
  }
  t.strictSame([own.connections(), other.connections()], [PROBES + 1, PROBES + 1]);
  const ownHost = `Host: 127.0.0.1:${own.port}`;
  const otherHost = `Host: 127.0.0.1:${other.port}`;
  t.strictSame(firstLines(own), [
    ['GET /base/items HTTP/1.1', ownHost],
    ['GET /base/items HTTP/1.1', ownHost],
  ]);
  t.strictSame(firstLines(other), [
    ['GET /other/1 HTTP/1.1', otherHost],
    ['GET / HTTP/1.1', otherHost],
    ['GET /other/1 HTTP/1.1', otherHost],
  ]);
});

t.test('without a path of its own, a driver needs no target and no connection to one', async (t) => {
  const other = await start(t);
  const driver = await open(http, { operations: { look: { path: `${other.url}/a` } } });
  const session = await connected(t, driver);
  t.match(await session.send('look', signal), { ok: true });
  t.equal(other.connections(), PROBES + 1);
});

t.test('each driver may have a baseUrl, and those of one origin share its connection', async (t) => {
  const [target, other] = [await start(t), await start(t)];
  const context = fakeContext({ target: target.url });
  const user = fakeUser();
  const list = { operations: { list: { path: '/items' } } };
  const uses: [operation: string, plugin: DriverPlugin, options: object][] = [
    ['list', http, list],
    ['list', http, { ...list, baseUrl: `${other.url}/api/` }],
    ['health', health, { baseUrl: other.url }],
    ['upload', upload, { baseUrl: other.url }],
  ];
  const sessions: Session[] = [];
  for (const [, plugin, options] of uses) {
    sessions.push(await connected(t, await open(plugin, options, context), user));
  }
  for (const [i, [operation]] of uses.entries()) t.match(await sessions[i]?.send(operation, signal), { ok: true });
  t.strictSame([target.connections(), other.connections()], [PROBES + 1, PROBES + 1]);
  matchEach(t, firstLines(other), [
    ['GET /api/items HTTP/1.1', `Host: 127.0.0.1:${other.port}`],
    ['GET /health HTTP/1.1'],
    ['POST /api/test/upload HTTP/1.1'],
  ]);
});

t.test('an origin that cannot be reached is told before the load, with where the plan names it', async (t) => {
  const [own, gone] = [await start(t), await start(t)];
  await gone.stop();
  const operations = { list: { path: '/items' }, look: { path: `${gone.url}/a` } };
  await t.rejects(open(http, { operations }, fakeContext({ target: own.url })), {
    name: 'PluginError',
    message: `path ${gone.url} cannot be reached: connection refused. Start it, or change it in the plan`,
  });
  await t.rejects(open(health, { baseUrl: gone.url }, fakeContext({ target: own.url })), {
    message: `baseUrl ${gone.url} cannot be reached: connection refused. Start it, or change it in the plan`,
  });
});

t.test('what is no baseUrl', async (t) => {
  const cases: [baseUrl: unknown, message: RegExp][] = [
    ['shop.test', /^is not a URL: write it like http:/],
    ['ftp://shop.test', /^must begin with http:\/\/ or https:\/\//],
    ['https://me:secret@shop.test', /^contains a user name or password: /],
    ['https://shop.test?a=b', /^contains a query, which would be lost/],
    ['https://${users.host}', /^must not contain placeholders, because its host is looked up before the load$/],
    ['', /^is not a URL/],
    [7, /^must be text, not 7$/],
  ];
  for (const [baseUrl, message] of cases) {
    const { issues = [] } = await health.options['~standard'].validate({ baseUrl });
    t.match(issues[0], { path: ['baseUrl'], message }, String(baseUrl));
  }
});
