import t from 'tap';
import type { RunResult } from '../../core/stats/result.ts';
import { answerOf } from '../../core/verdict/capacity/answer.ts';
import { OnAgentLoss } from '../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../kit/match-each.ts';
import {
  checkOf,
  doubtsOf,
  Fleet,
  levelsOf,
  lossOf,
  requestsOf,
  textsOf,
  totalsOf,
  uploadsOf,
  WHOLE_SEARCH,
} from './fleet.ts';
import { TcpProxy } from './tcp-proxy.ts';

t.setTimeout(600_000);
// They mostly wait.
t.jobs = 2;
const buffered = true;

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const BOTH_AGREE = [
  ['a', 'agree'],
  ['b', 'agree'],
];

t.test('an agent killed with -9: the result is invalid, names it, and the rest is exact', { buffered }, async (t) => {
  const fleet = await Fleet.start(t);
  await fleet.agent('a');
  const b = await fleet.agent('b');
  const runId = await fleet.run(8, 2);
  await later(3000);
  b.kill('SIGKILL');
  const result = await fleet.result(runId);
  t.same(totalsOf(result), [
    ['a', 'agree'],
    ['b', 'missing'],
  ]);
  t.equal(result.verdict.kind, 'invalid');
  t.equal(checkOf(result, 'agents-complete')?.ok, false);
  t.equal(lossOf(result), 0, 'what was acknowledged and told is stored');
  t.ok(
    result.events.some(({ text, atUs }) => /agent b (was lost|is gone)/.test(text) && atUs < 8e6),
    JSON.stringify(result.events),
  );
  const [missing] = result.agents[1]?.missing ?? [];
  t.match(missing, { toSecond: 8, share: 0.5 });
  t.ok([2, 3, 4].includes(missing?.fromSecond ?? 0), JSON.stringify(missing));
  t.ok((await fleet.rows()) >= uploadsOf(result), 'the rows of its last second are more than anybody could tell of');
});

t.test('an agent lost where the run is to be stopped then', { buffered }, async (t) => {
  const fleet = await Fleet.start(t);
  await fleet.agent('a');
  const b = await fleet.agent('b');
  const runId = await fleet.run(60, 2, OnAgentLoss.ABORT);
  b.kill('SIGKILL');
  const result = await fleet.result(runId);
  t.same(result.ending, { kind: 'stopped', by: 'failure', reason: 'agent b was lost' });
  t.same(totalsOf(result), [
    ['a', 'agree'],
    ['b', 'missing'],
  ]);
});

t.test('an agent stopped for ten seconds is lost, comes back, and nothing is missing', { buffered }, async (t) => {
  const fleet = await Fleet.start(t);
  await fleet.agent('a');
  const b = await fleet.agent('b');
  const runId = await fleet.run(16, 2);
  await later(2000);
  b.kill('SIGSTOP');
  await later(10_000);
  b.kill('SIGCONT');
  const result = await fleet.result(runId);
  t.same(totalsOf(result), BOTH_AGREE);
  t.equal(lossOf(result), 0);
  t.ok(result.events.some(({ text }) => /^agent b was lost/.test(text)));
  t.ok(result.events.some(({ text }) => /^agent b is back/.test(text)));
  t.equal(result.verdict.kind, 'invalid', 'its load stood still meanwhile');
  t.equal(await fleet.rows(), uploadsOf(result));
});

t.test('an agent started again under its name does not double a count', { buffered }, async (t) => {
  const fleet = await Fleet.start(t);
  await fleet.agent('a');
  const b = await fleet.agent('b');
  const runId = await fleet.run(8, 2);
  await later(3000);
  b.kill('SIGKILL');
  await b.ended;
  await fleet.agent('b');
  const result = await fleet.result(runId);
  t.same(totalsOf(result), [
    ['a', 'agree'],
    ['b', 'missing'],
  ]);
  t.equal(result.verdict.kind, 'invalid');
  t.equal(lossOf(result), 0);
  const uploads = uploadsOf(result);
  const rows = await fleet.rows();
  t.ok(uploads > 0 && uploads <= rows, `${uploads} uploads in the result, ${rows} rows`);
});

