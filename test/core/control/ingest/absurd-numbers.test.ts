/** Numbers that one agent makes up: they end that agent at most. What the others measured is shown, kept and reported. */

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import t from 'tap';
import { vusLimit, WindowCheck } from '../../../../core/control/ingest/window-check.ts';
import type { WindowSource } from '../../../../core/control/ingest/window-source.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import { RunTotals } from '../../../../core/stats/merge.ts';
import type { Window } from '../../../../core/stats/window.ts';
import { type Snapshot, SnapshotSchema, WatchRunResponseSchema } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { decodeWindow, encodeWindow, WireError } from '../../../../proto/window-codec.ts';
import { readResult } from '../../../../reports/read-result.ts';
import { matchEach } from '../../../kit/match-each.ts';
import fc from '../../../kit/property.ts';
import { histogramOf, padded, sampleAt, windowOf } from '../../../kit/results/windows.ts';
import type { ScriptedAgent } from '../scene/scripted-agent.ts';
import { fakePlan, longPlan, stage } from '../scene/stage.ts';

const SAMPLE = { atUs: 1, durationUs: 1, message: '', sent: 'GET /', received: '' };
const shape = { operations: 1, journeys: 0, scenarios: 1, drivers: 1 };

/** Numbers at the ends of what the fields of a window hold. */
const whole = fc.oneof(fc.nat(5), fc.constantFrom(2 ** 31, 2 ** 32 - 1));
const number = fc.oneof(
  fc.nat(5),
  fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1.7e308, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY),
);

/** A window with one figure of every kind replaced. */
const windows = fc
  .record(
    {
      vus: whole,
      dropped: number,
      missed: number,
      acknowledged: number,
      unknown: number,
      sent: number,
      received: number,
      count: fc.oneof(fc.constant(1), whole),
      durationUs: fc.oneof(fc.constant(5000), number),
    },
    { noNullPrototype: true },
  )
  .map((made): Window => {
    const { vus, dropped, missed, acknowledged, unknown, sent, received, count, durationUs } = made;
    const one = histogramOf([Math.min(3.6e9, Math.max(0, Math.trunc(durationUs) || 0))]).encode();
    const histogram = { ...one, minUs: durationUs, maxUs: durationUs, sumUs: durationUs * count, counts: [count] };
    const window = windowOf(0, [sampleAt(0, 5)]);
    return {
      ...window,
      operations: window.operations.map((operation) => ({
        ...operation,
        bytesSent: sent,
        bytesReceived: received,
        responseTime: histogram,
        serviceTime: histogram,
        sendDelay: histogram,
      })),
      scenarios: [{ scenario: 0, vus, droppedArrivals: dropped, missedArrivals: missed }],
      writes: [{ driver: 0, key: 'k', acknowledged, unknown }],
    };
  });

t.test(
  'whatever windows say, those that are taken add up to numbers that every field and reader can hold',
  async () => {
    const property = fc.property(fc.array(windows, { maxLength: 30 }), (all) => {
      const totals = new RunTotals(shape);
      const check = new WindowCheck({ shape, maxVus: () => 5 }, totals);
      const agents = all.map(() => totals.addAgent('agent-1'));
      let taken = 0;
      for (const [agent, window] of all.entries()) {
        try {
          const read = decodeWindow(encodeWindow(window), shape);
          const index = agents[agent] as number;
          check.check({ index }, read, 0);
          totals.add(index, 1, read);
          taken++;
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
        }
      }
      for (const agent of agents) totals.setPresence(agent, 'left');
      totals.settle(() => ({}));
      const measured = totals.operationResults()[0]?.measure;
      const sums = [
        totals.timeline.vusAt(0),
        totals.dropped(0).droppedArrivals,
        totals.dropped(0).missedArrivals,
        totals.writesOf(0).get('k')?.acknowledged ?? 0,
        totals.writesOf(0).get('k')?.unknown ?? 0,
        measured?.requests ?? 0,
        measured?.bytesSent ?? 0,
        measured?.bytesReceived ?? 0,
        measured?.responseTime.maxUs ?? 0,
      ];
      return sums.every((sum) => Number.isSafeInteger(sum) && sum >= 0) && totals.timeline.vusAt(0) <= 5 * taken;
    });
    fc.assert(property, { numRuns: 500 });
  },
);

