import { fileURLToPath } from 'node:url';
import t from 'tap';
import { canSeeProcesses, workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';
import { nullPlan } from './plans.ts';

t.setTimeout(180_000);

const bin = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));
const bun = [`${bin}bun`];
const deno = [`${bin}deno`, 'run', '--allow-all'];

t.test('on Bun: a local run, and no process left when it is killed', async (t) => {
  const { folder, start } = workbench(t, { 'plan.yaml': nullPlan(2) });
  const done = await start(['run', 'plan.yaml', '--agents', '2', '--out', 'out'], { runtime: bun }).ended;
  endedWith(t, done, 0, resultIn(`${folder}/out`));
  const killed = start(['run', 'plan.yaml', '--duration', '60s'], { runtime: bun });
  await killed.said(/^running$/m);
  if (canSeeProcesses) t.equal(killed.family().length, 3);
  killed.kill('SIGKILL');
  await killed.ended;
  if (canSeeProcesses) t.ok(await killed.leavesNothing());
});

t.test('on Deno: agent, target and run, with a control elsewhere', async (t) => {
  const { folder, start } = workbench(t, { 'plan.yaml': nullPlan(2) });
  for (const args of [['run', 'plan.yaml'], ['control'], ['demo'], ['runs', '--store', 'plan.yaml']]) {
    const { code, stderr } = await start(args, { runtime: deno }).ended;
    t.equal(code, 1, args.join(' '));
    t.match(stderr, /^bench: Control does not run on Deno/);
  }
  const control = start(['control', '--port', '0', '--store', ':memory:']);
  const [, address] = await control.said(/^Control on (\S+),/m);
  const agent = start(['agent', '--control', address as string], { runtime: deno });
  await agent.said(/joined control/);
  const target = start(['target', '--port', '0', '--db', 'rows.sqlite'], { runtime: deno });
  await target.said(/^Target on http/m);
  const done = await start(['run', 'plan.yaml', '--control', address as string, '--out', 'out'], { runtime: deno })
    .ended;
  endedWith(t, done, 0, resultIn(`${folder}/out`));
  for (const served of [agent, target]) {
    served.kill('SIGINT');
    t.equal((await served.ended).code, 105);
  }
});
