/** The search of a run, second by second. */
import t from 'tap';
import { answerOf, notRecovered } from '../../../../core/verdict/capacity/answer.ts';
import { MaxSearch } from '../../../../core/verdict/capacity/max-search.ts';
import { searchMessages } from '../../../../core/verdict/conclusion/search.ts';
import { renderMessage } from '../../../../core/verdict/messages/message.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { runSearch, SETTINGS, SimulatedTarget } from '../../../kit/results/simulated-target.ts';

const said = (search: MaxSearch, capacity?: { need: number; reserve: number }) =>
  searchMessages(search.result(), { capacity }).map((message) => renderMessage(message, 'en'));

t.test(
  'a target of 800 requests/s is found within 5 % in under three minutes, and the answer is confirmed',
  async (t) => {
    const { search, seconds } = runSearch(new SimulatedTarget(800));
    const answer = answerOf(search.result());
    if (answer.kind !== 'found') throw new Error(answer.kind);
    t.ok(answer.isConfirmed);
    t.ok(answer.held.level > 760 && answer.held.level <= 800, String(answer.held.level));
    t.ok(seconds < 180, `${seconds} s`);
    matchEach(t, said(search), [
      /^The target takes \d{3}\/s with p95 < 100ms, error_rate < 1% and dropped_rate <= 1% \(confirmed for \d+s: p95 5\.\d* ms\)\.$/,
      /^At \d{3}\/s it breaks:$/,
      /^p95 < 100ms: failed with [\d.]+ ms\.$/,
    ]);
    t.match(
      said(search, { need: 10_000, reserve: 2 }).at(-1),
      /^For 10,000\/s: 10,000\/s ÷ \d{3}\/s = 1[3-4] machines; with a reserve/,
    );
  },
);

t.test('a level that clearly breaks is left early, and the target gets time to be itself again', async (t) => {
  const { search } = runSearch(new SimulatedTarget(800));
  const { levels } = search.result();
  const broken = levels.find(({ outcome }) => outcome === 'breaks');
  t.equal(broken?.level, 1600);
  t.ok((broken?.toSecond ?? 0) - (broken?.fromSecond ?? 0) <= 6);
  t.match(levels[levels.indexOf(broken as (typeof levels)[number]) + 1], {
    purpose: 'recover',
    outcome: 'holds',
    level: 400,
  });
  levels.forEach(({ fromSecond, toSecond, purpose, outcome }, i) => {
    if (purpose === 'search' && outcome === 'holds') t.ok(toSecond - fromSecond >= 10, 'long enough to settle');
    t.ok(fromSecond >= (levels[i - 1]?.toSecond ?? 0), 'one after the other');
  });
});

t.test('a generator that is full is told apart from a target at its limit', async (t) => {
  const { search } = runSearch(new SimulatedTarget(10_000), {}, (_, level) =>
    level > 400 ? { agentCpuCores: 1, droppedArrivals: level - 400 } : {},
  );
  const answer = answerOf(search.result());
  t.match(answer, { kind: 'least', because: 'generator', held: { level: 400 } });
  matchEach(t, said(search), [
    /^The target takes at least 400\/s/,
    /^This load generator can offer no more, so the limit of the target is not known/,
    /^At \d+\/s the load generator was full:$/,
    /^the process of an agent used 95% of a core or more for \d+ seconds in a row\.$/,
  ]);
});

t.test('requests that the generator sends late are not the target, either', async (t) => {
  const { search } = runSearch(new SimulatedTarget(10_000), {}, (_, level) => (level > 400 ? { lateUs: 150_000 } : {}));
  t.match(answerOf(search.result()), { kind: 'least', because: 'generator', held: { level: 400 } });
});

t.test('a little lateness of the generator does not hide that a target falls behind', async (t) => {
  const { search } = runSearch(new SimulatedTarget(800), {}, (_, level) => (level > 800 ? { lateUs: 15_000 } : {}));
  t.match(answerOf(search.result()), { kind: 'found', held: { level: 800 } });
});

t.test('a generator that measures itself may be full', async (t) => {
  const { search } = runSearch(new SimulatedTarget(800), { isOfGenerator: true }, () => ({ agentCpuCores: 1 }));
  t.equal(answerOf(search.result()).kind, 'found');
});

t.test('seconds in which the generator stalls are left out, and no level ends in the middle of them', async (t) => {
  const slow = { loopLagUs: 900_000, lateUs: 800_000 };
  const { search } = runSearch(new SimulatedTarget(800), {}, (second) => (second % 9 >= 7 ? slow : {}));
  const answer = answerOf(search.result());
  t.match(answer, { kind: 'found' });
  t.ok(answer.kind === 'found' && answer.held.level > 760);
});

