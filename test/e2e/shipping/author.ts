/** The folder of somebody who writes a plan with all that can be sent: no other process has its files. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export const GREETING = `const { inspect } = require('node:util');
module.exports = { greet: (name) => inspect(name) + '-' + require('./version.js') };
`;

export const DRIVER = `import { defineDriver, PluginError, z } from '@bench/toolkit';
import { openHttp } from '@bench/toolkit/http';
import greeting from 'greeting';
import { PLACE } from './place.ts';

export default defineDriver<{ suffix: string }>({
  name: 'greeter',
  description: 'Greets the target.',
  options: z.strictObject({ suffix: z.string().default('') }),
  operations: () => [{ name: 'greet', type: 'GET' }],
  async open({ suffix }, context) {
    if (!(new PluginError('x') instanceof Error)) throw new Error('there are two toolkits');
    const clients = await openHttp(context);
    return {
      async connect(user, signal) {
        const http = await clients.connect(user, signal);
        return {
          send: (_operation, signal) => http.get(\`/\${PLACE}/\${encodeURIComponent(greeting.greet('you'))}\${suffix}\`, { signal }),
          close: () => http.close(),
        };
      },
      close: () => clients.close(),
    };
  },
});
`;

const USER = `import { defineUser } from '@bench/toolkit';
import words from './words.json' with { type: 'json' };

export default defineUser<object, 'users'>({
  async iterate({ http, data }) {
    await http.get(\`/script/\${words.first}/\${data.users.next()['name']}\`);
  },
});
`;

export const planFor = (target: string) => `name: All that can be sent
target: ${target}
drivers:
  greeter: { use: ./lib/driver.ts }
  http:
    options:
      data: { users: { file: ../data/users.csv } }
      operations:
        store: { method: POST, path: '/store/\${users.name}', body: { file: body.json } }
scenarios:
  plain:
    executor: per-vu-iterations
    vus: 1
    iterations: 2
    flow: [{ driver: greeter, operation: greet }, { driver: http, operation: store }]
  scripted:
    executor: per-vu-iterations
    vus: 1
    iterations: 2
    user: ./user.ts
    data: { users: { file: ../data/users.csv } }
thresholds: [fails == 0]
reports: [json]
`;

/** @param target `http://host:port` */
export function authorFiles(target: string): NonNullable<Parameters<Test['testdir']>[0]> {
  return {
    data: { 'users.csv': 'name\nann\nbob\n' },
    plans: {
      'plan.yaml': planFor(target),
      'body.json': '{"sent":true}',
      'user.ts': USER,
      'words.json': '{"first":"hello"}',
      lib: { 'driver.ts': DRIVER, 'place.ts': `export const PLACE: string = 'one';\n` },
      node_modules: {
        greeting: {
          'package.json': '{"name":"greeting","version":"1.0.0","main":"main.js"}',
          'main.js': GREETING,
          'version.js': "module.exports = 'v1';\n",
        },
      },
    },
  };
}

/** Answers everything, and keeps what it was asked. */
export async function startEcho(t: Pick<Test, 'teardown'>) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => {
      body += piece;
    });
    request.on('end', () => {
      asked.push(`${request.url}${body}`);
      response.end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
