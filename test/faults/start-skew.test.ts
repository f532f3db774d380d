/** How far apart agents begin: by the result's word, and by a target that both of them reach at once. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import t, { type Test } from 'tap';
import { Fleet } from './fleet.ts';
import { type Delay, TcpProxy } from './tcp-proxy.ts';

t.setTimeout(120_000);

/** A target that knows when each connection brought its first request, on one clock. */
async function arrivalsOn(t: Pick<Test, 'teardown'>) {
  const firstMs: number[] = [];
  const seen = new WeakSet<Socket>();
  const server = createServer((request, response) => {
    if (!seen.has(request.socket)) firstMs.push(performance.now());
    seen.add(request.socket);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { firstMs, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** One virtual user in each of two agents, which begins at instant 0. */
const planTo = (url: string) => `
name: together
target: ${url}
drivers:
  http: { options: { operations: { look: { path: / } } } }
scenarios:
  two: { executor: constant-vus, vus: 2, duration: 1s, thinkTime: 200ms, operations: [{ driver: http, operation: look }] }
`;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Of several runs, in milliseconds. */
async function skews(t: Test, runs: number, delay?: Delay) {
  const fleet = await Fleet.start(t);
  const { firstMs, url } = await arrivalsOn(t);
  const link = async () => {
    const proxy = await TcpProxy.to(fleet.port, delay);
    t.teardown(() => proxy.close());
    return proxy.address;
  };
  for (const name of ['a', 'b']) await fleet.agent(name, await link());
  const told: number[] = [];
  const seen: number[] = [];
  const uncertainties: number[] = [];
  for (let run = 0; run < runs; run++) {
    firstMs.length = 0;
    const { agents } = await fleet.result(await fleet.orderPlan(planTo(url), 2));
    const delaysMs = agents.map(({ startDelayUs }) => startDelayUs / 1000);
    told.push(Math.max(...delaysMs) - Math.min(...delaysMs));
    uncertainties.push(Math.max(...agents.map(({ clockUncertaintyUs }) => clockUncertaintyUs / 1000)));
    t.equal(firstMs.length, 2, 'one connection of each agent');
    seen.push(Math.max(...firstMs) - Math.min(...firstMs));
  }
  const shown = (values: readonly number[]) => values.map((ms) => ms.toFixed(2)).join(', ');
  t.comment(`by the result: ${shown(told)} ms; at the target: ${shown(seen)} ms; clocks ± ${shown(uncertainties)} ms`);
  return { told, seen, uncertainties };
}

// Each agent's word is of its own lateness alone. What arrives at the target has that of this test's process in it too:
// on a host that others use, one run of five may be late.
t.test('on one host agents begin within 5 ms of each other', async (t) => {
  const { told, seen } = await skews(t, 5);
  t.ok(median(told) <= 5, `${median(told)} ms`);
  t.ok(median(seen) <= 5, `${median(seen)} ms`);
});

t.test('with ways of 50 ms ± 20 ms to control they begin within 20 ms of each other', async (t) => {
  const { told, seen, uncertainties } = await skews(t, 3, { meanMs: 50, jitterMs: 20 });
  t.ok(median(told) <= 20, `${median(told)} ms`);
  t.ok(median(seen) <= 20, `${median(seen)} ms`);
  t.ok(Math.max(...uncertainties) < 50, 'clocks are known better than by half of one way there and back');
});
