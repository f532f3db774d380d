// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of the driver's own templates
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import t, { type Test } from 'tap';
import type { Outcome, Session } from '../../core/plugin.ts';
import grpc from '../../plugins/grpc.ts';
import { checkedOptions } from '../../testing/checked-options.ts';
import { fakeContext } from '../../testing/fake-context.ts';
import { fakeUser } from '../../testing/fake-user.ts';
import { startStub } from './grpc/grpc-stage.ts';
import { PROTOS, type ShopServer, startShop } from './grpc/shop-server.ts';

const { signal } = new AbortController();
const ORDER = 'shop.v1.Shop/PlaceOrder';
const TLS = join(import.meta.dirname, 'http/tls');

async function start(t: Test): Promise<ShopServer> {
  const server = await startShop();
  t.teardown(() => server.stop());
  return server;
}

/** What each of the operations of one virtual user came to, one after the other. */
async function run({ url: target }: Pick<ShopServer, 'url'>, given: object, baseDirectory = PROTOS) {
  const options = await checkedOptions(grpc, { proto: join(PROTOS, 'shop.proto'), ...given });
  const context = fakeContext({ target, baseDirectory });
  const driver = await grpc.open(options, context);
  try {
    const session = await driver.connect(fakeUser({}), signal);
    const outcomes = new Map<string, Outcome>();
    for (const { name } of grpc.operations(options)) outcomes.set(name, { ...(await session.send(name, signal)) });
    await session.close();
    return { outcomes, context };
  } finally {
    await driver.close();
  }
}

t.test('a message of every kind of field arrives as another implementation reads it', async (t) => {
  const server = await start(t);
  const message = {
    aDouble: 0.5,
    a_float: 'NaN',
    an_int64: '9007199254740993',
    a_uint64: 7,
    a_bool: true,
    someBytes: 'AP8=',
    state: 'PAID',
    numbers: [-1, '${vu}'],
    prices: { small: { units: 5 }, '${': { units: 1, currency: '${runId}', coins: [1, 2] } },
    flags: { '-7': true },
    label: { name: 'é${vu}"' },
    maybe: 0,
    at: '2026-01-31T12:00:00Z',
    took: '1.5s',
    free: { any: ['thing', 1, null] },
    wrapped: 'w${vu}',
    other: 'by its name in JSON',
    label_by: { x: { name: 'y' } },
    a_fixed: '18446744073709551615',
  };
  const checks = { message: { json: { anInt64: '9007199254740993', 'label.name': 'é1"', wrapped: 'w1', maybe: 0 } } };
  const { outcomes, context } = await run(server, {
    operations: { echo: { method: 'shop.v1.Shop/Echo', message, checks } },
  });
  t.match(outcomes.get('echo'), { ok: true, errorKind: '', message: '', status: 0 });
  t.match(server.messages, [
    {
      a_double: 0.5,
      a_float: Number.NaN,
      an_int64: '9007199254740993',
      a_uint64: '7',
      a_bool: true,
      some_bytes: 'AP8=',
      state: 'PAID',
      numbers: [-1, 1],
      prices: { small: { units: '5' }, '${': { units: '1', currency: context.runId, coins: [1, 2] } },
      flags: { '-7': true },
      label: { name: 'é1"' },
      maybe: 0,
      at: { seconds: '1769860800' },
      took: { seconds: '1', nanos: 500_000_000 },
      wrapped: { value: 'w1' },
      renamed: 'by its name in JSON',
      label_by: { x: { name: 'y' } },
      a_fixed: '18446744073709551615',
    },
  ]);
});

