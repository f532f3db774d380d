/** The folder of somebody who writes a plan with all that can be sent: no other process has its files. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Test } from 'tap';
import { BenchProcess, type StartOptions } from '../bench-process.ts';

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
    await http.get(\`/script/\${words.first}/\${(await data.users.next())['name']}\`);
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

/** A control and an agent, each in an empty folder with a cache of its own, and an author who has the files. */
export async function scene(
  t: Test,
  {
    agentFlags = [],
    controlFlags = [],
    agentRuntime,
  }: { agentFlags?: string[]; controlFlags?: string[]; agentRuntime?: readonly string[] | undefined } = {},
) {
  const echo = await startEcho(t);
  const folder = t.testdir({ author: authorFiles(echo.url), control: {}, agent: {}, home: {} });
  const at = (place: string): StartOptions => {
    const env = { HOME: join(folder, 'home'), XDG_CACHE_HOME: join(folder, place, 'cache') };
    return { cwd: join(folder, place), env };
  };
  const start = (place: string, args: readonly string[], runtime?: readonly string[]) => {
    const started = new BenchProcess(args, { ...at(place), ...(runtime && { runtime }) });
    t.teardown(() => started.end());
    return started;
  };
  const control = start('control', ['control', '--port', '0', '--store', ':memory:', ...controlFlags]);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  const agent = start('agent', ['agent', '--control', address, '--name', 'far', ...agentFlags], agentRuntime);
  await agent.said(/^joined control at \S+ as far$/m);
  const plans = join(folder, 'author', 'plans');
  return {
    echo,
    plans,
    folder,
    agent,
    run: (...args: string[]) =>
      start(join('author', 'plans'), ['run', 'plan.yaml', '--control', address, '--out', 'out', ...args]).ended,
    edit: (file: string, text: string) => writeFileSync(join(plans, file), text),
  };
}
