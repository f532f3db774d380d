/** What another control process has stored, and what comes late, counts as if it had come in time. */

import { createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { replay } from '../../../../core/control/ingest/replay.ts';
import { MonitorValues } from '../../../../core/control/monitors/monitor-series.ts';
import { readSpec } from '../../../../core/control/run/run-spec.ts';
import { startControl } from '../../../../core/control/server.ts';
import { Measurements, type StoredWindow } from '../../../../core/control/store/measurements.ts';
import { RunStore, StoreError } from '../../../../core/control/store/run-store.ts';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { encodeWindow } from '../../../../proto/window-codec.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { sampleAt, windowOf } from '../../../kit/results/windows.ts';
import { withCutOff } from '../scene/cut-off.ts';
import { sceneClock } from '../scene/scene-clock.ts';
import { LOCAL_CONTROL } from '../scene/served-control.ts';
import { fakeDriver, fakePlan, stage } from '../scene/stage.ts';

const SLIDING: PlanInput = {
  ...fakePlan,
  scenarios: { devices: { ...fakePlan.scenarios.devices, duration: '12s' } } as PlanInput['scenarios'],
  thresholds: ['upload p95 < 100ms for 2s'],
};

/** The result of a run of which an agent was slow while control did not hear of it. */
async function withLateWindows(t: Test, beforeEnd: () => void = () => {}) {
  const scene = await stage(t);
  const [a, b] = await scene.twoAgents();
  const runId = await scene.running([a, b], { plan: SLIDING, policy: { lossTolerance: 1 }, forUs: 0 });
  await withCutOff(scene, runId, [a, b], {
    seconds: 12,
    back: 8,
    measured: (agent, second) => {
      // It was slow while control did not hear of it.
      const isSlow = agent === b && second >= 2 && second < 5;
      agent.window(second + 1, second, [{ responseUs: isSlow ? [500_000, 500_000] : [1000, 1000] }]);
    },
  });
  beforeEnd();
  for (const agent of [a, b]) agent.sendDone(runId);
  await scene.ended(runId);
  return scene.result(runId);
}

t.test('a threshold with a duration is judged with the windows of an agent that was cut off', async (t) => {
  const { thresholds, agents } = await withLateWindows(t);
  matchEach(t, agents, [{ closingTotals: 'agree' }, { closingTotals: 'agree' }]);
  const ofErrors = { criterion: 'error_rate < 1%', isDefault: true };
  matchEach(t, thresholds, [{ status: 'fail', actual: 500_000, worstSecond: 1 }, ofErrors]);
});

t.test('where windows that came late cannot be read again, a threshold with a duration cannot be judged', async (t) => {
  const { windows } = Measurements.prototype;
  t.afterEach(() => {
    Measurements.prototype.windows = windows;
  });
  const cannotBeJudged = (text: string) => `thresholds with a duration cannot be judged: ${text}`;
  const cases: [string, typeof windows][] = [
    ['the store cannot be read: disk', () => Promise.reject(new StoreError('the store cannot be read: disk'))],
    [
      'of the 24 windows that came, 12 can be read',
      function (this: Measurements, runId, session, ...page) {
        return session.agent === 'b' ? Promise.resolve([]) : windows.call(this, runId, session, ...page);
      },
    ],
  ];
  for (const [why, broken] of cases) {
    await t.test(why, async (t) => {
      const { thresholds, verdict, events } = await withLateWindows(t, () => {
        Measurements.prototype.windows = broken;
      });
      const ofErrors = { criterion: 'error_rate < 1%', isDefault: true };
      matchEach(t, thresholds, [{ status: 'invalid', message: { id: 'threshold.late-windows' } }, ofErrors]);
      t.equal(verdict.kind, 'invalid');
      t.ok(events.some(({ text }) => text === cannotBeJudged(why)));
    });
  }
});

const SESSIONS = [
  { agent: 'a', epoch: 'e' },
  { agent: 'b', epoch: 'e' },
];

const specOf = (plan: PlanInput) => {
  const none = () => Promise.reject(new Error('none'));
  const loaders = { loadDriver: async () => fakeDriver, loadMonitor: none, loadOutput: none, loadShape: none };
  return readSpec({ json: JSON.stringify(plan), baseDirectory: '/', command: '' }, loaders);
};

/** One request a second. */
const windowsOf = (agent: string, seconds: number) =>
  Array.from({ length: seconds }, (_, second): StoredWindow => {
    const window = encodeWindow(windowOf(second, [sampleAt(second, 1)]));
    return { runId: 'r', agent, epoch: 'e', seq: second + 1, window };
  });

t.test('windows of a thousand seconds are replayed with the memory of a few', async (t) => {
  const spec = await specOf(SLIDING);
  const SECONDS = 1000;
  const all = [windowsOf('a', SECONDS), windowsOf('b', SECONDS)];
  let mostAhead = 0;
  let newest = 0;
  const read = { a: 0, b: 0 };
  const stored: Pick<Measurements, 'windows'> = {
    windows: async (_, { agent }, afterSeq, limit) => {
      read[agent as 'a' | 'b'] = afterSeq;
      newest = Math.max(newest, afterSeq);
      mostAhead = Math.max(mostAhead, newest - Math.min(read.a, read.b));
      return (all[agent === 'a' ? 0 : 1] ?? []).slice(afterSeq, afterSeq + Math.min(limit, 50));
    },
  };
  const { totals, windows } = await replay(spec, 'r', SESSIONS, new MonitorValues(), stored, []);
  t.equal(windows, 2 * SECONDS);
  t.equal(totals.settledSecond, SECONDS - 5, 'all but the newest, of which windows may be on their way, are settled');
  t.ok(mostAhead <= 50, `one session is read ${mostAhead} windows ahead of the other`);
  t.equal(totals.phase(0, 'measure')?.result().requests, 2 * SECONDS);
});

t.test('no run is stopped by what was missing of an agent that control had lost', async (t) => {
  const breachOf = async (criterion: string) => {
    const spec = await specOf({ ...SLIDING, thresholds: [{ criterion, abort: true }] });
    const stored: Pick<Measurements, 'windows'> = {
      windows: async (_, { agent }, afterSeq) => windowsOf(agent, agent === 'a' ? 11 : 4).slice(afterSeq),
    };
    return (await replay(spec, 'r', SESSIONS, new MonitorValues(), stored, [])).breach;
  };
  t.equal(await breachOf('rps >= 2 for 2s'), undefined);
  t.match(await breachOf('rps >= 3 for 2s'), { actual: 2, second: 1 });
});

t.test('monitors are asked on, and what they measured before control was gone is kept', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  let asked = 0;
  const open = async () => ({ sample: async () => ({ value: asked++ }), close: async () => {} });
  const plan = { ...SLIDING, monitors: { host: {} } };
  const first = await stage(t, { store, monitors: { host: open } });
  const agent = await first.agent();
  const runId = await first.running([agent], { plan, forUs: 3e6 });
  agent.cut();

  const clock = sceneClock(first.clock.nowUs() + 4e6);
  const second = await stage(t, { store, clock, monitors: { host: open } });
  const back = await second.agent(agent);
  await clock.advance(2e6);
  back.sendDone(runId);
  await second.ended(runId);
  const { monitors, events } = await second.result(runId);
  matchEach(t, monitors, [{ name: 'host.value' }]);
  const { seconds = [], values = [] } = monitors[0] ?? {};
  t.same(seconds.slice(0, 3), [0, 1, 2]);
  t.same(
    values,
    Array.from(values, (_, i) => i),
  );
  t.ok((seconds[3] ?? 0) >= 6, `${seconds}`);
  t.ok(events.some(({ text }) => text === `monitors have no values for seconds 3 to ${(seconds[3] ?? 0) - 1}`));
});