t.test('each kind of figure has its limit, and the message names the field', (t) => {
  const totals = new RunTotals(shape);
  const source = { index: totals.addAgent('agent-1') };
  const check = new WindowCheck({ shape, maxVus: () => 7 }, totals);
  const window = windowOf(3, [sampleAt(3, 5)]);
  const [operation] = window.operations;
  const [scenario] = window.scenarios;
  const [write] = window.writes;
  if (!operation || !scenario || !write) throw new Error('the window has no parts');
  const many = { ...operation.responseTime, counts: [1e9 + 1] };
  const long = histogramOf([3.6e9]).encode();
  const cases: [Partial<Window>, RegExp][] = [
    [{ second: 14 }, /^it sent a window of second 14, but the run is in second 3: its clock may have jumped$/],
    [{ operations: [{ ...operation, operation: 1 }] }, /^operations\.operation is 1, but the plan has 1$/],
    [
      { operations: [{ ...operation, slowest: [{ atUs: 1, responseTimeUs: 2 ** 53 - 1, traceId: '' }] }] },
      /^operations\.slowest has a time of 9007199254740991 µs in a window of second 3$/,
    ],
    [
      {
        operations: [
          {
            ...operation,
            errorKinds: [{ kind: 'x', count: 1, example: '', samples: [{ ...SAMPLE, durationUs: 1e12 }] }],
          },
        ],
      },
      /^operations\.samples has a time of 1000000000000 µs/,
    ],
    [{ operations: [{ ...operation, bytesSent: 1e13 + 1 }] }, /^operations\.bytes_sent add up to/],
    [{ operations: [{ ...operation, bytesReceived: 1e13 + 1 }] }, /^operations\.bytes_received add up to/],
    [
      { operations: [{ ...operation, responseTime: many }] },
      /^operations\.response_time\.counts add up to 1000000001 /,
    ],
    [{ operations: [{ ...operation, responseTime: long }] }, /^operations\.response_time\.max_us is 3600000000 /],
    [{ operations: [{ ...operation, serviceTime: long }] }, /^operations\.service_time\.max_us is/],
    [{ operations: [{ ...operation, sendDelay: long }] }, /^operations\.send_delay\.max_us is/],
    [{ scenarios: [{ ...scenario, scenario: 1 }] }, /^scenarios\.scenario is 1, but the plan has 1$/],
    [{ scenarios: [{ ...scenario, vus: 8 }] }, /^scenarios\.vus is 8, but scenario 0 has at most 7$/],
    [{ scenarios: [{ ...scenario, droppedArrivals: 1e9 + 1 }] }, /^scenarios\.dropped_arrivals add up to/],
    [{ scenarios: [{ ...scenario, missedArrivals: 1e9 + 1 }] }, /^scenarios\.missed_arrivals add up to/],
    [{ ratios: [{ name: 'a.b', phase: 'measure', hits: 0, of: 1e9 + 1 }] }, /^ratios\.of add up to/],
    [{ writes: [{ ...write, driver: 1 }] }, /^writes\.driver is 1, but the plan has 1$/],
    [
      {
        writes: [
          { ...write, acknowledged: 6e8 },
          { ...write, acknowledged: 6e8 },
        ],
      },
      /^writes\.acknowledged add up to/,
    ],
    [{ writes: [{ ...write, unknown: 1e9 + 1 }] }, /^writes\.unknown add up to/],
    [{ timings: [{ name: 't', phase: 'measure', histogram: many }] }, /^timings\.histogram\.counts add up to/],
  ];
  check.check(source, window, 3);
  for (const [change, message] of cases)
    t.throws(() => check.check(source, { ...window, ...change }, 3), { name: 'WireError', message });
  t.end();
});

t.test('an agent sends a bounded number of failure samples', (t) => {
  const check = new WindowCheck({ shape, maxVus: () => 5 }, new RunTotals(shape));
  const source = (name: string) => ({ name }) as WindowSource;
  const { operations } = windowOf(0, [sampleAt(0, 5)]);
  const failing = operations.map((operation) => ({
    ...operation,
    errorKinds: [{ kind: 'timeout', count: 1, example: '', samples: [SAMPLE, SAMPLE, SAMPLE] }],
  }));
  const one = source('one');
  for (let i = 0; i < 100; i++) check.checkSamples(one, { operations: failing });
  check.checkSamples(one, { operations });
  const message = 'it sent 303 failure samples: control takes 300 from one agent';
  t.throws(() => check.checkSamples(one, { operations: failing }), { name: 'WireError', message });
  check.checkSamples(source('other'), { operations: failing });
  t.end();
});

