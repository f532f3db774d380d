import { readFileSync } from 'node:fs';
import t from 'tap';
import { canSeeProcesses, ON_NODE, workbench } from './bench-process.ts';
import { nullPlan } from './plans.ts';

t.setTimeout(400_000);

const wrongInManyWays = `name: Wrong
thresholdz: []
thresholds: [p95 <]
reports: [markdwon]
monitors:
  target: { use: promehteus }
scenarios:
  devices:
    executor: constant-vus
    vus: 5
    duration: 30
    thinkTime: 50
    operations:
      - { driver: http-uplaod, weight: 0 }
      - { driver: health, weight: 0 }
`;

t.test('a plan with many faults is told all of them at once, each with its line', async (t) => {
  const { run } = workbench(t, { 'wrong.yaml': wrongInManyWays });
  const { code, stdout, stderr } = await run(['run', 'wrong.yaml']);
  t.equal(code, 104);
  t.equal(stdout, '');
  for (const problem of [
    /^bench: wrong\.yaml has \d+ problems:$/m,
    /unknown key "thresholdz"; did you mean "thresholds"\?/,
    /line 11: scenarios\.devices\.duration: must be a duration with a unit/,
    /line 12: scenarios\.devices\.thinkTime: /,
    /line 13: scenarios\.devices\.operations: the weights add up to 0/,
    /line 14: .*driver: unknown driver "http-uplaod"; did you mean "http-upload"\?/,
    /line 6: monitors\.target\.use: unknown monitor "promehteus"; did you mean "prometheus"\?/,
    /line 4: reports\[0\]: unknown report "markdwon"; did you mean "markdown"\?/,
    /line 3: thresholds\[0\]: .*limit is missing/,
  ]) {
    t.match(stderr, problem);
  }
  t.notMatch(stderr, /\n {4}at /, 'no stack trace');
});

t.test('options of drivers and names in thresholds are checked before anything starts', async (t) => {
  const plan = nullPlan(1, 'drivers: { "null": { options: { size: 3 } } }\nthresholds: [uplaod p95 < 1s]\n');
  const { run } = workbench(t, { 'plan.yaml': plan });
  const { code, stderr } = await run(['run', 'plan.yaml']);
  t.equal(code, 104);
  t.match(stderr, /drivers\.null\.options/);
});

t.test('an operation that a threshold names must be there', async (t) => {
  const { run } = workbench(t, { 'plan.yaml': nullPlan(1, 'thresholds: [nop p95 < 1s, p95 < 3rps]\n') });
  const { code, stderr } = await run(['run', 'plan.yaml']);
  t.equal(code, 104);
  t.match(stderr, /thresholds\[0\]: .*no operation "nop"; did you mean noop\?/);
  t.match(stderr, /thresholds\[1\]: /);
});

