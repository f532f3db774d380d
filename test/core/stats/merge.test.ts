import t from 'tap';
import { RunTotals } from '../../../core/stats/merge.ts';
import { SequenceTracker } from '../../../core/stats/totals/agent-totals.ts';
import type { Phase, Window } from '../../../core/stats/window.ts';
import fc from '../../kit/property.ts';
import { sampleAt as at, groupBy, histogramOf, type Sample, windowOf } from '../../kit/results/windows.ts';

const OPERATIONS = 3;
const AGENTS = 3;
const noMonitors = () => ({});

const sample: fc.Arbitrary<Sample> = fc.record({
  agent: fc.nat(AGENTS - 1),
  second: fc.nat(5),
  operation: fc.nat(OPERATIONS - 1),
  phase: fc.constantFrom<Phase>('warmup', 'measure'),
  responseUs: fc.oneof(fc.nat(5000), fc.nat(4_000_000_000)),
  serviceUs: fc.nat(5000),
  errorKind: fc.constantFrom('', '', 'timeout', 'http_500'),
});

interface Delivery {
  readonly agent: number;
  readonly seq: number;
  readonly window: Window;
}

/** Each agent's samples as the windows of its seconds, some seconds cut in two. */
function deliveriesOf(samples: readonly Sample[], cut: number): Delivery[] {
  return Array.from({ length: AGENTS }, (_, agent) => {
    const own = samples.filter((one) => one.agent === agent).toSorted((a, b) => a.second - b.second);
    const windows = groupBy(own, ({ second }) => second).flatMap((inSecond) => {
      const { second } = inSecond[0] as Sample;
      const at = cut % (inSecond.length + 1);
      return [
        { ...windowOf(second, inSecond.slice(0, at)), continues: true as const },
        windowOf(second, inSecond.slice(at)),
      ];
    });
    return windows.map((window, i) => ({ agent, seq: i + 1, window }));
  }).flat();
}

/** Fed in this order; between any two of them seconds may be settled, and agents may be away. */
function merge(deliveries: readonly Delivery[], disturbances: readonly number[] = []): RunTotals {
  const totals = new RunTotals({ operations: OPERATIONS, journeys: 0, scenarios: 1, drivers: 1 });
  for (let agent = 0; agent < AGENTS; agent++) totals.addAgent('agent-1');
  deliveries.forEach(({ agent, seq, window }, i) => {
    totals.add(agent, seq, window);
    const disturbance = disturbances[i] ?? 0;
    if (disturbance === 1) totals.settle(noMonitors);
    if (disturbance === 2) totals.setPresence(agent, 'lost');
    if (disturbance === 3) totals.setPresence(agent, 'here');
  });
  for (let agent = 0; agent < AGENTS; agent++) totals.setPresence(agent, 'left');
  totals.settle(noMonitors);
  return totals;
}

const samplesAndOrder = fc.array(sample, { maxLength: 80 }).chain((samples) =>
  fc.nat(50).chain((cut) => {
    const deliveries = deliveriesOf(samples, cut);
    return fc.record({
      samples: fc.constant(samples),
      // Any order, and some of them twice.
      delivered: fc
        .tuple(
          fc.shuffledSubarray(deliveries, { minLength: deliveries.length }),
          fc.shuffledSubarray(deliveries),
          fc.shuffledSubarray(deliveries),
        )
        .map(([all, again, andAgain]) => [...again, ...all, ...andAgain]),
      disturbances: fc.array(fc.nat(4), { maxLength: 100 }),
    });
  }),
);

t.test('any split over agents and windows, any order, any repetition: what one histogram of all samples holds', (t) => {
  fc.assert(
    fc.property(samplesAndOrder, ({ samples, delivered, disturbances }) => {
      const totals = merge(delivered, disturbances);
      totals.operationResults().forEach((phases, operation) => {
        for (const phase of ['warmup', 'measure'] as const) {
          const own = samples.filter((one) => one.operation === operation && one.phase === phase);
          const result = phases[phase];
          t.strictSame(result.responseTime, histogramOf(own.map(({ responseUs }) => responseUs)).encode());
          t.strictSame(result.serviceTime, histogramOf(own.map(({ serviceUs }) => serviceUs)).encode());
          t.strictSame(result.sendDelay, histogramOf(own.map(() => 1)).encode());
          t.equal(result.requests, own.length);
          t.equal(result.bytesReceived, 20 * own.length);
          for (const { kind, count, firstSecond, lastSecond } of result.errorKinds) {
            const seconds = own.filter(({ errorKind }) => errorKind === kind).map(({ second }) => second);
            t.same([count, firstSecond, lastSecond], [seconds.length, Math.min(...seconds), Math.max(...seconds)]);
          }
          t.equal(
            result.errors,
            result.errorKinds.reduce((sum, { count }) => sum + count, 0),
          );
        }
        const written = samples.filter((one) => one.operation === operation).length;
        if (written > 0)
          t.same(totals.writesOf(0).get(`key-${operation}`), { acknowledged: written, unknown: 2 * written });
      });
      const timing = totals.timingResults()[0]?.phases.measure;
      if (timing) t.strictSame(timing, histogramOf(samples.map(({ serviceUs }) => serviceUs)).encode());
      for (const phase of ['warmup', 'measure'] as const) {
        const attempts = samples.filter((one) => one.phase === phase).length;
        t.strictSame(totals.ratios.results()[0]?.phases[phase] ?? { hits: 0, of: 0 }, {
          hits: attempts,
          of: 2 * attempts,
        });
      }
      t.equal(totals.dropped(0).droppedArrivals, samples.length);
      for (let agent = 0; agent < AGENTS; agent++) {
        const own = samples.filter((one) => one.agent === agent);
        const figures = totals.agent(agent).figures();
        t.equal(figures.requests, own.length);
        const measured = own.filter(({ phase }) => phase === 'measure').map(({ responseUs }) => responseUs);
        t.strictSame(totals.agent(agent).responseTime(), histogramOf(measured).encode());
      }
    }),
    { numRuns: 60 },
  );
  t.end();
});