t.test('a scenario has as many users as the plan or a change of its load allows', (t) => {
  const { devices } = fakePlan.scenarios;
  const byRate = { ...devices, executor: 'constant-arrival-rate', vus: undefined, rate: 1, maxVus: 9 };
  const ramping = {
    ...devices,
    executor: 'ramping-vus',
    vus: undefined,
    duration: undefined,
    stages: [{ target: 40, duration: '5s' }],
  };
  const plan = parsePlan(JSON.parse(JSON.stringify({ ...fakePlan, scenarios: { devices, byRate, ramping } })));
  const limit = vusLimit(plan, () => [
    { kind: 'level', atUs: 1, scenario: 0, level: 30 },
    { kind: 'level', atUs: 2, scenario: 0, level: 3 },
    { kind: 'level', atUs: 3, scenario: 1, level: 5000 },
    { kind: 'pause', atUs: 4 },
  ]);
  t.same([limit(0), limit(1), limit(2), limit(3)], [30, 9, 40, 0]);
  t.end();
});

/** What a watcher over gRPC is sent: a snapshot that cannot be encoded would end its call. */
function overTheWire(snapshot: Snapshot): Snapshot {
  const message = create(WatchRunResponseSchema, {
    event: { case: 'snapshot', value: create(SnapshotSchema, snapshot) },
  });
  const { event } = fromBinary(WatchRunResponseSchema, toBinary(WatchRunResponseSchema, message));
  if (event.case !== 'snapshot') throw new Error('it is no snapshot');
  return event.value;
}

t.test('an agent with 4294967295 users is refused; the others are watched, and the report comes', async (t) => {
  const scene = await stage(t);
  const [good, liar] = [await scene.agent({ name: 'good' }), await scene.agent({ name: 'liar' })] as [
    ScriptedAgent,
    ScriptedAgent,
  ];
  const runId = await scene.running([good, liar], { plan: longPlan(6) });
  const shown: Snapshot[] = [];
  const watching = (async () => {
    for await (const { event } of scene.watch(runId))
      if (event.case === 'snapshot') shown.push(overTheWire(event.value));
  })();
  good.window(1, 0, [{ responseUs: [1000] }], 1);
  good.sendWindow(runId, 1);
  liar.window(1, 0, [{ responseUs: [1000] }], 4_294_967_295);
  liar.sendWindow(runId, 1);
  t.equal(
    (await scene.clock.until(liar.next('refused'))).reason,
    'scenarios.vus is 4294967295, but scenario 0 has at most 2',
  );
  for (let second = 1; second < 6; second++) await scene.second(runId, second, [good]);
  good.sendDone(runId);
  await scene.ended(runId);
  await scene.clock.until(watching);
  t.ok(shown.length >= 4, `${shown.length} snapshots`);
  t.ok(shown.every(({ vus }) => vus <= 2));
  const result = readResult(JSON.stringify(await scene.result(runId)));
  matchEach(t, result.agents, [
    { name: 'good', requests: 6, closingTotals: 'agree' },
    { name: 'liar', requests: 0, closingTotals: 'missing' },
  ]);
});

t.test('an agent has one window per second, and so many bytes of them', async (t) => {
  const scene = await stage(t);
  const agents = [await scene.agent({ name: 'many' }), await scene.agent({ name: 'large' })];
  const [many, large] = agents as [ScriptedAgent, ScriptedAgent];
  const runId = await scene.running(agents, { plan: longPlan(20) });
  const send = (agent: ScriptedAgent, seq: number, window: Uint8Array) =>
    agent.send({ case: 'window', value: { runId, epoch: agent.epoch, seq, window } });

  for (let seq = 1; seq <= 12; seq++) send(many, seq, encodeWindow(many.window(seq, seq - 1, [])));
  t.equal(
    (await scene.clock.until(many.next('refused'))).reason,
    'it sent window 12 in second 0 of the run: an agent has one window per second',
  );

  for (let seq = 1; seq <= 11; seq++)
    send(large, seq, padded(encodeWindow(large.window(seq, seq - 1, [])), 12 * 1024 * 1024));
  t.match(
    (await scene.clock.until(large.next('refused'))).reason,
    /^it sent 1\d\d MB of windows by second 0: control takes 4 MB per second from one agent$/,
  );
});