t.test('an override that does not fit is refused before anything starts', async (t) => {
  const { run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  const { code, stderr } = await run(['run', 'plan.yaml', '--stage', '1s:5', '--duration', '3s']);
  t.equal(code, 104);
  t.match(stderr, /^bench: --stage and --duration cannot be given together/);
});

t.test('a folder for the reports that cannot be made is said before anything starts', async (t) => {
  const { run } = workbench(t, { 'plan.yaml': nullPlan(1), file: '' });
  const { code, stderr } = await run(['run', 'plan.yaml', '--out', 'file/reports']);
  t.equal(code, 104);
  t.match(stderr, /^bench: .*file\/reports.* cannot be written/);
});

t.test('a folder that a process reads or writes for plans is looked at before it starts', async (t) => {
  const { run } = workbench(t, { file: '' });
  const control = ['control', '--port', '0', '--store', ':memory:'];
  for (const [args, said] of [
    [['agent', '--files', 'file'], '--files: file is not a folder: name a folder.'],
    [['agent', '--processes', '2', '--files', 'missing'], '--files: there is no folder missing.'],
    [['agent', '--cache', 'file/cache'], '--cache: file/cache lies below a file: name a folder.'],
    [[...control, '--secrets-folder', 'file'], '--secrets-folder: file is not a folder: name a folder.'],
    [[...control, '--web', '127.0.0.1:0', '--plans', 'file'], '--plans: file is not a folder: name a folder.'],
    [[...control, '--token-file', '.'], '--token-file: . is a folder: name a file.'],
  ] as const) {
    t.match(await run(args), { code: 104, stdout: '', stderr: `bench: ${said}\n` }, args.join(' '));
  }
});

t.test('what the private control finds wrong in a flag is invalid input too', async (t) => {
  const { run } = workbench(t, { 'plan.yaml': nullPlan(1) });
  const store = ['--store', 'mysql://u:$' + '{env:UNSET}@127.0.0.1/bench'];
  for (const args of [
    ['run', 'plan.yaml', ...store],
    ['runs', ...store],
  ]) {
    const { code, stderr } = await run(args);
    t.equal(code, 104, stderr);
    t.match(stderr, /--store: \$\{env:UNSET\} has no value/);
  }
});

t.test('folders of the user in which nothing can be made are told, and nobody waits', async (t) => {
  // Below /proc, Node itself would try for ever to make a folder.
  if (!canSeeProcesses) return;
  const { run } = workbench(t, { 'plan.yaml': nullPlan(1) }, ON_NODE);
  const control = ['control', '--port', '0', '--store', ':memory:'];
  const place = '/proc/.config/bench';
  const cannot = '(the folder /proc/.config cannot be made: no such file or directory)';
  const token = new RegExp(
    `^bench: The token for control's callers cannot be written to ${place}/tokens/.*: give another`,
  );
  t.match(await run(control, { env: { HOME: '/proc' } }), { code: 1, stderr: token });
  const xdg = { XDG_CONFIG_HOME: '/proc/x', XDG_CACHE_HOME: '/proc/x' };
  t.match(await run(control, { env: xdg }), { code: 1, stderr: / cannot be written to \/proc\/x\/bench\/tokens\// });
  const told = `bench: the certificates cannot be written to ${place}/control ${cannot}: make it a folder that you can write, or name another with --security\n`;
  t.match(await run(['control', 'init'], { env: { HOME: '/proc' } }), { code: 1, stderr: told });
  t.match(await run(['run', 'plan.yaml', '--out', '/proc/reports'], {}), { stderr: /\/proc\/reports/ });
  t.match(await run(['run', 'plan.yaml', '--store', '/proc/x/runs.sqlite']), {
    code: 104,
    stderr: /^bench: .*The store \/proc\/x\/runs\.sqlite cannot be used: the folder \/proc\/x cannot be made/,
  });
  const { stdout } = await run(['run', 'plan.yaml'], { env: { HOME: '/proc', ...xdg } });
  t.match(stdout, /^Conclusion: /m, 'a run needs no home');
});

t.test('a run that does not take place is an error in the JUnit report that CI reads', async (t) => {
  const down = nullPlan(1, 'target: http://127.0.0.1:1\nreports: [junit]\n').replace(
    "driver: 'null'",
    'driver: health',
  );
  const { run, folder } = workbench(t, { 'wrong.yaml': wrongInManyWays, 'down.yaml': down });
  const errorIn = (file: string) => {
    const xml = readFileSync(`${folder}/${file}`, 'utf8');
    return /<error message="([^"]*)"/.exec(xml)?.[1];
  };
  t.equal((await run(['run', 'wrong.yaml', '--report', 'junit=out.xml', '--report', 'json'])).code, 104);
  t.match(errorIn('out.xml'), /^wrong\.yaml has \d+ problems:$/);
  t.equal((await run(['run', 'down.yaml', '--out', 'down'])).code, 1);
  t.match(errorIn('down/junit.xml'), /^The run did not take place: .*127\.0\.0\.1:1 cannot be reached/);
  t.equal((await run(['find-max', 'missing.yaml', '--out', 'o', '--report', 'junit'])).code, 104);
  t.match(errorIn('o/junit.xml'), /missing\.yaml/);
});
