/** What the clients of a run are sent, second by second, on a fake clock. */
import t, { type Test } from 'tap';
import { snapshotOf } from '../../../core/control/results/live-snapshot.ts';
import { type RunEventData, type RunEventName, runEvents } from '../../../core/web/api/run-events.ts';
import { EventClient } from '../../../core/web/stream/event-client.ts';
import { RunStreams } from '../../../core/web/stream/run-streams.ts';
import { matchEach } from '../../kit/match-each.ts';
import type { ScriptedAgent } from '../control/scene/scripted-agent.ts';
import { longPlan, type Stage, stage } from '../control/scene/stage.ts';

interface Told {
  readonly id: string;
  readonly event: RunEventName;
  readonly data: RunEventData<RunEventName>;
}

/** A reader that takes all at once; each event must be what its schema says. */
class Reader {
  readonly told: Told[] = [];
  readonly bytes: Uint8Array[] = [];
  ended = false;
  readonly client = new EventClient({
    writableLength: 0,
    write: (bytes) => this.#read(bytes),
    end: () => {
      this.ended = true;
    },
    destroy: () => {},
  });

  #read(bytes: Uint8Array): void {
    this.bytes.push(bytes);
    const [, id = '', event = '', data = ''] =
      /^id: (.*)\nevent: (.*)\ndata: (.*)\n\n$/.exec(Buffer.from(bytes).toString()) ?? [];
    const name = event as RunEventName;
    this.told.push({ id, event: name, data: runEvents[name].parse(JSON.parse(data)) });
  }

  names(): string[] {
    return this.told.map(({ event }) => event);
  }

  /** What came with the events of this name: each went through the schema of it. */
  of<Name extends RunEventName>(name: Name): RunEventData<Name>[] {
    return this.told.filter(({ event }) => event === name).map(({ data }) => data as RunEventData<Name>);
  }
}

async function scene(t: Test, seconds = 60, thresholds: readonly string[] = []) {
  const one = await stage(t);
  const agents = await one.twoAgents();
  const runId = await one.running(agents, {
    plan: { ...longPlan(seconds), thresholds: [...thresholds] },
    forUs: 1.5e6,
  });
  const streams = new RunStreams({
    control: one.control,
    clock: one.clock,
    ending: () => ({ verdict: 'pass', reasons: [], url: '/result', reports: {} }),
  });
  t.teardown(() => streams.close());
  const follow = (last?: string, role: 'viewer' | 'operator' = 'viewer') => {
    const reader = new Reader();
    streams.of(runId)?.attach(reader.client, role, last);
    return reader;
  };
  return { one, agents, runId, streams, follow };
}

async function pass(one: Stage, runId: string, agents: readonly ScriptedAgent[], from: number, to: number) {
  for (let at = from; at <= to; at++) await one.second(runId, at, agents);
}

t.test('a new client is told what the run is, and then each second once it is settled', async (t) => {
  const { one, agents, runId, follow } = await scene(t, 60, ['p95 < 1us']);
  const reader = follow(undefined, 'operator');
  t.same(reader.names().slice(0, 2), ['hello', 'state']);
  t.match(reader.of('hello')[0], {
    runId,
    state: 'running',
    role: 'operator',
    scenarios: [
      {
        name: 'devices',
        canSet: 'vus',
        profile: [
          [0, 2],
          [60e6, 2],
        ],
      },
    ],
    operations: [{ scenario: 'devices', type: 'POST', name: 'upload' }, { name: 'health' }],
    thresholds: [{ criterion: 'p95 < 1us' }, { isDefault: true }],
    agents: { expected: 2, here: 2 },
  });
  await pass(one, runId, agents, 0, 12);
  const seconds = reader.of('second');
  t.same(
    seconds.map(({ second }) => second),
    Array.from({ length: seconds.length }, (_, i) => i),
    'none is left out',
  );
  t.ok(seconds.length >= 11);
  t.match(seconds.at(-1), {
    phase: 'measure',
    paused: false,
    vus: 2,
    all: { rps: 2, fps: 0, avgUs: 1000, maxUs: 1000 },
    ops: { rps: [2, 0], avgUs: [1000, 0] },
    agents: { running: 2, away: 0, lost: 0 },
  });
  t.same(
    reader.of('percentiles').map(({ second }) => second),
    [1, 2, 5, 10],
  );
  const last = reader.of('percentiles').at(-1);
  t.equal(last?.windowS, 11);
  t.equal(last?.ops.response.minUs[0], 1000);
  t.match(last?.column, { fromSecond: 6, seconds: 5, counts: [10] }, 'each second is in one column');
  t.match(last?.thresholds[0], { criterion: 'p95 < 1us', status: 'fail', unit: 'us', shown: /ms$/ });
  t.match(last?.thresholds[0], { margin: null, shownLimit: '0.001 ms', chart: 'responseTime' });
  t.match(reader.of('agents').at(-1)?.rows[0], { state: 'running', vus: 1, cpuCores: 0.25 });
});

