import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import t from 'tap';
import { Histogram } from '../../core/stats/histogram.ts';
import type { Window } from '../../core/stats/window.ts';
import { WindowSchema } from '../../proto/gen/bench/v1/window_pb.ts';
import { decodeWindow, encodeWindow, WireError } from '../../proto/window-codec.ts';
import fc from '../kit/property.ts';

function histogramOf(valuesUs: readonly number[]) {
  const histogram = new Histogram();
  for (const value of valuesUs) histogram.record(value);
  return histogram.encode();
}

const SHAPE = { operations: 2, scenarios: 3 };

const host = {
  processCpuCores: 0.5,
  hostCpuShare: 0.25,
  processMemoryBytes: 1e8,
  hostMemoryShare: 0.125,
  loopLagMaxUs: 1500,
  cpuWaitShare: 0.0625,
};

const count = fc.nat({ max: 2 ** 31 });
const samples = fc.array(fc.integer({ min: 0, max: 4_000_000_000 }), { minLength: 1, maxLength: 30 });
const phase = fc.constantFrom('warmup' as const, 'measure' as const);
const operation = fc
  .tuple(fc.nat(20), phase, samples, count, count, fc.boolean(), fc.string({ maxLength: 20 }))
  .map(([index, ofPhase, values, bytesSent, bytesReceived, failed, text]) => ({
    operation: index,
    phase: ofPhase,
    errors: failed ? values.length : 0,
    bytesSent,
    bytesReceived,
    responseTime: histogramOf(values),
    serviceTime: histogramOf(values.map((value) => value >> 1)),
    sendDelay: histogramOf(values.map(() => 0)),
    errorKinds: failed ? [errorKind(text.toWellFormed(), values.length)] : [],
  }));

/** Only some have samples. */
function errorKind(text: string, count: number) {
  const samples = [{ atUs: count, durationUs: 7, message: text, sent: `${text}\n\n`, received: '' }];
  return { kind: text, count, example: text, ...(text.length > 5 && { samples }) };
}

const ratio = fc.tuple(phase, count, count, fc.boolean()).map(([ofPhase, hits, misses, isVoid]) => ({
  name: 'search.recall',
  phase: ofPhase,
  hits,
  of: hits + misses,
  ...(isVoid && { voidReason: 'rows were written' }),
}));

const anyWindow: fc.Arbitrary<Window> = fc
  .record({
    second: fc.nat(100_000),
    operations: fc.array(operation, { maxLength: 4 }),
    scenarios: fc.array(
      fc
        .record({ scenario: fc.nat(5), vus: fc.nat(1000), droppedArrivals: count, missedArrivals: count })
        .map((one) => ({ ...one, missedArrivals: Math.min(one.missedArrivals, one.droppedArrivals) })),
      { maxLength: 3 },
    ),
    writes: fc.array(
      fc.record({
        driver: fc.nat(5),
        key: fc.string().map((key) => key.toWellFormed()),
        acknowledged: count,
        unknown: count,
      }),
    ),
    timings: fc.array(fc.record({ name: fc.constant('http.connect'), phase, histogram: samples.map(histogramOf) })),
    ratios: fc.option(fc.array(ratio, { minLength: 1, maxLength: 3 }), { nil: undefined }),
    host: fc.constant(host),
    isPart: fc.boolean(),
  })
  .map(({ ratios, isPart, ...window }) => {
    return { ...window, ...(ratios !== undefined && { ratios }), ...(isPart && { continues: true as const }) };
  });

t.test('any window comes back from the wire as it was', (t) => {
  fc.assert(
    fc.property(anyWindow, (window) => {
      t.strictSame(decodeWindow(encodeWindow(window), SHAPE), structuredClone(window));
    }),
    { numRuns: 50 },
  );
  t.end();
});

/** A good window with one thing broken. */
function broken(change: (message: ReturnType<typeof goodMessage>) => void) {
  const message = goodMessage();
  change(message);
  return toBinary(WindowSchema, create(WindowSchema, message as MessageInitShape<typeof WindowSchema>));
}

