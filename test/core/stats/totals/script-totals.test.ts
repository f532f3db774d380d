/** Rows and checks that scripts name while the load runs, merged over agents. */

import t from 'tap';
import { bucketHighestUs } from '../../../../core/stats/histogram.ts';
import { RunTotals } from '../../../../core/stats/merge.ts';
import type { FinalTotal, ScriptRow, ScriptRowWindow, Window } from '../../../../core/stats/window.ts';
import { decodeWindow, encodeWindow } from '../../../../proto/window-codec.ts';
import fc from '../../../kit/property.ts';
import { histogramOf, windowOf } from '../../../kit/results/windows.ts';

const SHAPE = { operations: 1, journeys: 1, scenarios: 2, drivers: 1, hasScripts: true };

function rowWindow(row: Partial<ScriptRow>, valuesUs: readonly number[], errors = 0): ScriptRowWindow {
  const histogram = histogramOf(valuesUs).encode();
  return {
    row: { scenario: 0, kind: 'request', driver: 'http', type: 'GET', name: 'list', tags: {}, ...row },
    phase: 'measure',
    errors,
    bytesSent: 1,
    bytesReceived: 2,
    responseTime: histogram,
    serviceTime: histogram,
    sendDelay: histogramOf(valuesUs.map(() => 0)).encode(),
    errorKinds: errors === 0 ? [] : [{ kind: 'http_500', count: errors, example: 'no' }],
  };
}

function window(
  second: number,
  rows: readonly ScriptRowWindow[],
  checks: [name: string, passes: number, fails: number][],
): Window {
  return {
    ...windowOf(second, []),
    script: {
      rows,
      checks: checks.map(([name, passes, fails]) => ({ scenario: 0, name, phase: 'measure', passes, fails })),
    },
  };
}

/** Feeds windows of two agents, in this order. */
function merged(deliveries: readonly { agent: number; seq: number; window: Window }[]): RunTotals {
  const totals = new RunTotals(SHAPE);
  for (let agent = 0; agent < 2; agent++) totals.addAgent('agent-1');
  for (const { agent, seq, window } of deliveries) {
    totals.add(agent, seq, decodeWindow(encodeWindow(window), SHAPE));
    totals.settle(() => ({}));
  }
  for (let agent = 0; agent < 2; agent++) totals.setPresence(agent, 'left');
  totals.settle(() => ({}));
  return totals;
}

function shown(totals: RunTotals) {
  return {
    requests: totals.scriptResults('request'),
    measures: totals.scriptResults('measure'),
    checks: totals.script.checks(),
    counts: totals.timelineResult().operations.map(({ requests }) => requests),
    all: totals.timelineResult().all.requests,
  };
}

const NAMES = ['list', 'order', 'buy'];
const part = fc.record({
  agent: fc.nat(1),
  second: fc.nat(3),
  rows: fc.array(
    fc.tuple(
      fc.record({
        name: fc.constantFrom(...NAMES),
        kind: fc.constantFrom('request' as const, 'measure' as const),
        scenario: fc.nat(1),
      }),
      fc.array(fc.nat(5000), { minLength: 1, maxLength: 5 }),
    ),
    { maxLength: 4 },
  ),
  checks: fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.nat(5), fc.nat(5)), { maxLength: 3 }),
});

t.test(
  'windows of several agents add up to the same in any order, though names come with whichever is first',
  async () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (parts, random) => {
        const seqs = [0, 0];
        const deliveries = parts
          .toSorted((a, b) => a.second - b.second)
          .map(({ agent, second, rows, checks }) => ({
            agent,
            seq: ++(seqs as [number, number])[agent as 0 | 1],
            window: window(
              second,
              rows.map(([row, values]) => rowWindow(row, values)),
              checks,
            ),
          }));
        const shuffled = deliveries
          .map((one) => ({ one, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at);
        const [first, second] = [shown(merged(deliveries)), shown(merged(shuffled.map(({ one }) => one)))];
        t.strictSame(second.requests, first.requests);
        t.strictSame(second.measures, first.measures);
        t.strictSame(second.checks, first.checks);
        t.strictSame(second.counts, first.counts);
      }),
      { numRuns: 40 },
    );
  },
);

t.test('requests are in the sum of all, spans are not; an agent has the same sums by its own count', async (t) => {
  const span = rowWindow({ kind: 'measure', driver: '', type: '', name: 'checkout' }, [9000], 1);
  const totals = merged([
    { agent: 0, seq: 1, window: window(0, [rowWindow({}, [1000, 2000], 1), span], [['paid', 2, 1]]) },
    { agent: 1, seq: 1, window: window(0, [rowWindow({ tags: { kind: 'read' } }, [3000])], [['paid', 1, 0]]) },
  ]);
  const [list] = totals.scriptResults('request');
  t.strictSame([list?.row.name, list?.phases.measure.requests, list?.phases.measure.errors], ['list', 3, 1]);
  t.strictSame(totals.timelineResult().all.requests, [3]);
  t.equal(totals.timelineResult().operations.length, 1, 'a journey alone, and after it the row of the script');
  t.strictSame(
    totals.scriptResults('measure').map(({ row, phases }) => [row.name, phases.measure.requests]),
    [['checkout', 1]],
  );
  t.strictSame(totals.script.checks(), [
    { scenario: 0, name: 'paid', phases: { warmup: { passes: 0, fails: 0 }, measure: { passes: 3, fails: 1 } } },
  ]);
  const { requests, errors } = totals.agent(0).figures();
  t.strictSame([requests, errors], [2, 1]);
  const total = (operation: number, count: number, failed: number, sumUs: number): FinalTotal => {
    return { operation, phase: 'measure', count, errors: failed, responseSumUs: sumUs, serviceSumUs: sumUs };
  };
  const told = { totals: [total(1, 2, 1, 3000), total(2, 1, 1, 9000), total(3, 3, 1, 0)], acknowledged: 0, unknown: 0 };
  t.strictSame(totals.agent(0).differences(told), []);
  t.strictSame(totals.agent(0).differences({ ...told, totals: told.totals.slice(0, 2) }), [
    'count of each check of scripts (measure): 0 at the agent, 3 merged',
    'errors of each check of scripts (measure): 0 at the agent, 1 merged',
  ]);
});

