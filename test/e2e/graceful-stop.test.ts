import t from 'tap';
import { workbench } from './bench-process.ts';

t.setTimeout(400_000);
t.jobs = 2;
const buffered = true;

/** Operations that end only when they are cut off. */
const HANGING = `export default {
  name: 'hanging', description: '',
  options: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } },
  operations: () => [{ name: 'wait', type: 'X' }],
  open: () => ({
    connect: () => ({
      send: (_, signal) => new Promise((resolve) => {
        const outcome = { ok: false, errorKind: 'aborted', message: 'cut off', status: 0, bytesSent: 0, bytesReceived: 0 };
        signal.addEventListener('abort', () => resolve(outcome));
        console.error('it hangs');
      }),
      close() {},
    }),
    close() {},
  }),
};`;
const PLAN = `name: Hanging
scenarios:
  all: { executor: constant-vus, vus: 2, duration: 50s, gracefulStop: 50s, operations: [{ driver: ./hanging.mjs }] }
`;
/** Cutting off, storing and ending, on a busy machine. */
const END_LIMIT_MS = 15_000;

async function running(t: Parameters<typeof workbench>[0], grace: readonly string[], processes = 1) {
  const { start, run } = workbench(t, { 'plan.yaml': PLAN, 'hanging.mjs': HANGING });
  const control = start(['control', '--port', '0', '--store', 'runs.sqlite', ...grace]);
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  const agent = start(['agent', '--control', address, '--name', 'one', ...grace, '--processes', `${processes}`]);
  await agent.said(/joined control/);
  const expected = ['--expect-agents', `${processes}`];
  const bench = start(['run', 'plan.yaml', '--control', address, '--out', 'out', ...expected]);
  await agent.said(/it hangs$/m);
  const stored = async () => (await run(['runs', '--store', 'runs.sqlite'])).stdout;
  return { control, agent, bench, stored };
}

t.test(
  'SIGTERM in control: what hangs is cut off when its grace is over, and the result is stored',
  { buffered },
  async (t) => {
    const { control, bench, stored } = await running(t, ['--grace', '1s']);
    const sinceMs = Date.now();
    control.kill('SIGTERM');
    const { code, stderr } = await control.ended;
    t.equal(code, 0, stderr);
    t.ok(Date.now() - sinceMs >= 1000, 'it had its grace');
    t.ok(Date.now() - sinceMs < END_LIMIT_MS);
    t.match(stderr, /the run stops: control was stopped.*operations in flight are cut off.*Control ended\./s);
    t.equal((await bench.ended).code, 105);
    t.match(await stored(), /Hanging +aborted/);
  },
);

t.test('a second SIGTERM hurries, and the result is stored all the same', { buffered }, async (t) => {
  const { control, bench, stored } = await running(t, []);
  control.kill('SIGTERM');
  await control.said(/the run stops/);
  const sinceMs = Date.now();
  control.kill('SIGTERM');
  t.equal((await control.ended).code, 0);
  t.ok(Date.now() - sinceMs < END_LIMIT_MS, 'it did not wait for the grace of 20 s');
  t.equal((await bench.ended).code, 105);
  t.match(await stored(), /Hanging +aborted/);
});

t.test('SIGTERM in an agent: what hangs is cut off, and control has all of it', { buffered }, async (t) => {
  const { agent, bench, stored } = await running(t, ['--grace', '1s']);
  const sinceMs = Date.now();
  agent.kill('SIGTERM');
  const { code, stderr } = await agent.ended;
  t.equal(code, 0, stderr);
  t.ok(Date.now() - sinceMs < END_LIMIT_MS);
  t.equal((await bench.ended).code, 105);
  t.match(await stored(), /Hanging +aborted/);
});

for (const isControlThere of [true, false]) {
  const where = isControlThere ? 'there' : 'away';
  t.test(
    `control is ${where}: a second SIGTERM hurries agents of one command, and its exit code tells of all`,
    {
      buffered,
    },
    async (t) => {
      const { control, agent, bench } = await running(t, [], 2);
      if (!isControlThere) {
        control.kill('SIGKILL');
        for (const name of ['one-1', 'one-2']) await agent.said(new RegExp(`${name}: .*cannot be reached`));
      }
      agent.kill('SIGTERM');
      for (const name of ['one-1', 'one-2']) await agent.said(new RegExp(`${name}: told to end`));
      const sinceMs = Date.now();
      agent.kill('SIGTERM');
      const { code, stderr } = await agent.ended;
      t.equal(code, isControlThere ? 0 : 1, stderr);
      t.ok(Date.now() - sinceMs < END_LIMIT_MS, 'they did not wait for the grace of 20 s');
      if (isControlThere) t.equal((await bench.ended).code, 105);
      else t.match(stderr, /^bench: Agents that did not end in order: one-1 \(exit code 1\), one-2/m);
    },
  );
}
