import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { object } from '../../../../core/plan/fields.ts';
import type { ResolveName } from '../../../../plugins/http/connections/address-lookup.ts';
import { type HttpClient, openHttpClient } from '../../../../plugins/http/connections/client.ts';
import { connectionOptions, httpSettings } from '../../../../plugins/http/settings.ts';
import { targetAddress } from '../../../../plugins/net/target-address.ts';
import { type FakeContext, fakeContext } from '../../../../testing/fake-context.ts';

const IPS = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
const schema = object(connectionOptions);

/** Listens on one port of these addresses. */
async function listen(t: Test, hosts: readonly string[], connected: (socket: Socket) => void = () => {}) {
  let port = 0;
  for (const host of hosts) {
    const server = createServer((socket) => {
      socket.on('error', () => {}).resume();
      connected(socket);
    }).listen(port, host);
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
    t.teardown(() => server.close());
  }
  return port;
}

/** A name server that anybody may change. */
class Names {
  asked = 0;
  addresses: readonly string[];

  constructor(addresses: readonly string[]) {
    this.addresses = addresses;
  }

  readonly resolve: ResolveName = async () => {
    this.asked += 1;
    return this.addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
}

async function opened(
  t: Test,
  port: number,
  names: Names | readonly string[],
  options: object = {},
): Promise<{ client: HttpClient; context: FakeContext; routes: (count: number) => string[] }> {
  const context = fakeContext({ target: `http://shop.test:${port}` });
  const { resolve } = names instanceof Names ? names : new Names(names);
  const settings = httpSettings(schema.parse(options));
  const client = await openHttpClient(targetAddress(context.target, 'test'), settings, context, resolve);
  t.teardown(() => client.close());
  const routes = (count: number) => Array.from({ length: count }, (_, user) => client.origin.route(user).ip);
  return { client, context, routes };
}

t.test('virtual users are spread over all addresses of a name', async (t) => {
  const { routes, context } = await opened(t, await listen(t, IPS), IPS);
  t.strictSame(routes(6), [...IPS, ...IPS]);
  t.strictSame(routes(3), IPS, 'and stay with theirs');
  t.strictSame(context.warnings, []);
});

t.test('an address that does not answer gets no load, and that is said', async (t) => {
  const port = await listen(t, ['127.0.0.1', '127.0.0.3']);
  const { routes, context } = await opened(t, port, IPS);
  t.strictSame(routes(3), ['127.0.0.1', '127.0.0.3', '127.0.0.1']);
  t.strictSame(context.warnings, [
    'shop.test: only 2 of its 3 addresses get load, because 127.0.0.2 (connection refused) cannot be reached',
  ]);
});

t.test('a name for both families, such as localhost, means one server', async (t) => {
  const port = await listen(t, ['127.0.0.1']);
  const { routes, context } = await opened(t, port, ['::1', '127.0.0.1']);
  t.strictSame(new Set(routes(4)), new Set(['127.0.0.1']));
  t.strictSame(context.warnings, []);
});

t.test('no address at all, or none that answers', async (t) => {
  const port = await listen(t, ['127.0.0.1']);
  await t.rejects(opened(t, port, []), { message: /cannot be reached: the name has no address/ });
  await t.rejects(opened(t, port, ['127.0.0.2']), { message: /cannot be reached: connection refused/ });
});

t.test('select: which of the addresses a new connection goes to', async (t) => {
  const port = await listen(t, IPS);
  const select = async (select: string) => (await opened(t, port, IPS, { dns: { select } })).routes;
  t.strictSame((await select('first'))(3), ['127.0.0.1', '127.0.0.1', '127.0.0.1']);
  const roundRobin = await select('round-robin');
  t.strictSame([...roundRobin(2), ...roundRobin(2)], ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.1']);
  t.strictSame(new Set((await select('random'))(200)), new Set(IPS));
});

t.test('policy: which family is used', async (t) => {
  const both = ['::1', '127.0.0.1'];
  const port = await listen(t, both);
  const used = async (policy: string, addresses = both) =>
    (await opened(t, port, addresses, { dns: { policy } })).routes(1)[0];
  t.equal(await used('any'), '::1');
  t.equal(await used('prefer-ipv4'), '127.0.0.1');
  t.equal(await used('prefer-ipv4', ['::1']), '::1');
  t.equal(await used('prefer-ipv6', ['127.0.0.1', '::1']), '::1');
  t.equal(await used('only-ipv4'), '127.0.0.1');
  t.equal(await used('only-ipv6'), '::1');
  await t.rejects(used('only-ipv4', ['::1']), { message: /cannot be reached: the name has no IPv4 address/ });
});

t.test('ttl: new connections go to the addresses that a name has now', async (t) => {
  const names = new Names(['127.0.0.1']);
  const { client, routes } = await opened(t, await listen(t, IPS), names, { dns: { ttl: '30s' } });
  const { deadlines } = client.origin;
  deadlines.stop();
  /** Lets the time pass, and what then happens come to its end. */
  const pass = async (ms: number) => {
    for (let i = 0; i < ms / deadlines.tickMs; i++) deadlines.advance();
    for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate);
  };
  await pass(29_000);
  t.equal(names.asked, 1);
  names.addresses = ['127.0.0.3', '127.0.0.2'];
  await pass(2000);
  for (let turns = 0; turns < 10_000 && routes(1)[0] === '127.0.0.1'; turns++) await pass(0);
  t.strictSame(routes(2), ['127.0.0.3', '127.0.0.2']);
  t.equal(names.asked, 2);
  names.addresses = [];
  await pass(31_000);
  t.equal(names.asked, 3);
  t.strictSame(routes(2), ['127.0.0.3', '127.0.0.2'], 'they stay where there is no other');
});

t.test('ttl: an address that does not answer gets no load, with a connection for each request too', async (t) => {
  const names = new Names(['127.0.0.1']);
  const port = await listen(t, ['127.0.0.1', '127.0.0.3']);
  const { client, routes } = await opened(t, port, names, { dns: { ttl: '30s' }, connections: 'per-request' });
  const { deadlines } = client.origin;
  deadlines.stop();
  names.addresses = IPS;
  for (let i = 0; i < 31_000 / deadlines.tickMs; i++) deadlines.advance();
  for (let turns = 0; turns < 10_000 && routes(2)[1] === '127.0.0.1'; turns++) await new Promise(setImmediate);
  t.strictSame(routes(2), ['127.0.0.1', '127.0.0.3']);
});

t.test('localIPs: where connections come from', async (t) => {
  const froms: (string | undefined)[] = [];
  const port = await listen(t, ['127.0.0.1'], ({ remoteAddress }) => froms.push(remoteAddress));
  const localIPs = ['127.0.0.5', '127.0.0.6'];
  const { client } = await opened(t, port, ['::1', '127.0.0.1'], { localIPs });
  t.strictSame(froms, ['127.0.0.5'], 'and no IPv6 address is tried from them');
  const { origin, settings } = client;
  for (const n of [0, 1, 2]) t.equal(origin.route(n).localIp, localIPs[n % 2]);
  for (const index of [1, 2]) {
    const judge = { judge: () => {}, wantsDetail: () => false, isTraced: false };
    const user = client.join(
      { index, random: undefined as never, variables: new Map(), wantsDetail: () => false },
      judge,
    );
    await user.senderTo(origin).open(settings.limits, new AbortController().signal);
    user.leave(judge);
  }
  t.strictSame(froms, ['127.0.0.5', '127.0.0.6', '127.0.0.5']);
  await t.rejects(opened(t, port, ['127.0.0.1'], { localIPs: ['192.0.2.1'] }), {
    name: 'PluginError',
    message: 'localIPs: 192.0.2.1 is no address of this host',
  });
});

t.test('options that cannot be', async (t) => {
  const cases: [options: object, message: RegExp][] = [
    [{ localIPs: [] }, /must/],
    [{ localIPs: ['shop.test'] }, /^must be an IP address of this host, such as 192\.0\.2\.7, not "shop\.test"$/],
    [{ localIPs: ['127.0.0.1', '::1'] }, /^must all be IPv4 or all be IPv6$/],
    [{ dns: { ttl: '0s' } }, /^must be longer than 0$/],
    [{ dns: { ttl: 30 } }, /must be a duration/],
    [{ dns: { select: 'roundRobin' } }, /./],
    [{ dns: { policy: 'ipv4' } }, /./],
    [{ dns: { servers: '1.1.1.1' } }, /^unknown key "servers"/],
  ];
  for (const [options, message] of cases) {
    const { error } = schema.safeParse(options);
    t.equal(error?.issues.length, 1, JSON.stringify(options));
    t.match(error?.issues[0]?.message, message);
  }
});