t.test('what happens is told as it happens', async (t) => {
  const { one, agents, runId, follow } = await scene(t);
  const reader = follow();
  await pass(one, runId, agents, 0, 1);
  const { atUs } = await one.change(runId, {
    change: { case: 'level', value: { scenario: '', level: { case: 'vus', value: 4 } } },
  });
  matchEach(t, reader.of('load'), [{ atUs, kind: 'level', scenario: 'devices', of: 'vus', level: 4 }]);
  await one.change(runId, { change: { case: 'pause', value: {} } });
  await pass(one, runId, agents, 2, 4);
  t.equal(reader.of('second').at(-1)?.paused, true);
  t.match(reader.of('event').at(-1), { text: 'the load is paused' });
  agents[1].freeze();
  await one.clock.advance(6e6);
  for (const name of ['event', 'log'] as const) {
    t.ok(
      reader.of(name).some(({ text }) => /agent b was lost/.test(text)),
      name,
    );
  }
});

t.test('all clients get the same bytes, and only hello says what each may do', async (t) => {
  const { one, agents, runId, follow } = await scene(t);
  const [viewer, operator] = [follow(), follow(undefined, 'operator')];
  const [before, beforeToo] = [viewer.bytes.length, operator.bytes.length];
  await pass(one, runId, agents, 0, 3);
  const came = viewer.bytes.slice(before);
  const cameToo = operator.bytes.slice(beforeToo);
  t.ok(came.length > 4);
  t.equal(came.length, cameToo.length);
  t.ok(
    came.every((bytes, i) => bytes === cameToo[i]),
    'the same buffer, encoded once',
  );
  t.matchOnly([viewer.of('hello')[0]?.role, operator.of('hello')[0]?.role], ['viewer', 'operator']);
});

t.test('a client that comes back goes on where it was', async (t) => {
  const { one, agents, runId, follow } = await scene(t);
  const reader = follow();
  await pass(one, runId, agents, 0, 3);
  const seen = reader.told.length;
  const { id } = reader.told.at(-1) as Told;
  reader.client.closed();
  const other = follow();
  await pass(one, runId, agents, 4, 6);
  const back = follow(id);
  t.equal(back.names().includes('hello'), false);
  const missed = other.told.slice(-back.told.length);
  t.ok(back.told.length > 2);
  t.same(back.told, missed, `after the ${seen} that it had`);
});

t.test('what was missed for longer, or of another control, is asked for again', async (t) => {
  const { one, agents, runId, follow } = await scene(t, 3600);
  const reader = follow();
  await pass(one, runId, agents, 0, 1);
  const { id } = reader.told.at(-1) as Told;
  reader.client.closed();
  const kept = follow();
  await one.clock.advance(601e6);
  await one.change(runId, { change: { case: 'pause', value: {} } });
  kept.client.closed();
  t.same(follow(id).names().slice(0, 3), ['reload', 'hello', 'state']);
  t.same(follow('1.5').names().slice(0, 2), ['reload', 'hello'], 'an id that this control has not given');
});

