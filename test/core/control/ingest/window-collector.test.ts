import { fromBinary, toBinary } from '@bufbuild/protobuf';
import t from 'tap';
import { type WaitingLimits, WindowCollector } from '../../../../core/control/ingest/window-collector.ts';
import type { WindowSource } from '../../../../core/control/ingest/window-source.ts';
import type { StoredWindow } from '../../../../core/control/store/measurements.ts';
import { RunTotals } from '../../../../core/stats/merge.ts';
import type { WindowReport } from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { type HostSample, WindowSchema } from '../../../../proto/gen/bench/v1/window_pb.ts';
import { encodeWindow } from '../../../../proto/window-codec.ts';
import { turns } from '../../../../testing/fake-clock.ts';
import { padded, sampleAt, windowOf } from '../../../kit/results/windows.ts';
import { sceneClock } from '../scene/scene-clock.ts';

/** A collector whose store is away when a test says so, with agents that only count what they are told. */
function scene(agents = 1, waiting?: WaitingLimits) {
  const clock = sceneClock();
  const shape = { operations: 1, journeys: 0, scenarios: 1, drivers: 1 };
  const totals = new RunTotals(shape);
  const store = {
    isAway: false,
    /** What was to be stored, call by call. */
    tried: [] as (readonly StoredWindow[])[],
    stored: [] as StoredWindow[],
    addWindows: async (rows: readonly StoredWindow[]) => {
      store.tried.push(rows);
      if (store.isAway) throw new Error('the store is away');
      store.stored.push(...rows);
    },
  };
  const notes: string[] = [];
  const collector = new WindowCollector({
    runId: 'r',
    shape,
    maxVus: () => 1,
    totals,
    store,
    clock,
    note: (text) => notes.push(text),
    ...(waiting && { waiting }),
  });
  collector.start(clock.nowUs());
  const acknowledged = new Map<string, number>();
  /** Names of the agents that were asked to send again, in order. */
  const resent: string[] = [];
  const sources = Array.from({ length: agents }, (_, i): WindowSource => {
    const name = `agent-${i}`;
    const index = totals.addAgent(name);
    return {
      index,
      name,
      epoch: 'e',
      requestResend: () => void resent.push(name),
      acknowledge: () => void acknowledged.set(name, totals.contiguous(index)),
    };
  });
  const receiveFrom = (agent: number, seq: number, window: Uint8Array) =>
    collector.receive(sources[agent] as WindowSource, { runId: 'r', epoch: 'e', seq, window } as WindowReport);
  const receive = (seq: number, window: Uint8Array) => {
    for (const agent of sources.keys()) receiveFrom(agent, seq, window);
  };
  return { clock, totals, store, notes, collector, acknowledged, resent, receive, receiveFrom };
}

/** One that has this many bytes of writes' keys. */
function windowOfBytes(second: number, bytes: number): Uint8Array {
  const writes = Array.from({ length: Math.ceil(bytes / 220) }, (_, i) => {
    return { driver: 0, key: `${i}`.padEnd(200, '-'), acknowledged: 1, unknown: 0 };
  });
  return encodeWindow({ ...windowOf(second, [sampleAt(second, 5)]), writes });
}

const sizesOf = (tried: readonly (readonly StoredWindow[])[]) => tried.map(({ length }) => length);

t.test('however much waits for a store that was away, no more is stored at once than it can take', async (t) => {
  const agents = 25;
  const seconds = 100;
  const { clock, totals, store, notes, acknowledged, receive } = scene(agents);
  store.isAway = true;
  for (let second = 0; second < seconds; second++) {
    receive(second + 1, encodeWindow(windowOf(second, [sampleAt(second, 5)])));
    await clock.advance(1e6);
  }
  t.ok(store.tried.length > 50, 'it is tried again and again');
  t.ok(Math.max(...sizesOf(store.tried.slice(1))) <= 10, 'with little, while it fails');
  t.equal(acknowledged.size, 0);
  store.isAway = false;
  store.tried.length = 0;
  await clock.advance(2e6);
  t.same(sizesOf(store.tried), [10, 1000, 1000, 490]);
  t.equal(store.stored.length, agents * seconds, 'each once');
  t.equal(totals.phase(0, 'measure')?.requests, agents * seconds);
  t.same([...acknowledged.values()], new Array(agents).fill(seconds));
  t.same(notes, [
    'the store is away; windows wait, and control tries again every second',
    'control can write to the store again',
  ]);
});

