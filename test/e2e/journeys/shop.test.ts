import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startShop } from '../../kit/shop.ts';
import { workbench } from '../bench-process.ts';
import { endedWith, resultIn } from '../busy-host.ts';
import { SHOP_PLAN, SHOP_SCRIPT, SHOP_SCRIPT_PLAN, USERS } from './shop-plans.ts';

t.setTimeout(600_000);

const bin = fileURLToPath(new URL('../../../node_modules/.bin/', import.meta.url));
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  Node: [process.execPath],
  Bun: [`${bin}bun`],
  Deno: [`${bin}deno`, 'run', '--allow-all'],
};
const PASSES = 2 * USERS;

/** What the shop has answered when each user has signed in once and made two passes. */
const SEEN = {
  'GET /login 200': USERS,
  'POST /login 303': USERS,
  'GET /account 200': USERS + PASSES,
  'POST /session 200': USERS,
  'GET /items 200': 3 * PASSES,
  'POST /orders 201': PASSES,
  'GET /orders/… 200': 3 * PASSES,
  'POST /photos 201': PASSES,
  'POST /old/… 301': PASSES,
  'POST /old/… 302': PASSES,
  'POST /old/… 303': PASSES,
  'POST /old/… 307': PASSES,
  'POST /old/… 308': PASSES,
  'GET /new 200': 3 * PASSES,
  'POST /new 200': 2 * PASSES,
};

/** Requests by their rows: each redirect that is followed is part of one request. */
const MEASURED = {
  'login page': USERS,
  login: USERS,
  'sign in': USERS,
  'first page': PASSES,
  'next page': 2 * PASSES,
  order: PASSES,
  status: 3 * PASSES,
  photo: PASSES,
  account: PASSES,
  'old 301': PASSES,
  'old 302': PASSES,
  'old 303': PASSES,
  'old 307': PASSES,
  'old 308': PASSES,
};

t.test(
  'a whole shop, as a plan and as a script, on two agents of each runtime: counts are those of the server',
  async (t) => {
    const { folder, start, run } = workbench(t, {
      'plan.yaml': SHOP_PLAN,
      'script.yaml': SHOP_SCRIPT_PLAN,
      'shopper.mjs': SHOP_SCRIPT,
    });
    const control = start(['control', '--port', '0', '--store', ':memory:']);
    const [, address = ''] = await control.said(/^Control on (\S+),/m);
    for (const [name, runtime] of Object.entries(RUNTIMES)) {
      const agents = ['a', 'b'].map((agent) =>
        start(['agent', '--control', address, '--name', `${name}-${agent}`], { runtime }),
      );
      for (const agent of agents) await agent.said(/joined control/);
      for (const plan of ['plan', 'script']) {
        const shop = await startShop(t);
        const out = `${plan}-${name}`;
        const flags = ['--control', address, '--expect-agents', '2', '--host', shop.url, '--out', out];
        const ended = await run(['run', `${plan}.yaml`, ...flags, '--report', 'json']);
        const result = resultIn(join(folder, out));
        endedWith(t, ended, 0, result);
        t.strictSame(shop.counts, SEEN, `${out}: what the server saw`);
        const rows = result.operations.map(({ name, phases }) => [name, phases.measure.requests] as const);
        t.strictSame(Object.fromEntries(rows), MEASURED, `${out}: what was measured`);
        const [journey] = result.journeys ?? [];
        t.equal(journey?.phases.measure.requests, PASSES, `${out}: passes`);
        t.equal(journey?.phases.measure.errors, 0, `${out}: failed passes`);
      }
      for (const agent of agents) {
        agent.kill('SIGINT');
        await agent.ended;
      }
    }
  },
);