t.test(
  'a link cut for 20 s, and one half-open for 10: the agent goes on, and every total is exact',
  { buffered },
  async (t) => {
    const fleet = await Fleet.start(t);
    const links = [await TcpProxy.to(fleet.port), await TcpProxy.to(fleet.port)];
    for (const link of links) t.teardown(() => link.close());
    await fleet.agent('a', links[0]?.address);
    await fleet.agent('b', links[1]?.address);
    const runId = await fleet.run(30, 2);
    await later(2000);
    links[0]?.cut();
    links[1]?.silence();
    await later(10_000);
    links[1]?.restore();
    await later(10_000);
    links[0]?.restore();
    const result = await fleet.result(runId);
    t.same(totalsOf(result), BOTH_AGREE);
    t.equal(lossOf(result), 0);
    t.same(doubtsOf(result), []);
    t.equal(await fleet.rows(), uploadsOf(result));
  },
);

t.test(
  'a link whose state is lost on the way stays silent for ever: the agent connects anew, and every total is exact',
  { buffered },
  async (t) => {
    const fleet = await Fleet.start(t);
    const link = await TcpProxy.to(fleet.port);
    t.teardown(() => link.close());
    const a = await fleet.agent('a', link.address);
    await fleet.agent('b');
    const runId = await fleet.run(20, 2);
    await later(2000);
    link.forget();
    const forgottenMs = Date.now();
    await a.said(/says nothing: connecting anew$/m);
    await a.said(/^reached control at .* again$/m);
    const awayMs = Date.now() - forgottenMs;
    t.ok(awayMs < 10_000, `${awayMs} ms`);
    const result = await fleet.result(runId);
    t.same(totalsOf(result), BOTH_AGREE);
    t.equal(lossOf(result), 0);
    t.same(doubtsOf(result), []);
    t.equal(await fleet.rows(), uploadsOf(result));
  },
);

t.test('every agent lost: the run ends by itself, with what was measured', { buffered }, async (t) => {
  const fleet = await Fleet.start(t);
  const agents = [await fleet.agent('a'), await fleet.agent('b')];
  const runId = await fleet.run(60, 2);
  await later(3000);
  for (const agent of agents) agent.kill('SIGKILL');
  const killedMs = Date.now();
  const result = await fleet.result(runId);
  t.ok(Date.now() - killedMs < 25_000, 'soon, and not when its minute is over');
  t.same(result.ending, { kind: 'stopped', by: 'failure', reason: 'every agent was lost' });
  t.equal(result.verdict.kind, 'invalid');
  t.ok(requestsOf(result) > 0);
  t.equal(lossOf(result), 0);
});

t.test(
  'an agent is lost in a level: its share goes to the other, and the level is judged by the whole load',
  { buffered },
  async (t) => {
    const fleet = await Fleet.start(t);
    await fleet.agent('a');
    const b = await fleet.agent('b');
    const runId = await fleet.search(OnAgentLoss.REBALANCE);
    await later(3000);
    b.kill('SIGKILL');
    const result = await fleet.result(runId);
    t.same(levelsOf(result), WHOLE_SEARCH);
    for (const { level, perSecond } of result.search?.levels ?? [])
      t.ok(perSecond > 0.9 * level, `${perSecond}/s at ${level}/s`);
    t.ok(
      textsOf(result).some((text) => /^the share of agent b, 50 % of the load, goes to another agent/.test(text)),
      textsOf(result).join('\n'),
    );
    t.equal(lossOf(result), 0);
  },
);

t.test('an agent is lost and nobody takes its share: the search ends, and says why', { buffered }, async (t) => {
  const fleet = await Fleet.start(t);
  await fleet.agent('a');
  const b = await fleet.agent('b');
  const runId = await fleet.search(OnAgentLoss.CONTINUE);
  await later(3000);
  b.kill('SIGKILL');
  const result = await fleet.result(runId);
  t.same(levelsOf(result), [[20, 'search', 'cut-short']]);
  t.equal(result.search?.isComplete, false);
  matchEach(t, result.search?.levels[0]?.reasons, [{ id: 'level.partial' }]);
  t.match(answerOf(result.search as NonNullable<RunResult['search']>), { kind: 'unknown', because: 'agent' });
  t.equal(result.verdict.kind, 'invalid');
  t.equal(lossOf(result), 0);
});