t.test('a batch is bounded by its bytes too, but a large window goes alone', async (t) => {
  const { clock, store, receive } = scene();
  const sizes = [1.5e6, 1.5e6, 1.5e6, 5e6, 1e3];
  for (const [second, bytes] of sizes.entries()) receive(second + 1, windowOfBytes(second, bytes));
  await clock.advance(1e6);
  t.same(sizesOf(store.tried), [2, 1, 1, 1]);
});

t.test('a store that fails between two batches: what is stored is acknowledged, and what is left waits', async (t) => {
  const { clock, totals, store, acknowledged, receive, collector } = scene(3);
  const add = store.addWindows;
  store.addWindows = (rows) => {
    store.isAway = store.stored.length > 0;
    return add(rows);
  };
  await clock.advance(400e6);
  for (let seq = 1; seq <= 400; seq++) receive(seq, encodeWindow(windowOf(seq, [sampleAt(seq, 5)])));
  await clock.advance(0.1e6);
  t.equal(store.stored.length, 1000);
  t.same([...acknowledged.values()], [334, 333, 333]);
  store.addWindows = add;
  store.isAway = false;
  store.tried.length = 0;
  await collector.close();
  t.same(sizesOf(store.tried), [10, 190], 'the end of the run keeps to it too');
  t.equal(totals.phase(0, 'measure')?.requests, 1200);
  t.same([...acknowledged.values()], [400, 400, 400]);
});

t.test('a store that is away at the end is tried once, with little', async (t) => {
  const { clock, store, receive, collector } = scene(30);
  store.isAway = true;
  receive(1, encodeWindow(windowOf(0, [sampleAt(0, 5)])));
  await clock.advance(0.1e6);
  store.tried.length = 0;
  await collector.close();
  await turns(3);
  t.same(sizesOf(store.tried), [10]);
  t.match(collector.storeProblem, 'the store is away');
});

const KB = 1024;
const MB = 1024 * KB;
/** In the proportions of a control: sixty-four windows of 64 kB may wait, and four of them are kept decoded. */
const NARROW: WaitingLimits = { maxWaitingBytes: 4 * MB, maxDecodedBytes: 256 * KB };

t.test('while the store is away only so much waits; the rest agents keep until they are called back', async (t) => {
  const agents = 3;
  const seconds = 50;
  const { clock, totals, store, notes, acknowledged, resent, receive, receiveFrom } = scene(agents, NARROW);
  const windows = Array.from({ length: seconds }, (_, second) =>
    padded(encodeWindow(windowOf(second, [sampleAt(second, 5)])), 64 * KB),
  );
  store.isAway = true;
  for (const [second, window] of windows.entries()) {
    receive(second + 1, window);
    await clock.advance(1e6);
  }
  t.same(resent, [], 'nobody is asked to send again what there is no room for');
  t.same(notes, [
    'the store is away; windows wait, and control tries again every second',
    '4 MB of windows wait to be stored: control takes no more for now, and agents keep theirs until there is room',
  ]);
  store.isAway = false;
  await clock.advance(2e6);
  t.ok(store.stored.length <= 64, `${store.stored.length} windows of 64 kB had waited`);
  t.ok(store.stored.length > 60);
  for (let rounds = 0; acknowledged.size < agents || Math.min(...acknowledged.values()) < seconds; rounds++) {
    if (rounds > 20) throw new Error(`not all are called back: ${JSON.stringify([...acknowledged])}`);
    for (const name of resent.splice(0)) {
      const agent = Number(name.slice('agent-'.length));
      const from = acknowledged.get(name) ?? 0;
      for (let seq = from + 1; seq <= seconds; seq++) receiveFrom(agent, seq, windows[seq - 1] as Uint8Array);
    }
    await clock.advance(1e6);
  }
  t.equal(store.stored.length, agents * seconds, 'each once');
  t.equal(totals.phase(0, 'measure')?.requests, agents * seconds);
  t.equal(notes.length, 3, 'beside these two: that control can write to the store again');
  receive(seconds + 1, encodeWindow(windowOf(seconds, [sampleAt(seconds, 5)])));
  await clock.advance(3e6);
  t.same([...acknowledged.values()], new Array(agents).fill(seconds + 1));
  t.same(resent, [], 'then all is as before');
});