t.test('each status is a kind of error, unless the plan expects it', async (t) => {
  const server = await start(t);
  const names = ['CANCELLED', 'UNKNOWN', 'NOT_FOUND', 'RESOURCE_EXHAUSTED', 'UNAVAILABLE', 'UNAUTHENTICATED'];
  const failing = names.map((fail) => [fail, { method: ORDER, message: { fail } }]);
  const { outcomes } = await run(server, {
    operations: {
      ...Object.fromEntries(failing),
      expected: { method: ORDER, message: { fail: 'NOT_FOUND' }, checks: { status: ['OK', 'NOT_FOUND'] } },
      wrong: { method: ORDER, checks: { status: 'NOT_FOUND' } },
      late: { method: ORDER, message: { fail: 'NEVER' }, timeout: '60ms' },
      lateExpected: {
        method: ORDER,
        message: { fail: 'NEVER' },
        timeout: '60ms',
        checks: { status: 'DEADLINE_EXCEEDED' },
      },
    },
  });
  for (const name of names) {
    t.match(outcomes.get(name), {
      ok: false,
      errorKind: name.toLowerCase(),
      message: `${ORDER}: the server answered ${name}: asked to: ${name}`,
    });
  }
  t.match(outcomes.get('NOT_FOUND'), { status: 5 });
  t.match(outcomes.get('expected'), { ok: true, status: 5 });
  t.match(outcomes.get('wrong'), { errorKind: 'check_failed', message: `${ORDER}: the status is OK, not NOT_FOUND` });
  t.match(outcomes.get('late'), { errorKind: 'deadline_exceeded', status: 4 });
  t.match(outcomes.get('lateExpected'), { ok: true, status: 4 });
});

t.test('values of answers go into later calls, and data and metadata with them', async (t) => {
  const folder = t.testdir({ 'users.csv': 'name,amount\nAnna,3\n' });
  const server = await start(t);
  const { outcomes } = await run(server, {
    data: { users: { file: join(folder, 'users.csv') } },
    metadata: { 'x-run': '${vu}', Authorization: 'Bearer fixed' },
    operations: {
      first: {
        method: ORDER,
        message: { customer: '${users.name}', amount: '${users.amount}' },
        extract: {
          id: { json: 'id' },
          currency: { json: 'price.currency' },
          kind: { metadata: 'content-type', regex: '/(\\w+)' },
          status: { status: true },
        },
      },
      second: {
        method: ORDER,
        message: { customer: '${id} ${kind} ${status}' },
        metadata: { 'X-Customer': '${currency}', authorization: 'Bearer other' },
        checks: {
          message: { json: { 'price.currency': '9007199254740993 grpc OK' }, contains: 'PAID' },
          metadata: { 'content-type': 'grpc' },
        },
      },
      third: { method: ORDER, checks: { message: { json: { state: 'UNKNOWN' } } } },
      fourth: { method: ORDER, checks: { metadata: { 'x-nothing': 'a' } } },
      fifth: { method: ORDER, extract: { nothing: { json: 'price.coins[0]' } } },
      sixth: { method: ORDER, message: { amount: '${users.name}' } },
    },
  });
  t.match(outcomes.get('first'), { ok: true });
  t.match(outcomes.get('second'), { ok: true, message: '' });
  t.match(server.messages.slice(0, 2), [{ customer: 'Anna', amount: 3 }, { customer: '9007199254740993 grpc OK' }]);
  t.match(server.metadata.slice(0, 2), [
    { 'x-run': '1', authorization: 'Bearer fixed' },
    { 'x-run': '1', authorization: 'Bearer other', 'x-customer': 'Anna' },
  ]);
  t.match(outcomes.get('third'), {
    errorKind: 'check_failed',
    message: `${ORDER}: state in the message is "PAID", not "UNKNOWN"`,
  });
  t.match(outcomes.get('fourth'), {
    errorKind: 'check_failed',
    message: `${ORDER}: the metadata x-nothing is missing`,
  });
  t.match(outcomes.get('fifth'), { errorKind: 'extract_failed', message: /no value for the variable nothing/ });
  t.match(outcomes.get('sixth'), { errorKind: 'bad_request', message: /the message cannot be made: .*amount/ });
});

t.test('an operation that needs what no step has set', async (t) => {
  const server = await start(t);
  const { outcomes } = await run(server, { operations: { order: { method: ORDER, message: { customer: '${id}' } } } });
  t.match(outcomes.get('order'), {
    errorKind: 'variable_missing',
    message: `${ORDER}: no step has set the variable id`,
  });
});

/** What each of the operations is shown as to whoever looks into its failure. */
async function details(target: string, given: object) {
  const options = await checkedOptions(grpc, { proto: 'shop.proto', ...given });
  const driver = await grpc.open(options, fakeContext({ target, baseDirectory: PROTOS }));
  const user = { ...fakeUser({}), wantsDetail: (kind: string) => kind !== '' };
  const session: Session = await driver.connect(user, signal);
  const shown = new Map<string, Outcome['detail']>();
  for (const { name } of grpc.operations(options)) shown.set(name, (await session.send(name, signal)).detail);
  await session.close();
  await driver.close();
  return shown;
}

