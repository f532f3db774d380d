// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a reference of the plan
import { join } from 'node:path';
import t from 'tap';
import { connect, type PlanInput, startLocal } from '../../../../core/cli/client/embedded.ts';
import { BenchProcess } from '../../../e2e/bench-process.ts';

t.setTimeout(400_000);

const nothing = (scenario: object): PlanInput => ({
  name: 'Nothing at all',
  scenarios: { nothing: { operations: [{ driver: 'null' }], ...scenario } as PlanInput['scenarios'][string] },
});
const FEW = nothing({ executor: 'shared-iterations', vus: 4, iterations: 100 });
const LONG = nothing({ executor: 'constant-vus', vus: 2, duration: '60s', thinkTime: '10ms' });

t.test('a program runs plans with a control of its own', async (t) => {
  const bench = await startLocal({ agents: 2 });
  t.teardown(() => bench.close());

  const heard: string[] = [];
  const run = await bench.start(FEW);
  const result = await run.follow({ activity: (text) => heard.push(text) });
  t.strictSame([result.runId, result.agents.length, result.operations[0]?.phases.measure.requests], [run.id, 2, 100]);
  t.ok(heard.includes('running'), heard.join(', '));
  t.strictSame((await bench.run(run.id).follow()).runId, run.id, 'who comes later gets the same result');

  const long = await bench.start(LONG, { vus: 6, duration: '50s' });
  let vus = 0;
  const stopped = await long.follow({
    progress(progress) {
      vus = Math.max(vus, progress.vus);
      if (vus > 0 && progress.rows.at(-1)?.requests) void long.stop();
    },
  });
  t.equal(vus, 6);
  t.match(stopped.ending, { kind: 'stopped', by: 'request', reason: 'a program has asked for it' });

  const folder = t.testdir({
    'plan.yaml': 'name: x\nscenarios: { a: { executor: constant-vus, vus: 0, users: 1 } }\n',
  });
  await t.rejects(bench.start(join(folder, 'plan.yaml')), {
    name: 'CommandError',
    message: /plan\.yaml has \d problems:\n/,
  });
  await t.rejects(bench.start({ ...FEW, seed: Number.NaN }), {
    message: 'The plan: seed is NaN, which a plan cannot hold.',
  });
  await t.rejects(bench.start(FEW, { tags: ['nightly', '-'] }), { message: /tag 2 must have 1 to 50 letters/ });
  await t.rejects(bench.run('nobody').follow(), { code: 'command_failed', message: /there is no run nobody/ });
});

t.test('a program runs a file on a control that is there, and may leave the run to it', async (t) => {
  const cwd = t.testdir({
    'plan.yaml': JSON.stringify({ ...FEW, params: { users: { default: 1 } } }).replace(
      '"vus":4',
      '"vus":"${param.users}"',
    ),
  });
  const start = (...args: string[]) => {
    const started = new BenchProcess([...args, '--token-file', 'token'], { cwd });
    t.teardown(() => started.end());
    return started;
  };
  const control = start('control', '--port', '0', '--store', ':memory:');
  const [, address = ''] = await control.said(/^Control on (\S+),/m);
  await start('agent', '--control', address, '--label', 'region=eu').said(/^joined control/m);
  await t.rejects(connect(address, { tokenFile: join(cwd, 'plan.yaml') }), { message: /does not contain a token/ });
  await t.rejects(connect('127.0.0.1:1'), { message: /^Control at 127\.0\.0\.1:1 cannot be reached/ });

  const bench = await connect(address, { tokenFile: join(cwd, 'token') });
  const { id } = await bench.start(join(cwd, 'plan.yaml'), { params: { users: 3 }, agentLabels: { region: 'eu' } });
  const left = new AbortController();
  const waiting = bench.run(id).follow({ activity: () => left.abort(new Error('left')) }, left.signal);
  await t.rejects(waiting, { message: 'left' });
  const result = await bench.run(id).follow();
  t.match(result, { scenarios: [{ maxVus: 3 }], operations: [{ phases: { measure: { requests: 100 } } }] });
  await bench.close();
});