t.test('agents are called back as room comes, not all at once', async (t) => {
  const agents = 20;
  const { clock, store, resent, receive } = scene(agents, NARROW);
  store.isAway = true;
  for (let second = 0; second < 10; second++) {
    receive(second + 1, padded(encodeWindow(windowOf(second, [sampleAt(second, 5)])), 64 * KB));
    await clock.advance(1e6);
  }
  store.isAway = false;
  const rounds: number[] = [];
  for (let second = 0; second < 15; second++) {
    resent.length = 0;
    await clock.advance(1e6);
    rounds.push(resent.length);
  }
  const called = rounds.filter((count) => count > 0);
  t.equal(
    called.reduce((sum, count) => sum + count),
    agents,
    'each once',
  );
  t.ok(Math.max(...called) <= 5, `in rounds of ${called.join(', ')}: each has 448 kB or more to send`);
});

t.test('fields that control does not know are not stored', async (t) => {
  const { clock, store, receive, acknowledged } = scene();
  const known = encodeWindow(windowOf(0, [sampleAt(0, 5)]));
  const message = fromBinary(WindowSchema, known);
  const data = Buffer.concat([Buffer.from([0x80, 0x80, 0xc0, 0x01]), Buffer.alloc(3 * MB)]);
  const host = { ...(message.host as HostSample), $unknown: [{ no: 100, wireType: 2, data }] };
  const outer = toBinary(WindowSchema, { ...message, $unknown: [{ no: 100, wireType: 2, data }] });
  const inner = toBinary(WindowSchema, {
    ...fromBinary(WindowSchema, encodeWindow(windowOf(1, [sampleAt(1, 5)]))),
    host,
  });
  receive(1, outer);
  receive(2, inner);
  await clock.advance(1e6);
  t.equal(acknowledged.get('agent-0'), 2);
  t.same(
    store.stored.map(({ window }) => [...window]),
    [[...known], [...encodeWindow(windowOf(1, [sampleAt(1, 5)]))]],
  );
});

t.test('the seconds of an agent rise with its windows, whether or not those before are stored', async (t) => {
  const { clock, store, receive, acknowledged } = scene();
  await clock.advance(20e6);
  const window = (second: number, continues = false) =>
    encodeWindow({ ...windowOf(second, [sampleAt(second, 5)]), ...(continues && { continues }) });
  const refused = (seq: number, second: number, beside: number) =>
    t.throws(() => receive(seq, window(second)), {
      name: 'WireError',
      message: `it sent window ${seq} of second ${second} beside one of second ${beside}: the seconds of an agent rise with its windows`,
    });
  receive(1, window(3, true));
  receive(2, window(3));
  refused(3, 3, 3);
  refused(3, 2, 3);
  await clock.advance(1e6);
  t.equal(acknowledged.get('agent-0'), 2);
  refused(3, 3, 3);
  refused(3, 0, 3);
  // What was cut off comes later, and after what came with the next connection.
  receive(4, window(9));
  refused(3, 9, 9);
  refused(3, 12, 9);
  refused(5, 8, 9);
  receive(3, window(5));
  await clock.advance(1e6);
  t.equal(acknowledged.get('agent-0'), 4);
  t.equal(store.stored.length, 4);
});
