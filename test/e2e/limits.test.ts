import t from 'tap';
import { workbench } from './bench-process.ts';
import { resultIn } from './busy-host.ts';

t.setTimeout(120_000);

t.test('a load of several times what one process can do ends invalid, and says what to do', async (t) => {
  const { folder, start } = workbench(t, {
    'plan.yaml': `
name: too much
scenarios:
  flood: { executor: constant-arrival-rate, rate: 9000000, duration: 3s, maxVus: 100, operations: [{ driver: 'null' }] }
`,
  });
  const { code, stdout } = await start(['run', 'plan.yaml', '--out', 'out']).ended;
  t.equal(code, 120);
  t.match(stdout, /This measurement cannot be trusted/);
  t.match(stdout.replace(/\s+/g, ' '), /Use more agents|use more of them|on a host of their own/);
  t.equal(resultIn(`${folder}/out`).verdict.kind, 'invalid');
});

t.test('bench doctor looks at the host', async (t) => {
  const { start } = workbench(t);
  const { code, stdout } = await start(['doctor']).ended;
  t.ok(code === 0 || code === 1, `exit code ${code}`);
  for (const line of [
    /open files/,
    /localhost +\S+/,
    /timers +late by/,
    /null driver +[\d,]+ operations\/s/,
    /HTTP, 50 users/,
  ]) {
    t.match(stdout, line);
  }
  const short = await start(['doctor', '--vus', '1000000']).ended;
  t.equal(short.code, 1);
  t.match(short.stdout, /ephemeral ports .* use more agents/);
});
