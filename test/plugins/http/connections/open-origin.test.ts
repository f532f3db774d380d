import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import t, { type Test } from 'tap';
import { openHttpClient } from '../../../../plugins/http/connections/client.ts';
import type { ResolveName } from '../../../../plugins/http/connections/open-origin.ts';
import type { HttpSettings } from '../../../../plugins/http/settings.ts';
import { targetAddress } from '../../../../plugins/net/target-address.ts';
import { recordingContext } from '../../../kit/driver-context.ts';

const SETTINGS: HttpSettings = {
  limits: { answerMs: 1000, connectMs: 1000 },
  connection: { connections: 'per-user', http2: false, tls: undefined },
};

/** Listens on one port of these addresses. */
async function listen(t: Test, hosts: readonly string[]): Promise<number> {
  let port = 0;
  for (const host of hosts) {
    const server = createServer((socket) => socket.on('error', () => {}).resume()).listen(port, host);
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
    t.teardown(() => server.close());
  }
  return port;
}

async function opened(t: Test, port: number, addresses: readonly string[]) {
  const context = recordingContext(`http://shop.test:${port}`);
  const resolve: ResolveName = async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const client = await openHttpClient(targetAddress(context.target, 'test'), SETTINGS, context, resolve);
  t.teardown(() => client.close());
  return { users: [0, 1, 2, 3, 4, 5].map((user) => client.origin.ipOf(user)), warnings: context.warnings };
}

t.test('virtual users are spread over all addresses of a name', async (t) => {
  const ips = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  const { users, warnings } = await opened(t, await listen(t, ips), ips);
  t.strictSame(users, [...ips, ...ips]);
  t.strictSame(warnings, []);
});

t.test('an address that does not answer gets no load, and that is said', async (t) => {
  const port = await listen(t, ['127.0.0.1', '127.0.0.3']);
  const { users, warnings } = await opened(t, port, ['127.0.0.1', '127.0.0.2', '127.0.0.3']);
  t.strictSame(users.slice(0, 3), ['127.0.0.1', '127.0.0.3', '127.0.0.1']);
  t.strictSame(warnings, [
    'shop.test: only 2 of its 3 addresses get load, because 127.0.0.2 (connection refused) cannot be reached',
  ]);
});

t.test('a name for both families, such as localhost, means one server', async (t) => {
  const port = await listen(t, ['127.0.0.1']);
  const { users, warnings } = await opened(t, port, ['::1', '127.0.0.1']);
  t.strictSame(new Set(users), new Set(['127.0.0.1']));
  t.strictSame(warnings, []);
});

t.test('no address at all, or none that answers', async (t) => {
  const port = await listen(t, ['127.0.0.1']);
  await t.rejects(opened(t, port, []), { message: /cannot be reached: the name has no address/ });
  await t.rejects(opened(t, port, ['127.0.0.2']), { message: /cannot be reached: connection refused/ });
});
