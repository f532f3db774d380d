import t from 'tap';
import { RunTotals } from '../../../core/stats/merge.ts';
import { matchEach } from '../../kit/match-each.ts';
import { sampleAt as at, histogramOf, windowOf } from '../../kit/results/windows.ts';

const noMonitors = () => ({});

function twoAgents(): RunTotals {
  const totals = new RunTotals({ operations: 1, journeys: 0, scenarios: 1, drivers: 1 });
  totals.addAgent('agent-1');
  totals.addAgent('agent-1');
  return totals;
}

t.test('a second is settled when every agent that is there has sent all of it', (t) => {
  const totals = twoAgents();
  totals.add(0, 1, windowOf(0, [at(0, 1)]));
  t.same(totals.settle(noMonitors), [], 'the other agent has sent nothing');
  totals.add(1, 1, { ...windowOf(0, []), continues: true });
  t.same(totals.settle(noMonitors), [], 'the other agent has more of second 0');
  totals.add(1, 2, windowOf(0, [at(0, 3)]));
  const settled = totals.settle((second) => ({ 'target.queue_depth': second + 7 }));
  t.equal(settled.length, 1);
  t.match(settled[0], {
    second: 0,
    vus: 2,
    droppedArrivals: 2,
    monitors: { 'target.queue_depth': 7 },
    operations: [{ operation: 0, phase: 'measure', requests: 2, errors: 0 }],
  });
  t.strictSame(settled[0]?.operations[0]?.responseTime, histogramOf([1000, 3000]).encode());
  t.same(totals.settle(noMonitors), [], 'once only');
  t.end();
});

t.test('an agent that sends a later second has sent all of those before', (t) => {
  const totals = new RunTotals({ operations: 1, journeys: 0, scenarios: 1, drivers: 1 });
  totals.addAgent('agent-1');
  totals.add(0, 1, { ...windowOf(3, [at(3, 1)]), continues: true });
  t.same(
    totals.settle(noMonitors).map(({ second }) => second),
    [0, 1, 2],
  );
  totals.add(0, 2, { ...windowOf(4, [at(4, 1)]), continues: true });
  t.same(
    totals.settle(noMonitors).map(({ second }) => second),
    [3],
    'as of an agent that cannot say that its second is over',
  );
  t.end();
});

t.test('agents that have left, or are lost, hold nothing up; one behind a gap does', (t) => {
  const totals = twoAgents();
  for (const second of [0, 1, 2]) totals.add(0, second + 1, windowOf(second, [at(second, 1)]));
  totals.add(1, 2, windowOf(1, [at(1, 5)]));
  t.same(totals.settle(noMonitors), [], 'seq 1 of the other agent is still to come');
  totals.setPresence(1, 'lost');
  t.same(
    totals.settle(noMonitors).map(({ second, vus }) => [second, vus]),
    [
      [0, 1],
      [1, 2],
      [2, 1],
    ],
  );
  totals.setPresence(0, 'left');
  totals.setPresence(1, 'here');
  totals.add(1, 1, windowOf(0, [at(0, 9)]));
  const timeline = totals.timelineResult();
  t.same(timeline.all.requests, [2, 2, 1]);
  t.same(timeline.vus, [2, 2, 1], 'the late window also tells its virtual users');
  t.strictSame(timeline.responseTimes[0], histogramOf([1000, 9000]).encode());
  t.end();
});

t.test('virtual users are carried over a second that an agent left out, and forgotten once it has left', (t) => {
  const totals = twoAgents();
  totals.add(0, 1, windowOf(0, [], 10));
  totals.add(0, 2, windowOf(3, [], 20));
  for (const second of [0, 1, 2, 3, 4]) totals.add(1, second + 1, windowOf(second, [], 1));
  totals.setPresence(1, 'left');
  totals.settle(noMonitors);
  totals.setPresence(0, 'left');
  totals.settle(noMonitors);
  t.same(totals.timelineResult().vus, [11, 11, 11, 21, 1]);
  t.equal(totals.timeline.maxVus(0), 21);
  t.end();
});

t.test('an agent that sends nothing cannot keep seconds open without end', (t) => {
  const totals = twoAgents();
  for (let second = 0; second < 40; second++) totals.add(0, second + 1, windowOf(second, [at(second, 1)]));
  const settled = totals.settle(noMonitors);
  t.same([settled[0]?.second, settled.length], [0, 10]);
  t.end();
});

t.test('seconds without a window are settled too, without a gap', (t) => {
  const totals = new RunTotals({ operations: 1, journeys: 0, scenarios: 1, drivers: 1 });
  totals.addAgent('agent-1');
  totals.add(0, 1, windowOf(3, [at(3, 1)]));
  totals.add(0, 2, windowOf(4, [at(4, 1)]));
  t.same(
    totals.settle(noMonitors).map(({ second, operations }) => [second, operations.length]),
    [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
    ],
  );
  t.end();
});

t.test('the second in which the warm-up ends has both phases apart, and percentiles of both together', (t) => {
  const totals = new RunTotals({ operations: 1, journeys: 0, scenarios: 1, drivers: 1 });
  totals.addAgent('agent-1');
  totals.add(0, 1, windowOf(0, [{ ...at(0, 1), phase: 'warmup' }, at(0, 9)]));
  totals.setPresence(0, 'left');
  const [second] = totals.settle(noMonitors);
  t.same(
    second?.operations.map(({ phase, requests }) => [phase, requests]),
    [
      ['warmup', 1],
      ['measure', 1],
    ],
  );
  const timeline = totals.timelineResult();
  t.equal(timeline.operations[0]?.p99Us[0], 9000);
  t.equal(timeline.operations[0]?.p50Us[0], 1000);
  t.end();
});

t.test('the memory of a settled second serves the next one, and goes when that does not need it', (t) => {
  const totals = new RunTotals({ operations: 2, journeys: 0, scenarios: 1, drivers: 1 });
  totals.addAgent('agent-1');
  const many = Array.from({ length: 3000 }, (_, i) => ({ ...at(0, 1), operation: 1, responseUs: i }));
  for (const second of [0, 1]) totals.add(0, second + 1, windowOf(second, [at(second, 1), ...many]));
  totals.settle(noMonitors);
  const { bytes } = totals;
  totals.add(0, 3, windowOf(2, [at(2, 1), ...many]));
  t.equal(totals.bytes, bytes);
  const settled = totals.settle(noMonitors);
  matchEach(t, settled[0]?.operations, [
    { operation: 0, requests: 1 },
    { operation: 1, requests: 3000 },
  ]);
  totals.add(0, 4, windowOf(3, [at(3, 7)]));
  totals.add(0, 5, windowOf(4, []));
  t.matchOnly(
    totals.settle(noMonitors).map(({ operations }) => operations.length),
    [1, 0],
    'only rows with samples',
  );
  t.ok(totals.bytes < 0.6 * bytes, `${totals.bytes} of ${bytes}`);
  t.end();
});