t.test(
  'the timeline counts every sample in its second, however late; all operations together even its percentiles',
  (t) => {
    fc.assert(
      fc.property(samplesAndOrder, ({ samples, delivered, disturbances }) => {
        const timeline = merge(delivered, disturbances).timelineResult();
        const last = Math.max(-1, ...samples.map(({ second }) => second));
        t.equal(timeline.all.requests.length, last + 1);
        for (let second = 0; second <= last; second++) {
          const here = samples.filter((one) => one.second === second);
          const all = histogramOf(here.map(({ responseUs }) => responseUs));
          t.strictSame(timeline.responseTimes[second], all.encode());
          t.same(
            [timeline.all.requests, timeline.all.sumUs, timeline.all.maxUs, timeline.all.p50Us, timeline.all.p99Us].map(
              (column) => column[second],
            ),
            [all.count, all.sumUs, all.maxUs, all.valueAtQuantileUs(0.5), all.valueAtQuantileUs(0.99)],
          );
          t.same(
            [timeline.ratios?.[0]?.hits[second], timeline.ratios?.[0]?.of[second]],
            [here.length, 2 * here.length],
          );
          for (let operation = 0; operation < OPERATIONS; operation++) {
            const own = here.filter((one) => one.operation === operation);
            t.equal(timeline.operations[operation]?.requests[second], own.length);
            t.equal(timeline.operations[operation]?.maxUs[second], Math.max(0, ...own.map((one) => one.responseUs)));
          }
        }
        t.same(
          [timeline.vus, timeline.droppedArrivals, timeline.agentCpuCores, timeline.loopLagUs].map(
            ({ length }) => length,
          ),
          Array(4).fill(last + 1),
        );
      }),
      { numRuns: 60 },
    );
    t.end();
  },
);

t.test('a ratio that one agent calls void is void, for the same reason in whichever order windows come', (t) => {
  const void1 = { name: 'search.recall', phase: 'measure' as const, hits: 1, of: 2, voidReason: 'rows were written' };
  const windows = [
    { ...windowOf(0, []), ratios: [void1] },
    { ...windowOf(0, []), ratios: [{ ...void1, voidReason: 'ids are automatic' }] },
    { ...windowOf(1, []), ratios: [{ name: 'search.recall', phase: 'measure' as const, hits: 3, of: 3 }] },
  ];
  for (const order of [windows, windows.toReversed()]) {
    const totals = merge(order.map((window, agent) => ({ agent, seq: 1, window })));
    t.strictSame(totals.ratios.results(), [
      {
        name: 'search.recall',
        phases: { warmup: { hits: 0, of: 0 }, measure: { hits: 5, of: 7 } },
        voidReason: 'ids are automatic',
      },
    ]);
  }
  t.end();
});

t.test("an agent's own closing totals agree with what was merged, or it is said where not", (t) => {
  const totals = new RunTotals({ operations: 2, journeys: 0, scenarios: 1, drivers: 1 });
  totals.addAgent('agent-1');
  totals.add(0, 1, windowOf(0, [at(0, 1), { ...at(0, 2), errorKind: 'timeout' }]));
  const total = { operation: 0, phase: 'measure' as const, count: 2, errors: 1, responseSumUs: 3000, serviceSumUs: 2 };
  const closing = { totals: [total], acknowledged: 2, unknown: 4 };
  t.same(totals.agent(0).differences(closing), []);
  t.same(totals.agent(0).differences({ ...closing, totals: [{ ...total, count: 3 }], unknown: 5 }), [
    'count of operation 0 (measure): 3 at the agent, 2 merged',
    'writes without an answer: 5 at the agent, 4 merged',
  ]);
  t.strictSame(totals.agent(0).differences({ ...closing, totals: [] }), [
    'count of operation 0 (measure): 0 at the agent, 2 merged',
    'errors of operation 0 (measure): 0 at the agent, 1 merged',
    'responseSumUs of operation 0 (measure): 0 at the agent, 3000 merged',
    'serviceSumUs of operation 0 (measure): 0 at the agent, 2 merged',
  ]);
  t.strictSame(totals.agent(0).differences({ ...closing, totals: [total, { ...total, operation: 1 }] }), [
    'count of operation 1 (measure): 2 at the agent, 0 merged',
    'errors of operation 1 (measure): 1 at the agent, 0 merged',
    'responseSumUs of operation 1 (measure): 3000 at the agent, 0 merged',
    'serviceSumUs of operation 1 (measure): 2 at the agent, 0 merged',
  ]);
  t.end();
});

t.test('seqs are taken once each, and the contiguous ones known, in any order', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), (seqs) => {
      const tracker = new SequenceTracker();
      const taken = new Set<number>();
      for (const seq of seqs) {
        if (tracker.take(seq) === taken.has(seq)) return false;
        taken.add(seq);
        let contiguous = 0;
        while (taken.has(contiguous + 1)) contiguous++;
        if (tracker.contiguous !== contiguous || !tracker.has(seq) || tracker.has(31)) return false;
      }
      return true;
    }),
  );
  t.pass();
  t.end();
});