t.test('a host without a processor to spare is told apart from a target at its limit', async (t) => {
  const starved = { cpuWaitShare: 0.5, slowUs: 200_000 };
  const { search } = runSearch(new SimulatedTarget(10_000), {}, (_, level) => (level > 400 ? starved : {}));
  t.match(answerOf(search.result()), { kind: 'least', because: 'host', held: { level: 400 }, isConfirmed: true });
  matchEach(t, said(search), [
    /^The target takes at least 400\/s/,
    /^The host of the load generator was too busy to tell more, so the limit of the target is not known\. Search again when it is quiet/,
    /^At \d+\/s nothing could be told:$/,
    /^in \d+ of \d+ seconds the load generator waited for a processor of its host, which others kept busy\.$/,
  ]);
  const { search: never } = runSearch(new SimulatedTarget(10_000), {}, () => starved);
  t.match(answerOf(never.result()), { kind: 'unknown', because: 'host' });
  t.matchOnly(said(never).slice(0, 2), [/^The search found nothing/, /^The host of the load generator was too busy/]);
});

t.test('a level that holds on a busy host holds, and is not waited for', async (t) => {
  const { search, seconds } = runSearch(new SimulatedTarget(10_000), { range: { ...SETTINGS.range, to: 800 } }, () => ({
    cpuWaitShare: 0.5,
  }));
  t.match(answerOf(search.result()), { kind: 'least', because: 'range', held: { level: 800 } });
  t.ok(seconds < 80, `${seconds} s`);
});

t.test('a host that is busy now and then leaves the answer as it is', async (t) => {
  const starved = { cpuWaitShare: 0.4, slowUs: 300_000 };
  const { search } = runSearch(new SimulatedTarget(800), {}, (second) => (second % 12 >= 9 ? starved : {}));
  const answer = answerOf(search.result());
  t.ok(answer.kind === 'found' && answer.held.level > 760 && answer.held.level <= 800, JSON.stringify(answer));
});

t.test('a target that stood still once is tried again, and not taken for one at its limit', async (t) => {
  let stoodStill = 0;
  const { search } = runSearch(new SimulatedTarget(800), {}, (_, level) => {
    return level === 400 && stoodStill++ < 14 && stoodStill > 3 ? { slowUs: 150_000 } : {};
  });
  const answer = answerOf(search.result());
  t.ok(answer.kind === 'found' && answer.held.level > 760, JSON.stringify(answer));
  t.equal(search.result().levels.find(({ outcome }) => outcome === 'breaks')?.level, 400);
});

t.test('a level of which an agent has lost its share says nothing, and is judged once the load is whole', async (t) => {
  const half = (second: number, isPartial: boolean) => (isPartial && second > 0 ? { isPartial } : {});
  const { search } = runSearch(new SimulatedTarget(800), {}, (second) => half(second, second >= 20 && second < 26));
  const answer = answerOf(search.result());
  t.ok(answer.kind === 'found' && answer.held.level > 760, JSON.stringify(answer));
  const { search: over, seconds } = runSearch(new SimulatedTarget(800), {}, (second) => half(second, second >= 20));
  t.match(answerOf(over.result()), { kind: 'least', because: 'agent', held: { level: 100 }, isConfirmed: false });
  t.ok(seconds < 90, `${seconds} s`);
  t.match(said(over)[1], 'The search could not go on, because an agent was lost with its share of the load.');
  t.match(over.result().levels.at(-1), { outcome: 'cut-short', reasons: [{ id: 'level.partial' }] });
  t.equal(new MaxSearch(SETTINGS, over.levels).step.kind, 'done', 'also for another control process');
});

t.test('a target that does not recover is told, and the search goes no further', async (t) => {
  let isBroken = false;
  const target = new SimulatedTarget(800);
  const { search } = runSearch(target, {}, (_, level) => {
    isBroken ||= level > 800;
    return isBroken && level <= 800 ? { operations: [] } : {};
  });
  t.match(answerOf(search.result()), { kind: 'least', because: 'broken', held: { level: 800 } });
  t.match(notRecovered(search.result()), { broke: { level: 1600 }, after: { level: 400 } });
  t.match(
    said(search).at(-1),
    /^The target did not recover after 1600\/s: back at 400\/s, less than it had held before, it was at 0\/s/,
  );
});

t.test('a search that another control process goes on with takes up its level anew', async (t) => {
  const whole = runSearch(new SimulatedTarget(800)).search;
  const levels = whole.levels.slice(0, 4);
  const search = new MaxSearch(SETTINGS, levels);
  const toSecond = levels.at(-1)?.toSecond ?? 0;
  search.resumeAt(toSecond + 20);
  const target = new SimulatedTarget(800);
  t.equal(search.levelAt(0), whole.levels[4]?.level, 'the level that it was at');
  for (let second = 0; second < toSecond + 20; second++)
    t.equal(search.observe({ ...target.second(100), second }), undefined);
  for (const after of [20, 21]) search.observe({ ...target.second(1600), second: toSecond + after });
  t.equal(search.result().levels.at(-1)?.outcome, 'cut-short');
  t.equal(search.result().levels.at(-1)?.fromSecond, toSecond + 20);
});

t.test('a run that ends before its search says what it found until then', async (t) => {
  const search = new MaxSearch(SETTINGS);
  const target = new SimulatedTarget(800);
  for (let second = 0; second < 15; second++) {
    const level = search.levelAt(second);
    search.observe(target.second(level ?? 0));
  }
  t.match(answerOf(search.result()), { kind: 'least', because: 'end', held: { level: 100 }, isConfirmed: false });
  t.match(answerOf(new MaxSearch(SETTINGS).result()), { kind: 'unknown', because: 'end' });
});
