import t from 'tap';
import { matchEach } from '../kit/match-each.ts';
import { doubtsOf, Fleet, requestsOf } from './fleet.ts';

t.setTimeout(400_000);

const KILLS = 10;

t.test('control killed ten times in one run: agents go on, and every total is exact', async (t) => {
  const fleet = await Fleet.start(t);
  const agents = [await fleet.agent('a'), await fleet.agent('b')];
  // How long ten restarts take is the host's affair.
  const runId = await fleet.run(300, 2);
  const waiting = await fleet.order(2, 2);
  for (let kill = 0; kill < KILLS; kill++) {
    // Killed at another moment of its life each time: some before the agents are back.
    await new Promise((resolve) => setTimeout(resolve, 150 * kill));
    await fleet.killControl();
    await fleet.startControlAgain();
  }
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await fleet.bench(['stop', runId]).ended;
  const result = await fleet.result(runId);
  t.same(
    result.agents.map(({ name, closingTotals }) => [name, closingTotals]),
    [
      ['a', 'agree'],
      ['b', 'agree'],
    ],
  );
  const restarts = result.events.filter(({ text }) => /^control was restarted/.test(text));
  t.equal(restarts.length, KILLS, JSON.stringify(result.events));
  matchEach(t, result.reconciliations, [{ reconciliation: { lost: 0 } }], JSON.stringify(result.reconciliations));
  t.match(result.ending, { kind: 'stopped', by: 'request' });
  t.same(doubtsOf(result), []);
  const uploads = result.operations.find(({ name }) => name === 'upload')?.phases.measure.requests ?? 0;
  t.ok(uploads > 100 && uploads < requestsOf(result));
  const columns = result.timeline.all.requests;
  t.ok(
    columns.slice(2, -2).every((requests) => requests > 0),
    `no second without load: ${columns}`,
  );
  const second = await fleet.result(waiting);
  t.same(doubtsOf(second), [], 'the run that waited had its turn');
  const more = second.operations.find(({ name }) => name === 'upload')?.phases.measure.requests ?? 0;
  fleet.target.kill('SIGTERM');
  t.match((await fleet.target.ended).stderr, new RegExp(`${uploads + more} rows written`));
  for (const agent of agents) agent.kill('SIGTERM');
});