for (const [what, wallAheadMs] of [
  ['back', -30_000],
  ['on', 3_600_000],
] as const) {
  t.test(`somebody sets the time of day ${what} while control is away: nothing comes of it`, async (t) => {
    const store = join(t.testdir(), 'runs.sqlite');
    const first = await stage(t, { store });
    const agent = await first.agent();
    const runId = await first.running([agent], { plan: SLIDING, forUs: 3e6 });
    agent.cut();

    const clock = sceneClock(first.clock.nowUs() + 1e6, wallAheadMs);
    const second = await stage(t, { store, clock });
    const back = await second.agent(agent);
    for (let at = 0; at < 12; at++) {
      back.window(at + 1, at, [{ responseUs: [1000] }]);
      back.sendWindow(runId, at + 1);
      if (at >= 4) await clock.advance(1e6);
    }
    back.sendDone(runId);
    t.equal((await second.ended(runId)).state, RunState.FINISHED);
    const { agents, measuredUs, events } = await second.result(runId);
    matchEach(t, agents, [{ closingTotals: 'agree', missing: [] }]);
    t.equal(Math.round(measuredUs / 1e6), 12);
    t.notOk(events.some(({ text }) => /is gone|jumped/.test(text)));
  });
}

t.test('a run whose windows cannot be read for now is left to the next start of control', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const first = await stage(t, { store });
  const agent = await first.agent();
  const runId = await first.running([agent]);
  await first.second(runId, 0, [agent]);
  agent.cut();

  const { windows } = Measurements.prototype;
  t.teardown(() => {
    Measurements.prototype.windows = windows;
  });
  Measurements.prototype.windows = () => Promise.reject(new StoreError('the store cannot be read: disk I/O error'));
  const clock = sceneClock(first.clock.nowUs() + 1e6);
  await t.rejects(stage(t, { store, clock }), { message: 'the store cannot be read: disk I/O error' });
  Measurements.prototype.windows = windows;

  const third = await stage(t, { store, clock });
  const back = await third.agent(agent);
  back.window(1, 0, [{ responseUs: [1000] }]);
  back.sendDone(runId);
  t.match(await third.ended(runId), { state: RunState.FINISHED });
  const { operations, agents } = await third.result(runId);
  t.equal(operations[0]?.phases.measure.requests, 1);
  matchEach(t, agents, [{ closingTotals: 'agree' }]);
});

t.test('a control that cannot listen leaves the runs of the one before it alone', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const before = await RunStore.open(store);
  const run = { createdAt: '2026-01-01T00:00:00.000Z', baseDirectory: '/', isPrivate: false };
  const checkpoint = JSON.stringify({ events: [] });
  await before.addRun({ ...run, runId: 'theirs', name: 'theirs', plan: JSON.stringify(fakePlan), checkpoint });
  await before.close();
  const other = createServer().listen(0, '127.0.0.1');
  t.teardown(() => other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  await t.rejects(startControl({ ...LOCAL_CONTROL, listen: { host: '127.0.0.1', port }, store }), /is in use/);
  const after = await RunStore.open(store);
  t.teardown(() => after.close());
  t.match(await after.get('theirs'), { state: 'queued' });
});