t.test('a failure is shown in full', async (t) => {
  const server = await start(t);
  const message = { customer: 'Anna', fail: 'NOT_FOUND' };
  const metadata = { 'x-nothing': 'a' };
  const shown = await details(server.url, {
    operations: {
      missing: { method: ORDER, message, metadata: { 'x-a': 'b' } },
      metadata: { method: ORDER, message: { amount: 5 }, checks: { metadata } },
      status: { method: ORDER, checks: { status: 'NOT_FOUND' } },
      empty: { method: 'shop.v1.Shop/Echo', checks: { metadata } },
    },
  });
  const { sent, received } = shown.get('missing') ?? {};
  t.match(sent, /^POST \/shop\.v1\.Shop\/PlaceOrder HTTP\/2\r\nhost: 127.*x-a: b\r\n\r\n\{"customer":"Anna"/s);
  t.match(received, /^NOT_FOUND\r\n.*grpc-status: 5.*\r\n\r\n$/s, 'such an answer has no message');
  const order = /^OK\r\n.*\r\n\r\n\{"id":"9007199254740993","state":"PAID","price":\{"units":"5"/s;
  t.match(shown.get('metadata')?.received, order, 'the message that nobody has looked at');
  t.match(shown.get('status')?.received, /\r\n\r\n\{"id":"9007199254740993"/);
  const nothing = /\r\n\r\n\{"aDouble":0,/;
  t.match(shown.get('empty'), { sent: nothing, received: nothing }, 'an empty message is not the same as none');
});

t.test('of a message that has not come to its end, its size is shown', async (t) => {
  const stub = await startStub(t, ({ stream }) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    stream.write(Buffer.from([0, 0, 0, 0, 9, 8, 1]));
  });
  const shown = await details(stub.url, { operations: { late: { method: ORDER, timeout: '1s' } } });
  t.match(shown.get('late')?.received, /^DEADLINE_EXCEEDED\r\n.*\r\n\r\n\(2 bytes, not kept\)$/s);
});

t.test('a message that is larger than what is read of answers fails at once, and is not shown', async (t) => {
  const server = await start(t);
  const echo = (text: string) => ({ method: 'shop.v1.Shop/Echo', message: { text } });
  const MIB = 1 << 20;
  const operations = {
    large: { ...echo('x'.repeat(MIB)), extract: { v: { json: 'text' } } },
    checked: { ...echo('x'.repeat(MIB)), checks: { message: { json: { text: 'y' } } } },
    unread: echo('x'.repeat(MIB)),
    fits: { ...echo('x'.repeat(MIB - 1000)), extract: { v: { json: 'text' } } },
  };
  const { outcomes } = await run(server, { operations });
  const reason = /the message has 10485\d\d bytes, more than the 1 MiB that is read$/;
  t.match(outcomes.get('large'), { errorKind: 'extract_failed', message: reason });
  t.match(outcomes.get('checked'), { errorKind: 'check_failed', message: reason });
  t.match(outcomes.get('unread'), { ok: true });
  t.match(outcomes.get('fits'), { ok: true });
  t.match((await details(server.url, { operations })).get('large')?.received, /\r\n\r\n\(10485\d\d bytes\)$/);
});

t.test('TLS, with a certificate of the client', async (t) => {
  const read = (name: string) => readFileSync(join(TLS, name));
  const pair = { private_key: read('server.key'), cert_chain: read('server.pem') };
  const server = await startShop(ServerCredentials.createSsl(read('ca.pem'), [pair], true));
  t.teardown(() => server.stop());
  const options = {
    tls: { ca: 'ca.pem', cert: 'client.pem', key: 'client.key', serverName: 'localhost' },
    operations: { order: { method: ORDER } },
  };
  const target = server.url.replace('http:', 'https:');
  const { outcomes } = await run({ url: target }, options, TLS);
  t.match(outcomes.get('order'), { ok: true, message: '' });
  const untrusted = { ...options, tls: { cert: 'client.pem', key: 'client.key' } };
  await t.rejects(run({ url: target }, untrusted, TLS), {
    message: /cannot be reached/,
  });
});
