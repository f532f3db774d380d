/** The greatest load of a target that is searched, as a user does it. */
import { join } from 'node:path';
import t from 'tap';
import { workbench } from '../bench-process.ts';
import { endedWith, resultIn } from '../busy-host.ts';
import { nullPlan } from '../plans.ts';

t.setTimeout(400_000);

t.test('one run, one result: levels, the answer, and what it is worth to a pipeline', async (t) => {
  const { run, folder } = workbench(t, { 'plan.yaml': nullPlan(2) });
  const flags = ['--of', 'rate', '--from', '50', '--to', '60', '--confirm', '3s', '--report', 'json', '--out', 'out'];
  const ended = await run(['find-max', 'plan.yaml', '--until', 'p95 < 2s', '--at-least', '20', ...flags]);
  const result = resultIn(join(folder, 'out'));
  endedWith(t, ended, 0, result);
  t.match(ended.stdout, /50\/s holds \(/);
  // Of 60/s, what a busy host sends within the three seconds.
  t.match(ended.stdout, /The target takes at least (?:4|5|6)\d[\d.]*\/s with p95 < 2s/);
  t.match(ended.stdout, /No higher level was to be tried/);
  t.match(ended.stdout, /✓ max_rps >= 20 /);
  t.strictSame(
    result.search?.levels.map(({ level, purpose, outcome }) => [level, purpose, outcome]),
    [
      [50, 'search', 'holds'],
      [60, 'search', 'holds'],
      [60, 'confirm', 'holds'],
    ],
  );
  t.equal(result.ending.kind, 'completed');
  t.equal(result.plan.scenarios[Object.keys(result.plan.scenarios)[0] as string]?.executor, 'find-max');
});

t.test('what is wrong with a search is said before anything starts', async (t) => {
  const { run } = workbench(t, { 'plan.yaml': nullPlan(2) });
  const refused = async (...flags: string[]) => {
    const { code, stderr } = await run(['find-max', 'plan.yaml', ...flags]);
    t.equal(code, 104, flags.join(' '));
    return stderr;
  };
  t.match(await refused('--until', 'p95 < 50'), /until\[0\]: "p95 < 50", column 7: p95 is a duration/);
  t.match(await refused('--until', 'rps > 5'), /rps does not get worse with the load alone/);
  t.match(await refused('--until', 'p95 < 1s', '--from', '100', '--to', '50'), /must be at least 100/);
  t.match(await refused('--until', 'p95 < 1s', '--reserve', '2'), /--reserve is for a need: add --need/);
  t.match(await refused('--precision', '5'), /It must be a percentage above 0%/);
});
