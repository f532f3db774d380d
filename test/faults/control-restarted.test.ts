/** What control itself does each second, and cannot do while it is away: it asks monitors, shapes the load, and judges the levels of a search. */
import t from 'tap';
import type { RunResult } from '../../core/stats/result.ts';
import { answerOf } from '../../core/verdict/capacity/answer.ts';
import { RunState } from '../../proto/gen/bench/v1/run_pb.ts';
import { doubtsOf, Fleet, levelsOf, textsOf, totalsOf, uploadsOf, WHOLE_SEARCH } from './fleet.ts';

t.setTimeout(400_000);

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const SHAPE = 'export default (second) => (second < 22 ? { level: 2 * (second + 1), spawnRate: 2 } : undefined);';
const PLAN = `
name: shaped
scenarios:
  steps: { executor: shape, shape: ./shape.ts, maxVus: 50, thinkTime: 30ms, operations: [{ driver: http-upload }] }
monitors:
  target: { use: prometheus }
`;

t.test('control is killed and started again: the shape goes on, monitors have a gap that is told', async (t) => {
  const fleet = await Fleet.start(t, { files: { 'shape.ts': SHAPE, 'shaped.yaml': PLAN } });
  await fleet.agent('a');
  await fleet.agent('b');
  // A shape is sent with the run, by the command.
  const run = fleet.bench(['run', 'shaped.yaml', '--host', fleet.url, '--expect-agents', '2', '--out', 'out']);
  const [, runId = ''] = await run.said(/^run (\w+):/m);
  await fleet.reached(runId, [RunState.RUNNING]);
  await later(2500);
  await fleet.killControl();
  await later(1000);
  await fleet.startControlAgain();
  const result = await fleet.result(runId);
  t.same(totalsOf(result), [
    ['a', 'agree'],
    ['b', 'agree'],
  ]);
  t.same(doubtsOf(result), []);
  t.equal(await fleet.rows(), uploadsOf(result));

  const text = textsOf(result).find((one) => one.startsWith('monitors have no values')) ?? '';
  const [from = 0, to = 0] = /for seconds (\d+) to (\d+)$/.exec(text)?.slice(1).map(Number) ?? [];
  t.ok(from >= 1 && to >= from && to <= 15, text);
  t.ok(result.monitors.length > 0);
  for (const { name, seconds, values } of result.monitors) {
    t.equal(seconds.length, values.length);
    const before = seconds.filter((second) => second < from);
    t.ok(before.length >= from - 2, `${name} keeps what was measured before: ${seconds}`);
    t.same([...new Set(seconds)], seconds, 'a second once');
    t.notOk(
      seconds.some((second) => second >= from && second <= to),
      'nothing is made up for the gap',
    );
    t.ok(
      seconds.some((second) => second > to),
      'it goes on',
    );
  }
  const { vus } = result.timeline;
  t.ok(vus.length <= 24, `the load ends when the shape says so: ${vus}`);
  t.same(vus.slice(0, 2), [2, 4], 'before');
  t.same(vus.slice(20, 22), [42, 44], 'and after');
  t.ok(
    vus.slice(0, 22).every((count, second) => count <= 2 * (second + 1) && count >= (vus[second - 1] ?? 0)),
    `between, agents hold their level: ${vus}`,
  );
});

t.test('control is killed in a level, and in the next one: each is held anew, and every total is exact', async (t) => {
  const fleet = await Fleet.start(t);
  await fleet.agent('a');
  await fleet.agent('b');
  const runId = await fleet.search();
  for (const ms of [3000, 16_000]) {
    await later(ms);
    await fleet.killControl();
    await later(1000);
    await fleet.startControlAgain();
  }
  const result = await fleet.result(runId);
  t.same(levelsOf(result), WHOLE_SEARCH);
  t.match(answerOf(result.search as NonNullable<RunResult['search']>), { kind: 'least', because: 'range' });
  const restarts = result.events
    .filter(({ text }) => /^control was restarted/.test(text))
    .map(({ atUs }) => atUs / 1e6);
  t.equal(restarts.length, 2);
  for (const restart of restarts) {
    t.notOk(
      result.search?.levels.some(({ fromSecond, toSecond }) => fromSecond < restart && restart < toSecond),
      `no level is judged by what was before ${restart} s and after it: ${JSON.stringify(result.search?.levels)}`,
    );
  }
  t.same(totalsOf(result), [
    ['a', 'agree'],
    ['b', 'agree'],
  ]);
  t.same(doubtsOf(result), []);
  t.equal(await fleet.rows(), uploadsOf(result));
});
