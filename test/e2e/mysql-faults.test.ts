import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { connectTo } from '../kit/programs/mariadb.ts';
import { endedWith } from './busy-host.ts';
import { bothDriversPlan, type FaultRun, faultStage } from './mysql-stage.ts';

t.setTimeout(600_000);
// Each has processes and a server of its own, which mostly wait.
t.jobs = 3;

/** What holds after each fault: the run has ended in order, and nothing that was acknowledged is lost. */
function nothingLost(t: Test, run: FaultRun, exitCode = 99): void {
  const { result, report } = run;
  endedWith(t, run, exitCode, result);
  t.equal(result.ending.kind, 'completed');
  t.strictSame(
    result.reconciliations.map(({ driver }) => driver).sort(),
    ['http-upload', 'mysql-direct'],
    'the rows of both drivers are counted',
  );
  for (const { driver, reconciliation } of result.reconciliations) {
    t.equal(reconciliation.source, 'database');
    t.ok(reconciliation.acknowledged > 0, `${driver} has written: ${reconciliation.acknowledged}`);
    t.equal(reconciliation.lost, 0, `${driver} has lost nothing`);
    t.equal(reconciliation.extra, 0, `${driver} has no row that was never sent`);
    t.ok(reconciliation.stable);
  }
  t.notMatch(run.stdout + run.stderr + report, /\n {4}at /);
}

function kinds(failures: ReturnType<FaultRun['failures']>): string[] {
  return failures.map(({ kind }) => kind).sort();
}