t.test(
  'what was missed is sent however slowly it leaves, and of very much the time before is asked for again',
  async (t) => {
    const { one, agents, runId, streams, follow } = await scene(t, 3600);
    const reader = follow();
    await pass(one, runId, agents, 0, 1);
    const { id } = reader.told.at(-1) as Told;
    reader.client.closed();
    const kept = follow();
    const notify = (count: number) => {
      for (let i = 0; i < count; i++) one.control.observed(runId)?.run.events.notify(`${i} ${'x'.repeat(8000)}`);
    };
    notify(150);
    let waiting = 0;
    const write = (bytes: Uint8Array) => {
      waiting += bytes.length;
    };
    const sink = { write, end: () => {}, destroy: () => {} };
    const slow = new EventClient(Object.defineProperty(sink as never, 'writableLength', { get: () => waiting }));
    streams.of(runId)?.attach(slow, 'viewer', id);
    t.equal(slow.isOpen, true);
    t.ok(waiting > 2 << 20, `${waiting} bytes`);
    notify(200);
    kept.client.closed();
    t.same(follow(id).names().slice(0, 3), ['reload', 'hello', 'state']);
  },
);

t.test('at the end all figures come, then the result, and the stream ends', async (t) => {
  const { one, agents, runId, streams, follow } = await scene(t, 3);
  const reader = follow();
  await pass(one, runId, agents, 0, 2);
  for (const agent of agents) agent.sendDone(runId);
  await one.ended(runId);
  t.same(
    reader.of('second').map(({ second }) => second),
    [0, 1, 2],
  );
  const last = reader.of('percentiles').at(-1);
  t.match(last, { second: 2, windowS: 3 });
  t.same(
    reader
      .of('state')
      .map(({ state }) => state)
      .slice(-2),
    ['verifying', 'finished'],
  );
  t.same(reader.names().slice(-2), ['result', 'end']);
  t.equal(reader.ended, true);
  t.equal(streams.of(runId), undefined, 'whoever comes now gets what is stored');
});

t.test('what drivers count is told while the run goes on: the measured phase, of all agents', async (t) => {
  const { one, agents, runId, follow } = await scene(t);
  const reader = follow();
  const recall = { name: 'search.recall', phase: 'measure' as const, hits: 9, of: 10 };
  for (let at = 0; at <= 2; at++) {
    for (const [i, agent] of agents.entries()) {
      const window = agent.window(at + 1, at, [{ responseUs: [1000] }]);
      const ratios = [
        recall,
        { ...recall, phase: 'warmup' as const },
        { ...recall, name: 'search.void', ...(i === 1 && { voidReason: 'rows were written' }) },
      ];
      agent.sendWindow(runId, at + 1, { window: { ...window, ratios } });
    }
    await one.clock.advance(1e6);
  }
  const told = reader.of('percentiles').at(-1);
  // As the percentiles, of all that has come by then.
  const counts = { hits: 3 * 2 * 9, of: 3 * 2 * 10 };
  t.strictSame(told?.ratios, [
    { name: 'search.recall', ...counts, voidReason: '', voidReasonTexts: { 'zh-CN': '' } },
    {
      ...{ name: 'search.void', ...counts },
      ...{ voidReason: 'rows were written', voidReasonTexts: { 'zh-CN': 'rows were written' } },
    },
  ]);
  const { run, parts } = one.control.observed(runId) ?? {};
  const snapshot = run && parts && snapshotOf(run, parts, 3e6);
  t.match(snapshot?.ratios, [{ name: 'search.recall' }, { name: 'search.void' }], 'also to a terminal');
});

t.test('a run that has ended has no stream any more, from that moment on', async (t) => {
  const { one, agents, runId, streams } = await scene(t, 3);
  const found: unknown[] = [];
  t.teardown(
    one.control.watchRuns({
      changed: ({ state }) => {
        if (state === 'finished') found.push(streams.of(runId));
      },
      deleted: () => {},
    }),
  );
  await pass(one, runId, agents, 0, 2);
  for (const agent of agents) agent.sendDone(runId);
  await one.ended(runId);
  t.same(found, [undefined], 'its files need not be closed yet');
});

t.test('nothing is made of a run that nobody has watched for ten minutes', async (t) => {
  const { one, runId, streams, follow } = await scene(t, 3600);
  const reader = follow();
  const stream = streams.of(runId);
  reader.client.closed();
  await one.clock.advance(601e6);
  t.not(streams.of(runId), stream);
});
