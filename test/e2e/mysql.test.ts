// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references in plans
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { matchEach } from '../kit/match-each.ts';
import { testDatabase } from '../kit/programs/mariadb.ts';
import { canSeeProcesses, ON_NODE, workbench } from './bench-process.ts';
import { endedWith, resultIn } from './busy-host.ts';

t.setTimeout(600_000);

/** Every character that a URL, a shell or SQL takes for its own. */
const PASSWORD = 'p@ss:w/o?r#d%20&"\'$';
const database = await testDatabase(t);
const { admin, host, name } = database;
const odd = await database.addUser('odd', PASSWORD, 'ALL');
const env = { ODD_PASSWORD: PASSWORD };
const target = `mysql://${odd}:\${env:ODD_PASSWORD}@${host}/${name}`;

function plan(seconds: number): string {
  return `name: Direct
target: '${target}'
scenarios:
  all:
    executor: constant-vus
    vus: 10
    duration: ${seconds}s
    gracefulStop: 5s
    thinkTime: 10ms
    operations: [{ driver: mysql-direct, operation: insert }, { driver: mysql-direct, operation: select-range }]
monitors: { mysql: {} }
thresholds: [fails == 0]
`;
}

async function tables(): Promise<string[]> {
  const [rows] = await admin.query('SHOW TABLES');
  return (rows as Record<string, string>[]).map((row) => Object.values(row)[0] as string);
}

/** What stands in all files beneath a folder. */
function textBeneath(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'latin1'))
    .join('\n');
}

function holdsNoPassword(t: Test, text: string): void {
  for (const secret of [PASSWORD, encodeURIComponent(PASSWORD), PASSWORD.slice(0, 9)]) t.notOk(text.includes(secret));
}

t.test('a run of SQL: nothing is lost, nothing is left, and the password is nowhere to be seen', async (t) => {
  const { folder, start, run } = workbench(t, { 'plan.yaml': plan(4) }, ON_NODE);
  const bench = start(['run', 'plan.yaml', '--out', 'out'], { env });
  await bench.said(/^running$/m);
  if (canSeeProcesses) {
    const titles = bench.family().map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    t.ok(titles.length >= 3);
    holdsNoPassword(t, titles.join('\n'));
  }
  const ended = await bench.ended;
  const { stdout, stderr } = ended;
  const result = resultIn(`${folder}/out`);
  endedWith(t, ended, 0, result);
  matchEach(t, result.reconciliations, [
    { driver: 'mysql-direct', reconciliation: { lost: 0, extra: 0, source: 'database' } },
  ]);
  const metrics = result.monitors.map(({ name }) => name);
  for (const metric of [
    'threads_connected',
    'commits_per_second',
    'rows_inserted_per_second',
    'row_lock_waits_per_second',
  ])
    t.ok(metrics.includes(`mysql.${metric}`), metric);
  t.ok(
    result.timings.some(({ name }) => name.includes('mysql.connect')),
    'connecting is timed apart',
  );
  t.match(result.targetEnvironment ?? {}, { innodb_flush_log_at_trx_commit: '1' });
  holdsNoPassword(t, stdout + stderr + textBeneath(folder));
  t.strictSame(await tables(), []);

  const { runId } = result;
  await admin.query(`CREATE TABLE bench_${runId} (id INT) COMMENT 'bench run ${runId}'`);
  const control = start(['control', '--port', '0', '--store', '.bench/runs.sqlite'], { env });
  const [, address] = await control.said(/^Control on (\S+),/m);
  const cleanup = () => run(['cleanup', runId, '--control', address as string]);
  t.match(await cleanup(), { code: 0, stdout: /the table bench_\S+ is dropped\nNothing of run \S+ is left/ });
  t.strictSame(await tables(), [], 'a control that runs cleans up when it is asked to');
  t.match(await cleanup(), { code: 0, stdout: /^Nothing of run \S+ is left/ });
  await admin.query(`ALTER USER ${odd} ACCOUNT LOCK`);
  t.match(await cleanup(), {
    code: 1,
    stderr: /^bench: driver mysql-direct, step cleanup: the table \S+ cannot be dropped: /,
  });
  await admin.query(`ALTER USER ${odd} ACCOUNT UNLOCK`);
  t.match(await run(['cleanup', 'nosuchrun', '--control', address as string]), {
    code: 1,
    stderr: /there is no run nosuchrun/,
  });
});

t.test('a password on the command line of a target is not to be seen', { skip: !canSeeProcesses }, async (t) => {
  const { start, run } = workbench(t, {}, ON_NODE);
  const args = ['target', '--port', '0', '--db', `mysql://${odd}:${encodeURIComponent(PASSWORD)}@${host}/${name}`];
  const served = start(args);
  await served.said(/^Target on /m);
  const [title = ''] = served.family().map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  t.match(title, /^bench target/);
  holdsNoPassword(t, title);
  served.kill('SIGTERM');
  const ended = await served.ended;
  holdsNoPassword(t, ended.stdout + ended.stderr);
  const refused = await run(args, { runtime: ['bun'] });
  t.match(refused, { code: 104, stderr: /^bench: --db: the URL holds a password, which Bun cannot hide/ });
  holdsNoPassword(t, refused.stderr);
  t.match(await run([...args.slice(0, 3), '--drop'], { env: { BENCH_DB: args[4] }, runtime: ['bun'] }), { code: 0 });
  t.strictSame(await tables(), []);
});

