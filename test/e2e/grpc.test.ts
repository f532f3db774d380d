// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of plans
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { stringify } from 'yaml';
import { freePort } from '../../core/cli/processes/free-port.ts';
import { PROTOS, startShop } from '../plugins/grpc/shop-server.ts';
import { workbench } from './bench-process.ts';
import { resultIn } from './busy-host.ts';

t.setTimeout(400_000);

const METHOD = 'shop.v1.Shop/PlaceOrder';
const bin = join(import.meta.dirname, '../../node_modules/.bin/');
const RUNTIMES = { node: [process.execPath], bun: [`${bin}bun`], deno: [`${bin}deno`, 'run', '--allow-all'] } as const;

/** A flow whose second step needs what the first one is told. */
const planOf = (target: string, load: object) =>
  stringify({
    name: 'Orders',
    target,
    drivers: {
      grpc: {
        options: {
          proto: 'protos/shop.proto',
          timeout: '5s',
          operations: {
            first: { method: METHOD, message: { customer: 'u${vu}' }, extract: { id: { json: 'id' } } },
            second: {
              method: METHOD,
              message: { customer: '${id}' },
              checks: { message: { json: { 'price.currency': '9007199254740993' } } },
            },
          },
        },
      },
    },
    scenarios: {
      shoppers: {
        ...load,
        flow: [
          { driver: 'grpc', operation: 'first' },
          { driver: 'grpc', operation: 'second' },
        ],
      },
    },
    reports: ['json'],
  });

t.test('agents of each runtime get the .proto files with the run', async (t) => {
  const shop = await startShop();
  t.teardown(() => shop.stop());
  const load = { executor: 'per-vu-iterations', vus: 6, iterations: 3 };
  const { folder, start, run } = workbench(t, { 'plan.yaml': planOf(shop.url, load) });
  cpSync(PROTOS, join(folder, 'protos'), { recursive: true });
  const placed = (name: string) => {
    const cwd = join(folder, '..', name);
    mkdirSync(cwd);
    return { cwd, env: { HOME: folder, XDG_CACHE_HOME: join(cwd, 'cache') } };
  };
  const control = start(['control', '--port', '0', '--store', ':memory:'], placed('control'));
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  for (const [name, runtime] of Object.entries(RUNTIMES)) {
    await start(['agent', '--control', address, '--name', name], { ...placed(name), runtime }).said(/^joined control/m);
  }
  const { code, stdout, stderr } = await run([
    'run',
    'plan.yaml',
    '--control',
    address,
    '--expect-agents',
    '3',
    '--out',
    'out',
  ]);
  t.ok([0, 120].includes(code ?? -1), stdout + stderr);
  const { operations, agents } = resultIn(join(folder, 'out'));
  for (const name of ['first', 'second']) {
    const { measure } = operations.find((one) => one.name === name)?.phases ?? {};
    t.strictSame([measure?.requests, measure?.errorKinds], [18, []], name);
  }
  t.ok(
    agents.every(({ requests }) => requests > 0),
    'each has a part in it',
  );
  t.equal(shop.messages.length, 36);
});

t.test('a server that is killed in a run and comes back', async (t) => {
  const port = await freePort();
  const first = await startShop(undefined, port);
  t.teardown(() => first.stop());
  const load = { executor: 'constant-vus', vus: 5, duration: '6s', thinkTime: '20ms' };
  const { folder, start } = workbench(t, { 'plan.yaml': planOf(first.url, load) });
  cpSync(PROTOS, join(folder, 'protos'), { recursive: true });
  const run = start(['run', 'plan.yaml', '--out', 'out']);
  while (first.messages.length < 50) await new Promise((resolve) => setTimeout(resolve, 20));
  first.stop();
  // So long that on a busy host too somebody tries to connect.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const second = await startShop(undefined, port);
  t.teardown(() => second.stop());
  const { stdout, stderr } = await run.ended;
  const { operations } = resultIn(join(folder, 'out'));
  const kinds = operations.flatMap(({ phases }) => phases.measure.errorKinds.map(({ kind }) => kind));
  t.ok(kinds.includes('connection_refused'), stdout + stderr);
  t.strictSame(
    kinds.filter((kind) => !/^(?:connection_(?:refused|reset|closed)|cancelled|unavailable)$/.test(kind)),
    [],
  );
  t.ok(second.messages.length > 20, 'virtual users have connected again');
});
