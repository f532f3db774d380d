/** What `bench` does as a process, on each runtime, and with processes of the other runtimes. */
import { writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { sampleResult } from '../../testing/index.ts';
import { canSeeProcesses, type StartOptions, workbench } from '../e2e/bench-process.ts';
import { endedWith, resultIn } from '../e2e/busy-host.ts';
import { nullPlan } from '../e2e/plans.ts';
import { matchEach } from '../kit/match-each.ts';
import { type Ability, ROLES, RUNTIME_NAMES, RUNTIMES, type RuntimeName } from './suite.ts';

t.setTimeout(600_000);
// Processes of a test mostly wait for each other.
t.jobs = 2;

const DRIVER = `import { defineDriver, z } from '@bench/toolkit';
import { openHttp } from '@bench/toolkit/http';

export default defineDriver<object>({
  name: 'page',
  description: 'Asks whether the target is healthy.',
  options: z.strictObject({}),
  operations: () => [{ name: 'page', type: 'GET' }],
  async open(_options, context) {
    const clients = await openHttp(context);
    return {
      async connect(user, signal) {
        const http = await clients.connect(user, signal);
        return { send: (_operation, signal) => http.get('/health', { signal }), close: () => http.close() };
      },
      close: () => clients.close(),
    };
  },
});
`;
const SCRIPT = `import { defineUser, type User } from '@bench/toolkit';

async function look({ http, check }: User): Promise<void> {
  const answer = await http.get('/health', { name: 'look' });
  check('healthy', answer.status === 200);
}

export default defineUser({ tasks: { look: { weight: 1, run: look } } });
`;
/** Six users of each kind, two of them on each of three agents. */
const PLAN = `name: All that a run brings along
scenarios:
  uploads: { executor: per-vu-iterations, vus: 6, iterations: 5, operations: [{ driver: http-upload, name: upload }] }
  pages: { executor: per-vu-iterations, vus: 6, iterations: 5, operations: [{ driver: ./page.ts }] }
  scripted: { executor: per-vu-iterations, vus: 6, iterations: 5, user: ./look.ts }
thresholds: [fails == 0, lost == 0]
reports: [json]
`;

/** @returns how to start `bench` on a runtime, in a folder with these files */
function bench(t: Test, files: Record<string, string>) {
  const { folder, start } = workbench(t, files);
  return {
    folder,
    on: (runtime: RuntimeName, args: readonly string[], options: Partial<StartOptions> = {}) =>
      start(args, { runtime: RUNTIMES[runtime], ...options }),
  };
}

/** On Bun, test/e2e tries what needs no other runtime. */
function besideBun(ability: Ability): readonly RuntimeName[] {
  return bearing(ability).filter((name) => name !== 'bun');
}

function bearing({ except = {} }: Ability): readonly RuntimeName[] {
  return RUNTIME_NAMES.filter((name) => except[name] === undefined);
}

for (const runtime of besideBun(ROLES.local)) {
  t.test(`on ${runtime}: a run with a control of its own, and no process left when it is killed`, async (t) => {
    const { folder, on } = bench(t, { 'plan.yaml': nullPlan(2) });
    const done = await on(runtime, ['run', 'plan.yaml', '--agents', '2', '--out', 'out']).ended;
    endedWith(t, done, 0, resultIn(`${folder}/out`));
    const killed = on(runtime, ['run', 'plan.yaml', '--duration', '60s']);
    await killed.said(/^running$/m);
    if (canSeeProcesses) t.equal(killed.family().length, 3);
    killed.kill('SIGKILL');
    await killed.ended;
    if (canSeeProcesses) t.ok(await killed.leavesNothing());
  });

  t.test(`on ${runtime}: the demo, ended early`, async (t) => {
    const { folder, on } = bench(t, {});
    const demo = on(runtime, ['demo', '--out', 'out']);
    await demo.said(/^\d+s\/\S+ {2}running/m);
    demo.kill('SIGINT');
    const { code, stderr } = await demo.ended;
    t.equal(code, 105, stderr);
    matchEach(t, resultIn(`${folder}/out`).reconciliations, [{ reconciliation: { lost: 0, extra: 0 } }]);
  });
}

for (const [index, runtime] of bearing(ROLES.control).entries()) {
  const other = RUNTIME_NAMES[(index + 1) % RUNTIME_NAMES.length] as RuntimeName;
  const third = RUNTIME_NAMES[(index + 2) % RUNTIME_NAMES.length] as RuntimeName;
  t.test(`control on ${runtime}, agents on all, target on ${other}, started from ${third}`, async (t) => {
    const { folder, on } = bench(t, { 'plan.yaml': PLAN, 'page.ts': DRIVER, 'look.ts': SCRIPT });
    const control = on(runtime, ['control', '--port', '0', '--store', ':memory:']);
    const [, address = ''] = await control.said(/^Control on (\S+),/m);
    const target = on(other, ['target', '--port', '0', '--db', 'rows.sqlite']);
    const [, url = ''] = await target.said(/^Target on (http[^\s,]+)/m);
    const agents = RUNTIME_NAMES.map((name) => on(name, ['agent', '--control', address, '--name', name]));
    for (const agent of agents) await agent.said(/joined control/);
    const args = ['run', 'plan.yaml', '--host', url, '--control', address, '--expect-agents', '3', '--out', 'out'];
    const ended = await on(third, args).ended;
    const result = resultIn(`${folder}/out`);
    endedWith(t, ended, 0, result);
    t.strictSame(
      result.operations.map(({ name, phases: { measure } }) => [name, measure.requests, measure.errors]),
      [
        ['upload', 30, 0],
        ['page', 30, 0],
        ['look', 30, 0],
      ],
    );
    t.strictSame(
      result.agents.map(({ name, requests, closingTotals }) => [name, requests, closingTotals]).sort(),
      RUNTIME_NAMES.map((name) => [name, 30, 'agree']).sort(),
    );
    for (const served of [...agents, target, control]) {
      served.kill('SIGINT');
      t.equal((await served.ended).code, 105);
    }
  });
}

for (const runtime of besideBun(ROLES.files)) {
  t.test(`on ${runtime}: the commands that run nothing`, async (t) => {
    const { folder, on } = bench(t, { 'plan.yaml': nullPlan(2) });
    const before = sampleResult('passed');
    writeFileSync(`${folder}/before.json`, JSON.stringify(before));
    writeFileSync(`${folder}/after.json`, JSON.stringify({ ...before, runId: 'after' }));
    for (const args of [
      ['init', 'driver'],
      ['check', 'my-driver.yaml'],
      ['plugins', 'describe', './my-driver.ts'],
      ['report', '--from', 'before.json', '--report', 'markdown', '--out', 'out'],
      ['compare', 'before.json', 'after.json'],
    ]) {
      const { code, stderr } = await on(runtime, args).ended;
      t.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    }
  });
}

for (const runtime of RUNTIME_NAMES.filter((name) => !bearing(ROLES.control).includes(name))) {
  t.test(`on ${runtime}: bench control says what to do instead`, async (t) => {
    const { code, stderr } = await bench(t, {}).on(runtime, ['control']).ended;
    t.equal(code, 1);
    t.match(stderr, /^bench: Control for others does not run on Deno, .* with Node or Bun/);
  });
}