t.test('the demo on MySQL shows its password to nobody, and leaves nothing', { skip: !canSeeProcesses }, async (t) => {
  const { folder, start } = workbench(t, {});
  // Short and plain: a socket's path may have 107 characters.
  const temporary = mkdtempSync(join(tmpdir(), 'bench-demo-test-'));
  t.teardown(() => rmSync(temporary, { recursive: true }));
  const demo = start(['demo', '--db', 'mysql', '--out', 'out'], { env: { TMPDIR: temporary } });
  await demo.said(/^running$/m);
  const members = demo.family().map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
  const environments = demo.family().map((pid) => readFileSync(`/proc/${pid}/environ`, 'latin1'));
  const [, password = ''] = /BENCH_MYSQL_URL=mysql:\/\/bench:(\w+)@/.exec(environments.join('\0')) ?? [];
  t.match(password, /^[0-9a-f]{36}$/);
  t.ok(members.length >= 7, 'bench, target, control, two agents, the server and its guard');
  t.notOk(members.join('\n').includes(password));
  demo.kill('SIGINT');
  const { code, stdout, stderr } = await demo.ended;
  t.equal(code, 105, stderr);
  t.notOk((stdout + stderr + textBeneath(folder)).includes(password));
  t.ok(await demo.leavesNothing());
  t.strictSame(readdirSync(temporary), []);
});

t.test('Ctrl-C leaves no table', async (t) => {
  const { start } = workbench(t, { 'plan.yaml': plan(60) });
  const bench = start(['run', 'plan.yaml'], { env });
  await bench.said(/^running$/m);
  t.equal((await tables()).length, 1);
  bench.kill('SIGINT');
  t.equal((await bench.ended).code, 105);
  t.strictSame(await tables(), []);
});

t.test('what a killed control leaves, `bench cleanup` removes', async (t) => {
  const { start, run } = workbench(t, { 'plan.yaml': plan(60) });
  const control = start(['control', '--port', '0', '--store', 'runs.sqlite'], { env });
  const [, address] = await control.said(/^Control on (\S+),/m);
  start(['agent', '--control', address as string, '--name', 'a'], { env });
  const bench = start(['run', 'plan.yaml', '--control', address as string, '--expect-agents', '1'], { env });
  const [, runId] = await bench.said(/^run (\S+):/m);
  await bench.said(/^running$/m);
  const cleanup = () => run(['cleanup', runId as string, '--store', 'runs.sqlite'], { env });
  t.match(await cleanup(), { code: 1, stderr: /is under way: stop it first/ });
  process.kill(control.pid, 'SIGKILL');
  await control.ended;
  t.strictSame(await tables(), [`bench_${runId}`]);
  t.match(await cleanup(), { code: 0, stdout: /the table bench_\S+ is dropped\nNothing of run \S+ is left/ });
  t.match(await cleanup(), { code: 0 }, 'it may be repeated');
  t.strictSame(await tables(), []);
  t.match(await run(['cleanup', 'nosuchrun', '--store', 'runs.sqlite']), {
    code: 104,
    stderr: /There is no run nosuchrun/,
  });
});

t.test('a password in a plan, on the command line or missing is said before anything starts', async (t) => {
  const { folder, run } = workbench(t, { 'plan.yaml': plan(5) }, ON_NODE);
  const written = await run(['run', 'plan.yaml', '--host', `mysql://${odd}:secret@${host}/${name}`]);
  t.match(written, { code: 104, stderr: /target: contains a password, and plans are stored and printed/ });
  t.notMatch(written.stdout + written.stderr, /secret/);
  t.match(await run(['run', 'plan.yaml']), {
    code: 1,
    stderr: /\$\{env:ODD_PASSWORD\} has no value: set the variable/,
  });
  t.match(await run(['target', '--db', 'mysql://odd:${env:NOT_SET}@127.0.0.1/bench']), {
    code: 104,
    stderr: /NOT_SET/,
  });
  t.match(await run(['target', '--db', `mysql://odd:x@${host}/${name}?useSSL=true`]), {
    code: 104,
    stderr: /^bench: --db: its option useSSL is not known: .*\.\n$/,
  });
  t.match(await run(['target', '--db-tls'], { env: { BENCH_DB: `mysql://odd:x@${host}/${name}?ssl-mode=REQUIRED` } }), {
    code: 104,
    stderr: /^bench: --db: its options ssl-… and the flags --db-tls… say twice how to encrypt: leave one out\.\n$/,
  });
  t.match(await run(['target'], { env: { BENCH_DB: `mysql://odd:x@${host}/${name}?connectTimeout=2s` } }), {
    code: 1,
    stderr: /^bench: The MySQL server at \S+ rejects the login of odd: .*\.\n$/,
  });
  const wrong = await run(['run', 'plan.yaml'], { env: { ODD_PASSWORD: 'wrong-one' } });
  t.match(wrong, { code: 1, stderr: /rejects the login of \S+_odd: check the user and the password/ });
  t.notMatch(wrong.stdout + wrong.stderr, /wrong-one/);
  t.notOk(existsSync(`${folder}/bench-reports`));
  t.strictSame(await tables(), []);
});
