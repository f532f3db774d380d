import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { loadDriver } from '../../plugins/loader/load.ts';
import { type TestTarget, testDriver } from '../../testing/driver-contract.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');

async function startPages(): Promise<TestTarget> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    received.push(`${request.method} ${request.url}`);
    response.end('a page');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: () => received,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

t.test("the example's driver does what every driver must", async (t) => {
  await testDriver((name, body) => t.test(name, body), {
    plugin: await loadDriver('./my-driver.ts', EXAMPLES),
    options: {},
    badOptions: { path: 7 },
    target: startPages,
  });
});

t.test('the README shows it as it is', async (t) => {
  const readme = readFileSync(join(EXAMPLES, '../README.md'), 'utf8');
  t.ok(readme.includes(readFileSync(join(EXAMPLES, 'my-driver.ts'), 'utf8')));
});
