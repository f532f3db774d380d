import t from 'tap';
import { doubtsOf, Fleet, lossOf, textsOf, totalsOf, uploadsOf } from './fleet.ts';
import { SmallDisk } from './small-disk.ts';

t.setTimeout(400_000);
t.jobs = 2;
const buffered = true;

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const SIZE_KB = 2048;

t.test("the store's disk is full for a while: windows wait, and none is lost", { buffered }, async (t) => {
  const disk = new SmallDisk(t, SIZE_KB);
  const fleet = await Fleet.start(t, { store: `${disk.folder}/runs.sqlite` });
  await fleet.agent('a');
  await fleet.agent('b');
  const runId = await fleet.run(8, 2);
  await later(1500);
  disk.fill();
  await fleet.control.said(/cannot be written: .*full.*; windows wait, and control tries again every second/);
  await later(3000);
  disk.free();
  const result = await fleet.result(runId);
  t.same(totalsOf(result), [
    ['a', 'agree'],
    ['b', 'agree'],
  ]);
  t.same(doubtsOf(result), []);
  t.equal(lossOf(result), 0);
  t.matchOnly(textsOf(result), [/cannot be written: .*full/, 'control can write to the store again']);
  t.equal(await fleet.rows(), uploadsOf(result));
});

t.test("the store's disk stays full: the run ends in order and says what is missing", { buffered }, async (t) => {
  const disk = new SmallDisk(t, SIZE_KB);
  const fleet = await Fleet.start(t, { store: `${disk.folder}/runs.sqlite` });
  await fleet.agent('a');
  await fleet.agent('b');
  const runId = await fleet.run(4, 2);
  await later(1500);
  disk.fill();
  await fleet.control.said(/cannot be written: .*full/);
  const result = await fleet.result(runId);
  t.equal(result.verdict.kind, 'invalid');
  t.same(totalsOf(result), [
    ['a', 'differ'],
    ['b', 'differ'],
  ]);
  t.match(result.ending, { kind: 'stopped', reason: 'not all that the agents reported could be stored' });
  const [reasons] = [result.verdict.reasons.join(' ')];
  t.match(
    reasons,
    /The agents were there, but the store \S+ cannot be written: .*full.* Mend the store and run again\./,
  );
  t.notMatch(reasons, /Keep the agents connected|report this as a bug/);
  const texts = textsOf(result).join('\n');
  const [, counted, merged] =
    /^windows of agent a are missing: it counted (\d+) operations, control has (\d+)$/m.exec(texts) ?? [];
  t.ok(Number(counted) > Number(merged), texts);
  t.equal(result.agents[0]?.requests, Number(merged));
  t.match(texts, /^windows are missing because the store \S+ cannot be written: .*full: make room there$/m);
  t.match((await fleet.bench(['agents']).ended).stdout, /^a .* idle$/m, 'agents are free');
  await fleet.control.said(/the result could not be stored; control keeps it, and tries again until it ends/);
  const refused = await fleet.bench(['run', 'plan.yaml'], { BENCH_HOST: fleet.url }).ended;
  t.equal(refused.code, 1);
  t.match(refused.stderr, /^bench: .*the store \S+ cannot be written: .*full/m);

  disk.free();
  const next = await fleet.result(await fleet.order(2, 2));
  t.same(totalsOf(next), [
    ['a', 'agree'],
    ['b', 'agree'],
  ]);
  t.same(doubtsOf(next), []);
  t.ok((await fleet.rows()) >= uploadsOf(result) + uploadsOf(next));
  fleet.control.kill('SIGTERM');
  t.equal((await fleet.control.ended).code, 0);
});