t.test('the server is killed with -9 and comes back after 3 s', async (t) => {
  const stage = await faultStage(t, bothDriversPlan(12));
  await stage.server.kill();
  const unhealthy = await fetch(`${stage.url}/health`);
  t.equal(unhealthy.status, 503);
  t.match(await unhealthy.json(), { code: 503, msg: /^The database cannot be used now: / });
  await sleep(3000);
  await stage.server.restart();
  // A connection that was refused just before is tried again within two seconds.
  const lastFailure = stage.secondsGone() + 2;
  await stage.bench.said(/^1\ds\//m);
  t.equal((await fetch(`${stage.url}/health`)).status, 200, 'healthy again');
  const run = await stage.ended();
  nothingLost(t, run);
  const insertKinds = kinds(run.failures('insert'));
  t.ok(insertKinds.includes('connection_refused'), 'while it is away');
  t.ok(
    insertKinds.every((kind) => ['connection_refused', 'gone_away'].includes(kind)),
    'of those under way: gone away',
  );
  t.strictSame(kinds(run.failures('upload')), ['http_503']);
  for (const operation of ['insert', 'upload'] as const) {
    t.ok(
      run.failures(operation).every(({ lastSecond }) => lastSecond < lastFailure),
      `${operation} goes on after the server is back: no failure from second ${lastFailure.toFixed(1)} on`,
    );
  }
  t.match(run.report, /fails == 0/);
});

t.test('every connection is killed from the server side', async (t) => {
  const stage = await faultStage(t, bothDriversPlan(6));
  const admin = await connectTo(t, stage.server.adminUrl);
  const [rows] = await admin.query("SELECT id FROM information_schema.processlist WHERE user = 'bench'");
  const ids = (rows as { id: number }[]).map(({ id }) => id);
  t.ok(ids.length > 10, `${ids.length} connections`);
  for (const id of ids) await admin.query(`KILL ${id}`).catch(() => {});
  const run = await stage.ended();
  const failures = run.failures('insert');
  nothingLost(t, run, failures.length + run.failures('upload').length > 0 ? 99 : 0);
  t.ok(kinds(failures).every((kind) => kind === 'gone_away' || kind === 'killed'));
  t.ok(failures.reduce((sum, { count }) => sum + count, 0) <= 20, 'one or two operations of each user fail');
});

t.test('max_connections is reached', async (t) => {
  // 10 of the direct users, the target, the monitor: there is no room for all 40.
  const stage = await faultStage(t, bothDriversPlan(6, 40), { arguments: ['--max-connections=30'] });
  const run = await stage.ended();
  nothingLost(t, run);
  t.ok(kinds(run.failures('insert')).includes('too_many_connections'), String(kinds(run.failures('insert'))));
  t.ok(kinds(run.failures('upload')).every((kind) => kind === 'http_503'));
});

t.test('a lock is held on the tables for 5 s', async (t) => {
  const stage = await faultStage(t, bothDriversPlan(10));
  const admin = await connectTo(t, stage.server.adminUrl);
  const [tables] = await admin.query("SHOW TABLES LIKE 'bench\\_%'");
  const own = (tables as Record<string, string>[])
    .map((row) => Object.values(row)[0] as string)
    .find((name) => name !== 'bench_target_migrations');
  await admin.query(`LOCK TABLES test_upload WRITE, \`${own}\` WRITE`);
  await sleep(5000);
  await admin.query('UNLOCK TABLES');
  const run = await stage.ended();
  const failed = [...run.failures('insert'), ...run.failures('upload')];
  nothingLost(t, run, failed.length > 0 ? 99 : 0);
  t.ok(
    kinds(failed).every((kind) => ['lock_wait_timeout', 'http_503'].includes(kind)),
    String(kinds(failed)),
  );
  const insert = run.result.operations.find(({ name }) => name === 'insert');
  t.ok((insert?.phases.measure.responseTime.maxUs ?? 0) > 3_500_000, 'the wait is in the response times');
});

t.test('the disk of the data folder is full', async (t) => {
  // Not in the test's own folder, which cannot be removed while something is mounted there.
  const disk = mkdtempSync(join(tmpdir(), 'bench-small-disk-'));
  t.teardown(() => rmSync(disk, { recursive: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=120m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    t.comment('not tested: this machine does not let a small file system be mounted');
    return;
  }
  t.teardown(() => void execFileSync('umount', ['-l', disk]));
  mkdirSync(`${disk}/server`);
  const stage = await faultStage(t, bothDriversPlan(12, 10, '20ms'), {
    folder: `${disk}/server`,
    arguments: [
      '--innodb-log-file-size=8M',
      '--innodb-data-file-path=ibdata1:12M:autoextend',
      '--innodb-autoextend-increment=1',
    ],
  });
  // All that is left, in one file beside the server's.
  try {
    execFileSync('dd', ['if=/dev/zero', `of=${disk}/ballast`, 'bs=1M'], { stdio: 'ignore' });
  } catch {
    // It ends when the disk is full.
  }
  await sleep(4000);
  // What a person does then. By now InnoDB may have given up by itself.
  rmSync(`${disk}/ballast`);
  await stage.server.kill();
  await stage.server.restart();
  const run = await stage.ended();
  nothingLost(t, run);
  // A table that cannot grow is an error; where the server's own log needs space first, everybody waits for it.
  const failed = kinds(run.failures('insert'));
  const insert = run.result.operations.find(({ name }) => name === 'insert');
  const longestUs = insert?.phases.measure.responseTime.maxUs ?? 0;
  t.ok(failed.includes('disk_full') || longestUs > 3_500_000, `${failed}, at most ${longestUs} µs`);
});

t.test('the target is killed with -9 and started anew', async (t) => {
  const stage = await faultStage(t, bothDriversPlan(8));
  process.kill(stage.target.pid, 'SIGKILL');
  await stage.target.ended;
  await stage.startTarget();
  const run = await stage.ended();
  nothingLost(t, run);
  t.strictSame(run.failures('insert'), [], 'the database has noticed nothing');
  t.ok(kinds(run.failures('upload')).length > 0);
  t.ok(
    kinds(run.failures('upload')).every((kind) =>
      ['connection_refused', 'connection_reset', 'connection_closed'].includes(kind),
    ),
    String(kinds(run.failures('upload'))),
  );
});
