import fc from 'fast-check';
import t from 'tap';
import { Histogram } from '../../../core/stats/histogram.ts';
import { RunTotals } from '../../../core/stats/merge.ts';
import { SequenceTracker } from '../../../core/stats/sequence.ts';
import type { HostSample, OperationWindow, Phase, Window } from '../../../core/stats/window.ts';

interface Sample {
  readonly agent: number;
  readonly second: number;
  readonly operation: number;
  readonly phase: Phase;
  readonly responseUs: number;
  readonly serviceUs: number;
  readonly errorKind: string;
}

const OPERATIONS = 3;
const AGENTS = 3;
const HOST: HostSample = {
  processCpuCores: 0.5,
  hostCpuShare: 0.5,
  processMemoryBytes: 1,
  hostMemoryShare: 0.5,
  loopLagMaxUs: 10,
  networkReceivedBytes: 0,
  networkSentBytes: 0,
};
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

function histogramOf(valuesUs: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of valuesUs) histogram.record(value);
  return histogram;
}

function groupBy<Item>(items: readonly Item[], key: (item: Item) => number | string): Item[][] {
  return [...Map.groupBy(items, key).values()];
}

function operationWindow(samples: readonly Sample[]): OperationWindow {
  const { operation, phase } = samples[0] as Sample;
  const failed = samples.filter(({ errorKind }) => errorKind !== '');
  return {
    operation,
    phase,
    errors: failed.length,
    bytesSent: 10 * samples.length,
    bytesReceived: 20 * samples.length,
    responseTime: histogramOf(samples.map(({ responseUs }) => responseUs)).encode(),
    serviceTime: histogramOf(samples.map(({ serviceUs }) => serviceUs)).encode(),
    sendDelay: histogramOf(samples.map(() => 1)).encode(),
    errorKinds: groupBy(failed, ({ errorKind }) => errorKind).map((ofKind) => ({
      kind: (ofKind[0] as Sample).errorKind,
      count: ofKind.length,
      example: `${(ofKind[0] as Sample).errorKind} of agent ${(ofKind[0] as Sample).agent}`,
    })),
  };
}

function windowOf(second: number, samples: readonly Sample[], vus = 1): Window {
  return {
    second,
    operations: groupBy(samples, ({ operation, phase }) => `${operation} ${phase}`).map(operationWindow),
    scenarios: [{ scenario: 0, vus, droppedArrivals: samples.length }],
    writes: samples.map(({ operation }) => ({ driver: 0, key: `key-${operation}`, acknowledged: 1, unknown: 2 })),
    timings: [
      { name: 'http.connect', phase: 'measure', histogram: histogramOf(samples.map((one) => one.serviceUs)).encode() },
    ],
    host: HOST,
  };
}

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
      return [inSecond.slice(0, at), inSecond.slice(at)].map((part) => windowOf(second, part));
    });
    return windows.map((window, i) => ({ agent, seq: i + 1, window }));
  }).flat();
}

/** Fed in this order; between any two of them seconds may be settled, and agents may be away. */
function merge(deliveries: readonly Delivery[], disturbances: readonly number[] = []): RunTotals {
  const totals = new RunTotals({ operations: OPERATIONS, scenarios: 1, drivers: 1 });
  for (let agent = 0; agent < AGENTS; agent++) totals.addAgent();
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
      t.equal(totals.droppedArrivals(0), samples.length);
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

const at = (second: number, ms: number): Sample => ({
  agent: 0,
  second,
  operation: 0,
  phase: 'measure',
  responseUs: ms * 1000,
  serviceUs: 1,
  errorKind: '',
});

function twoAgents(): RunTotals {
  const totals = new RunTotals({ operations: 1, scenarios: 1, drivers: 1 });
  totals.addAgent();
  totals.addAgent();
  return totals;
}

t.test('a second is settled when every agent that is there has sent a window of a later one', (t) => {
  const totals = twoAgents();
  totals.add(0, 1, windowOf(0, [at(0, 1)]));
  totals.add(0, 2, windowOf(1, [at(1, 1)]));
  t.same(totals.settle(noMonitors), [], 'the other agent has sent nothing');
  totals.add(1, 1, windowOf(0, [at(0, 3)]));
  t.same(totals.settle(noMonitors), [], 'the other agent may still add to second 0');
  totals.add(1, 2, windowOf(1, []));
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
    ],
  );
  totals.setPresence(0, 'left');
  t.same(
    totals.settle(noMonitors).map(({ second, vus }) => [second, vus]),
    [[2, 1]],
  );
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
  const totals = new RunTotals({ operations: 1, scenarios: 1, drivers: 1 });
  totals.addAgent();
  totals.add(0, 1, windowOf(3, [at(3, 1)]));
  totals.add(0, 2, windowOf(4, [at(4, 1)]));
  t.same(
    totals.settle(noMonitors).map(({ second, operations }) => [second, operations.length]),
    [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
    ],
  );
  t.end();
});

t.test('the second in which the warm-up ends has both phases apart, and percentiles of both together', (t) => {
  const totals = new RunTotals({ operations: 1, scenarios: 1, drivers: 1 });
  totals.addAgent();
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

t.test("an agent's own closing totals agree with what was merged, or it is said where not", (t) => {
  const totals = new RunTotals({ operations: 2, scenarios: 1, drivers: 1 });
  totals.addAgent();
  totals.add(0, 1, windowOf(0, [at(0, 1), { ...at(0, 2), errorKind: 'timeout' }]));
  const total = { operation: 0, phase: 'measure' as const, count: 2, errors: 1, responseSumUs: 3000, serviceSumUs: 2 };
  const closing = { totals: [total], acknowledged: 2, unknown: 4 };
  t.same(totals.agent(0).differences(closing), []);
  t.same(totals.agent(0).differences({ ...closing, totals: [{ ...total, count: 3 }], unknown: 5 }), [
    'count of operation 0 (measure): 3 at the agent, 2 merged',
    'writes without an answer: 5 at the agent, 4 merged',
  ]);
  t.match(totals.agent(0).differences({ ...closing, totals: [] }), [
    /^count of operation 0 .*: 0 at the agent, 2 merged/,
  ]);
  t.match(totals.agent(0).differences({ ...closing, totals: [total, { ...total, operation: 1 }] }), [
    /^count of operation 1 .*: 2 at the agent, 0 merged/,
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