const rowsNamed = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => rowWindow({ name: `list ${from + i}` }, [1000]));

t.test('beyond a thousand names of an agent, what comes after is counted as one, and no sample is lost', async (t) => {
  const totals = merged([
    { agent: 0, seq: 1, window: window(0, rowsNamed(0, 600), [['paid', 1, 0]]) },
    { agent: 0, seq: 2, window: window(1, rowsNamed(500, 1100), [['unpaid', 0, 1]]) },
  ]);
  t.ok(totals.script.hasOther);
  const requests = totals.scriptResults('request');
  t.equal(requests.length, 998 + 1, 'two names are those of checks');
  t.equal(requests.find(({ row }) => row.name === '(other)')?.phases.measure.requests, 1100 - 998);
  t.equal(
    requests.reduce((sum, { phases }) => sum + phases.measure.requests, 0),
    1200,
  );
  t.strictSame(
    totals.script.checks().map(({ name }) => name),
    ['paid', 'unpaid'],
  );
});

t.test('an agent that makes up names leaves names to the others, and what several give counts for none', async (t) => {
  const totals = new RunTotals(SHAPE);
  const [broken, one, two] = [totals.addAgent('agent-1'), totals.addAgent('agent-1'), totals.addAgent('agent-1')] as [
    number,
    number,
    number,
  ];
  for (let second = 0; second < 5; second++) {
    const madeUp = Array.from({ length: 1000 }, (_, i) => rowWindow({ name: `id ${second} ${i}` }, [1000]));
    totals.add(broken, second + 1, window(second, madeUp, []));
  }
  const countOf = (prefix: string) =>
    totals.scriptResults('request').filter(({ row }) => row.name.startsWith(prefix)).length;
  t.equal(countOf('id '), 1000);
  totals.add(one, 1, window(0, rowsNamed(0, 240), []));
  t.equal(countOf('list '), 200, 'an agent alone does not take all that are left');
  totals.add(two, 1, window(0, rowsNamed(0, 240), []));
  t.equal(countOf('list '), 240);
  totals.add(broken, 6, window(5, rowsNamed(2000, 3000), []));
  t.equal(countOf('list '), 240);
  t.equal(
    totals.scriptResults('request').reduce((sum, { phases }) => sum + phases.measure.requests, 0),
    5 * 1000 + 2 * 240 + 1000,
  );
});

t.test('whatever an agent sends for its rows, memory has an end, and sums and counts stay exact', async (t) => {
  const totals = new RunTotals(SHAPE);
  const agent = totals.addAgent('agent-1');
  totals.addAgent('agent-1');
  // One duration in each of many buckets that lie apart, in a thousand rows of both phases.
  const wide = histogramOf(Array.from({ length: 1600 }, (_, i) => bucketHighestUs(1000 + 10 * i))).encode();
  const rows = rowsNamed(0, 1000).flatMap((row) =>
    (['warmup', 'measure'] as const).map((phase) => ({
      ...row,
      phase,
      responseTime: wide,
      serviceTime: wide,
      sendDelay: wide,
    })),
  );
  for (const second of [0, 1]) totals.add(agent, second + 1, window(second, rows, []));
  t.ok(totals.isCoarse);
  t.ok(totals.hasLateWindows, 'rows of open seconds for which there was no room');
  t.ok(totals.bytes < 400e6, `${totals.bytes}`);
  const results = totals.scriptResults('request');
  t.equal(results.length, 1000);
  for (const { phases } of [results[0], results[999]] as typeof results) {
    t.equal(phases.measure.requests, 2 * 1600);
    t.equal(phases.measure.responseTime.sumUs, 2 * wide.sumUs);
    t.equal(phases.measure.responseTime.maxUs, wide.maxUs);
  }
  totals.setPresence(1, 'left');
  totals.setPresence(agent, 'left');
  const settled = totals.settle(() => ({}));
  t.equal(settled.length, 2);
  const timeline = totals.timelineResult();
  t.strictSame(timeline.all.requests, [3_200_000, 3_200_000]);
  t.strictSame(
    timeline.responseTimes.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0)),
    timeline.all.requests,
  );
  t.strictSame(timeline.all.maxUs, [wide.maxUs, wide.maxUs]);
});
