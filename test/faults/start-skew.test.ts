/** How far apart agents begin: by the result's word, and by a target that both of them reach at once. */
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import type { RunResult } from '../../core/stats/result.ts';
import { invitedArguments, workbench } from '../e2e/bench-process.ts';
import { Fleet } from './fleet.ts';
import { type Host, Hosts } from './hosts.ts';
import { startScript } from './script.ts';

t.setTimeout(400_000);

/** @param before the command that starts it */
async function firstRequests(t: Pick<Test, 'teardown'>, host: string, before: readonly string[] = []) {
  const lines = startScript(t, 'first-requests.ts', [host], before);
  const [url]: string[] = await once(lines, 'line');
  const heardMs: number[] = [];
  lines.on('line', (line) => heardMs.push(Number(line)));
  return { url, heardMs };
}

/** One virtual user in each of two agents, which begins at instant 0. */
const planTo = (url: string | undefined) => `
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

/** Of several runs, in milliseconds. @param heardMs when the target heard each agent of the run first */
async function skews(t: Test, runs: number, heardMs: number[], run: () => Promise<RunResult>) {
  const told: number[] = [];
  const seen: number[] = [];
  const uncertainties: number[] = [];
  for (let count = 0; count < runs; count++) {
    heardMs.length = 0;
    const { agents } = await run();
    const delaysMs = agents.map(({ startDelayUs }) => startDelayUs / 1000);
    told.push(Math.max(...delaysMs) - Math.min(...delaysMs));
    uncertainties.push(Math.max(...agents.map(({ clockUncertaintyUs }) => clockUncertaintyUs / 1000)));
    t.equal(heardMs.length, 2, 'one connection of each agent');
    seen.push(Math.max(...heardMs) - Math.min(...heardMs));
  }
  const shown = (values: readonly number[]) => values.map((ms) => ms.toFixed(2)).join(', ');
  t.comment(`by the result: ${shown(told)} ms; at the target: ${shown(seen)} ms; clocks ± ${shown(uncertainties)} ms`);
  return { told, seen, uncertainties };
}

// Each agent's word is of its own lateness alone. What arrives at the target has that of the target's process in it too:
// on a host that others use, one run of five may be late.
t.test('on one host agents begin within 5 ms of each other', async (t) => {
  const fleet = await Fleet.start(t);
  const { url, heardMs } = await firstRequests(t, '127.0.0.1');
  for (const name of ['a', 'b']) await fleet.agent(name);
  const run = async () => fleet.result(await fleet.orderPlan(planTo(url), 2));
  const { told, seen } = await skews(t, 5, heardMs, run);
  t.ok(median(told) <= 5, `${median(told)} ms`);
  t.ok(median(seen) <= 5, `${median(seen)} ms`);
});

t.test('on hosts that are 50 ms ± 20 ms from control they begin within 20 ms of each other', async (t) => {
  const hosts = await Hosts.of(t);
  const [control, rack1, rack2] = [hosts.add('control'), hosts.add('rack-1'), hosts.add('rack-2')];
  const delay = { meanMs: 50, jitterMs: 20 };
  await hosts.slowCable([control, '192.0.2.5'], [rack1, '192.0.2.9'], delay);
  await hosts.slowCable([control, '192.0.2.5'], [rack2, '192.0.2.10'], delay);
  hosts.cable([rack1, '198.51.100.9'], [rack2, '198.51.100.10']);
  const { url, heardMs } = await firstRequests(t, '198.51.100.9', rack1.runtime);
  const bench = workbench(t);
  const on = (host: Host, ...args: string[]) => {
    const home = `${bench.folder}/${host.namespace}`;
    mkdirSync(home, { recursive: true });
    return bench.start(args, { cwd: home, runtime: [...host.runtime, process.execPath], env: { HOME: home } });
  };

  await on(control, 'control', 'init', '--host', '192.0.2.5').ended;
  await on(control, 'control', '--host', '192.0.2.5').said(/^Control on/m);
  const invitation = invitedArguments((await on(control, 'control', 'invite').ended).stdout);
  await Promise.all([rack1, rack2].map((rack) => on(rack, ...invitation).said(/^joined control/m)));
  const home = `${bench.folder}/${control.namespace}`;
  writeFileSync(`${home}/plan.yaml`, planTo(url));
  const run = async (): Promise<RunResult> => {
    await on(control, 'run', 'plan.yaml', '--control', '192.0.2.5:7070', '--expect-agents', '2', '--out', 'out').ended;
    return JSON.parse(readFileSync(`${home}/out/result.json`, 'utf8'));
  };
  const { told, seen, uncertainties } = await skews(t, 3, heardMs, run);
  t.ok(median(told) <= 20, `${median(told)} ms`);
  t.ok(median(seen) <= 20, `${median(seen)} ms`);
  t.ok(Math.max(...uncertainties) < 50, 'clocks are known better than by half of one way there and back');
});