function goodMessage() {
  const histogram = () => ({
    minUs: 5,
    maxUs: 2_000_000,
    sumUs: 2_000_012,
    indexDeltas: [5, 2, 12_186],
    counts: [1, 1, 1],
  });
  return {
    second: 3,
    operations: [
      {
        operation: 0,
        phase: 2,
        errors: 1,
        bytesSent: 0,
        bytesReceived: 0,
        responseTime: histogram(),
        serviceTime: histogram(),
        sendDelay: histogram(),
        errorKinds: [{ kind: 'timeout', count: 1, example: '' }],
      },
    ],
    scenarios: [{ scenario: 0, vus: 1, droppedArrivals: 0, missedArrivals: 0 }],
    writes: [{ driver: 0, key: 'device-1', acknowledged: 1, unknown: 0 }],
    timings: [{ name: 'http.connect', phase: 2, histogram: histogram() }],
    ratios: [{ name: 'search.recall', phase: 2, hits: 9, of: 10, voidReason: '' }],
    host,
  };
}

t.test('the good message that the broken ones are made of is read', (t) => {
  const window = decodeWindow(
    broken(() => {}),
    SHAPE,
  );
  t.strictSame(window.operations[0]?.responseTime.indices, [5, 7, 12_193]);
  t.end();
});

t.test('a message that breaks the rules is refused with a sentence that names the field', (t) => {
  type Message = ReturnType<typeof goodMessage>;
  const first = (message: Message) => message.operations[0] as Message['operations'][number];
  const ratioOf = (message: Message) => message.ratios[0] as Message['ratios'][number];
  const cases: [RegExp, (message: Message) => void][] = [
    [/response_time\.index_deltas\[1\] leads to bucket 5/, (m) => (first(m).responseTime.indexDeltas[1] = 0)],
    [/response_time\.index_deltas\[2\].*stay below/, (m) => (first(m).responseTime.indexDeltas[2] = 4_000_000_000)],
    [/response_time\.counts\[1\] is 0/, (m) => (first(m).responseTime.counts[1] = 0)],
    [/3 index_deltas and 2 counts/, (m) => first(m).sendDelay.counts.pop()],
    [/0 index_deltas and 3 counts/, (m) => (first(m).sendDelay.indexDeltas = [])],
    [/min_us 6 .* do not/, (m) => (first(m).responseTime.minUs = 6)],
    [/max_us 9 do not/, (m) => (first(m).responseTime.maxUs = 9)],
    [/sum_us is Infinity/, (m) => (first(m).responseTime.sumUs = Number.POSITIVE_INFINITY)],
    [/sum_us is 0, which 3 values from 5 to \d+ cannot/, (m) => (first(m).responseTime.sumUs = 0)],
    [/sum_us is 9007199254740991, which 3 values/, (m) => (first(m).sendDelay.sumUs = Number.MAX_SAFE_INTEGER)],
    [/response_time has 4 samples, service_time 3/, (m) => (first(m).responseTime.counts[0] = 2)],
    [/errors is 4, more than the 3 samples/, (m) => (first(m).errors = 4)],
    [/error_kinds add up to 1, but operations\.errors is 2/, (m) => (first(m).errors = 2)],
    [/operations\.phase is 0/, (m) => (first(m).phase = 0)],
    [/bytes_sent is -5/, (m) => (first(m).bytesSent = -5)],
    [
      /writes\.key has 201 characters/,
      (m) => (m.writes = [{ driver: 0, key: 'k'.repeat(201), acknowledged: 1, unknown: 0 }]),
    ],
    [/writes\.unknown is -1/, (m) => (m.writes = [{ driver: 0, key: 'k', acknowledged: 1, unknown: -1 }])],
    [
      /scenarios\.missed_arrivals is 5, more than the 4 that were dropped/,
      (m) => (m.scenarios = [{ scenario: 0, vus: 1, droppedArrivals: 4, missedArrivals: 5 }]),
    ],
    [
      /dropped_arrivals is 1\.5/,
      (m) => (m.scenarios = [{ scenario: 0, vus: 1, droppedArrivals: 1.5, missedArrivals: 0 }]),
    ],
    [
      /^operations are more than 4, the most that a window may have$/,
      (m) => (m.operations = new Array(5).fill(first(m))),
    ],
    [
      /^scenarios are more than 3, the most that a window may have$/,
      (m) => (m.scenarios = new Array(4).fill({ scenario: 0, vus: 1, droppedArrivals: 0, missedArrivals: 0 })),
    ],
    [/ratios\.hits is 11, more than the 10 that ratios\.of has/, (m) => (ratioOf(m).hits = 11)],
    [/ratios\.hits is -1/, (m) => (ratioOf(m).hits = -1)],
    [/ratios\.of is 10\.5/, (m) => (ratioOf(m).of = 10.5)],
    [/ratios\.phase is 0/, (m) => (ratioOf(m).phase = 0)],
    [/ratios\.void_reason has 301 characters/, (m) => (ratioOf(m).voidReason = 'x'.repeat(301))],
    [/^ratios are more than 100/, (m) => (m.ratios = new Array(101).fill(ratioOf(m)))],
    [/timings\.phase is 7/, (m) => (m.timings = [{ name: 'x', phase: 7, histogram: first(m).responseTime }])],
  ];
  for (const [sentence, change] of cases) {
    t.throws(() => decodeWindow(broken(change), SHAPE), { name: 'WireError', message: sentence });
  }
  t.end();
});

