import t from 'tap';
import { resultIn } from '../e2e/busy-host.ts';
import { matchEach } from '../kit/match-each.ts';
import { doubtsOf, Fleet } from './fleet.ts';
import { TcpProxy } from './tcp-proxy.ts';

t.setTimeout(400_000);

t.test(
  'the starter of a run is killed: the run goes on, is watched, seen over a restart of control, and stopped',
  async (t) => {
    const fleet = await Fleet.start(t);
    await fleet.agent('a');
    t.match((await fleet.bench(['agents']).ended).stdout, /^a .* idle$/m);
    const starter = fleet.bench(['run', 'plan.yaml'], { BENCH_HOST: fleet.url });
    const [, runId = ''] = await starter.said(/^run ([a-z0-9]+):/m);
    await starter.said(/^running/m);
    starter.kill('SIGKILL');
    await starter.ended;

    const watcher = fleet.bench(['watch', runId]);
    await watcher.said(/^running/m);
    t.match((await fleet.bench(['agents']).ended).stdout, new RegExp(`^a .* ${runId}$`, 'm'));
    await fleet.killControl();
    await watcher.said(/^control cannot be reached; the agents go on$/m);
    await fleet.startControlAgain();
    await watcher.said(/control was restarted and goes on with/);
    const stop = await fleet.bench(['stop', runId, '--reason', 'enough seen']).ended;
    t.equal(stop.code, 0, stop.stderr);
    const { code, stdout, stderr } = await watcher.ended;
    t.match(stdout, /enough seen/);
    const result = await fleet.result(runId);
    t.same(doubtsOf(result), []);
    t.equal(code, 105, stdout + stderr);
    t.match(result.ending, { kind: 'stopped', by: 'request', reason: 'enough seen' });
    matchEach(t, result.agents, [{ closingTotals: 'agree' }]);
    matchEach(t, result.reconciliations, [{ reconciliation: { lost: 0 } }]);
  },
);

t.test('a link that is dead without a word: who watches notices, and sees the run end over a new one', async (t) => {
  const fleet = await Fleet.start(t);
  const link = await TcpProxy.to(fleet.port);
  t.teardown(() => link.close());
  await fleet.agent('a');
  const runId = await fleet.run(60, 1);
  const watcher = fleet.startWatch(runId, link.address);
  await watcher.said(/^running/m);
  link.forget();
  await watcher.said(/^control cannot be reached; the agents go on$/m);
  t.equal((await fleet.bench(['stop', runId]).ended).code, 0);
  const { code, stdout, stderr } = await watcher.ended;
  t.equal(code, 105, stdout + stderr);
  matchEach(t, (await fleet.result(runId)).agents, [{ closingTotals: 'agree' }]);
});

t.test('Ctrl-C while control is away: the run is stopped when it is back', async (t) => {
  const fleet = await Fleet.start(t);
  await fleet.agent('a');
  const starter = fleet.bench(['run', 'plan.yaml', '--out', 'out'], { BENCH_HOST: fleet.url });
  await starter.said(/^\d+s\/\S+ {2}running/m);
  await fleet.killControl();
  await starter.said(/^control cannot be reached; the agents go on$/m);
  starter.kill('SIGINT');
  await starter.said(/^stopping$/m);
  await fleet.startControlAgain();
  const { code, stdout, stderr } = await starter.ended;
  t.equal(code, 105, stdout + stderr);
  const result = resultIn(`${fleet.folder}/out`);
  t.match(result.ending, { kind: 'stopped', by: 'request', reason: 'Ctrl-C' });
  matchEach(t, result.agents, [{ closingTotals: 'agree' }]);
});
