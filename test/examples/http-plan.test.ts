import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { parsePlan } from '../../core/plan/parse.ts';
import { resolvePlan } from '../../core/plan/resolve.ts';
import { loadDriver } from '../../plugins/loader/load.ts';
import { fakeContext } from '../../testing/fake-context.ts';
import { fakeUser } from '../../testing/fake-user.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

t.test("the example's requests are what it says", async (t) => {
  const plan = parsePlan(parse(readFileSync(join(EXAMPLES, 'http.yaml'), 'utf8')));
  const { drivers, operations } = await resolvePlan(plan, (reference) => loadDriver(reference, EXAMPLES));
  const asked: [method: string | undefined, path: string | undefined, body: string][] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    asked.push([request.method, request.url, body]);
    const status = request.url === '/session' ? 201 : 200;
    response.writeHead(status, { 'Content-Type': 'application/json' }).end('{"ok":true,"id":1}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { plugin, options } = drivers.get('http') ?? { plugin: undefined, options: {} };
  const context = fakeContext({
    target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    baseDirectory: EXAMPLES,
  });
  const driver = await plugin?.open(options, context);
  const { signal } = new AbortController();
  const session = await driver?.connect(fakeUser({ index: 1 }), signal);
  for (const { driverOperation } of operations) {
    t.match({ ...(await session?.send(driverOperation, signal)) }, { ok: true, errorKind: '' }, driverOperation);
  }
  await session?.close();
  await driver?.close();
  t.strictSame(asked[0], ['POST', '/session', '{"user":"bob","password":"secret, 2"}']);
  t.matchOnly(asked[1], ['GET', /^\/orders\?of=bob&page=\d+$/, '']);
  t.match(asked[2]?.[2], /^\{"id":"[0-9a-f-]{36}","item":\d+,"price":\d+\.\d\d\}$/);
});