/** What is read is a window that can be sent on. */
function refusesOrReads(bytes: Uint8Array): void {
  let read: Window;
  try {
    read = decodeWindow(bytes, SHAPE);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return;
  }
  t.strictSame(decodeWindow(encodeWindow(read), SHAPE), read);
}

t.test('bytes at random, and windows with bytes at random in them, are refused with a WireError or read', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), refusesOrReads), { numRuns: 300 });
  fc.assert(
    fc.property(anyWindow, fc.nat(), fc.nat(255), (window, at, byte) => {
      const bytes = encodeWindow(window);
      bytes[at % bytes.length] = byte;
      refusesOrReads(bytes);
      refusesOrReads(bytes.subarray(0, at % bytes.length));
    }),
    { numRuns: 300 },
  );
  t.end();
});

t.test('fields that are not known, and numbers one by one, are read past', (t) => {
  const bytes = broken(() => {});
  const unknown = [0x7a, 2, 1, 2, 0x78, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4];
  t.strictSame(decodeWindow(Uint8Array.from([...unknown, ...bytes, ...unknown]), SHAPE), decodeWindow(bytes, SHAPE));
  // A timing whose histogram has its two buckets unpacked: 5 µs once, 7 µs twice.
  const double = (value: number) => [...new Uint8Array(new Float64Array([value]).buffer)];
  const sums = [0x09, ...double(5), 0x11, ...double(7), 0x19, ...double(19)];
  const unpacked = [...sums, 0x20, 5, 0x20, 2, 0x30, 1, 0x30, 2];
  // The same in packed fields that come in several parts, one of them empty.
  const inParts = [...sums, 0x22, 1, 5, 0x22, 0, 0x32, 1, 1, 0x22, 1, 2, 0x32, 1, 2];
  for (const histogram of [unpacked, inParts]) {
    const timing = [0x0a, 1, 0x78, 0x10, 2, 0x1a, histogram.length, ...histogram];
    t.strictSame(decodeWindow(Uint8Array.from([0x2a, timing.length, ...timing]), SHAPE).timings, [
      { name: 'x', phase: 'measure', histogram: histogramOf([5, 7, 7]) },
    ]);
  }
  t.end();
});

t.test('bytes and microseconds of a host are whole numbers, whatever an agent sends', async (t) => {
  const sent = { ...host, processMemoryBytes: 1.5, loopLagMaxUs: 2.5 };
  const window = { second: 0, operations: [], scenarios: [], writes: [], timings: [], host: sent };
  t.strictSame(decodeWindow(encodeWindow(window), SHAPE).host, { ...host, processMemoryBytes: 1, loopLagMaxUs: 2 });
});

t.test('a window has half a million writes at the most: each costs control far more than its two bytes', (t) => {
  const writes = (count: number) => new Uint8Array(Buffer.alloc(2 * count, Buffer.from([0x22, 0])));
  t.throws(() => decodeWindow(writes(500_001), SHAPE), { name: 'WireError', message: /writes/ });
  t.equal(decodeWindow(writes(500_000), SHAPE).writes.length, 500_000);
  t.end();
});
