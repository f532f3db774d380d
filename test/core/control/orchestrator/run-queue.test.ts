import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { RunStore } from '../../../../core/control/store/run-store.ts';
import { RunState, type WatchRunResponse } from '../../../../proto/gen/bench/v1/run_pb.ts';
import type { ScriptedAgent } from '../scene/scripted-agent.ts';
import { fakePlan, type Stage, stage } from '../scene/stage.ts';

async function finishRun(scene: Stage, agent: ScriptedAgent, expected?: string): Promise<void> {
  const { runId } = await scene.clock.until(agent.prepare());
  if (expected !== undefined && runId !== expected) throw new Error(`run ${runId} instead of ${expected}`);
  await scene.clock.until(agent.next('start'));
  await scene.clock.advance(0.7e6);
  for (let second = 0; second < 3; second++) {
    agent.window(second + 1, second, [{ responseUs: [1000, 3000] }], 2);
    agent.sendWindow(runId, second + 1);
    await scene.clock.advance(1e6);
  }
  agent.sendDone(runId);
}

const NAMES = new Map<RunState, string>(Object.entries(RunState).map(([name, state]) => [state, name]));

/** What a watcher sees, as `state name`, `notice text` or `snapshot`. */
function told({ event }: WatchRunResponse): string {
  if (event.case === 'state') return NAMES.get(event.value.state) ?? '';
  if (event.case === 'notice') return `notice: ${event.value}`;
  return event.case ?? '';
}

t.test('one run at a time; the others wait for their turn, in order', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const first = await scene.start({ ...fakePlan, name: 'first' });
  const second = await scene.start({ ...fakePlan, name: 'second' });
  const third = await scene.start({ ...fakePlan, name: 'third' });
  t.equal((await scene.summary(second))?.state, RunState.QUEUED);
  await finishRun(scene, agent, first);
  await scene.ended(first);
  await finishRun(scene, agent, second);
  await scene.ended(second);
  await finishRun(scene, agent, third);
  await scene.ended(third);
  t.same(
    (await scene.list()).map(({ name, state }) => [name, state]),
    [
      ['third', RunState.FINISHED],
      ['second', RunState.FINISHED],
      ['first', RunState.FINISHED],
    ],
  );
});

t.test('a run that waits for its turn ends at once when it is stopped', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const first = await scene.start();
  const waiting = await scene.start();
  await scene.stop(waiting, 'Ctrl-C');
  t.match(await scene.ended(waiting), { state: RunState.FAILED, reason: 'stopped before the load began: Ctrl-C' });
  await finishRun(scene, agent, first);
  t.equal((await scene.ended(first)).state, RunState.FINISHED);
});

t.test("a run that is stopped before its turn is still this control's while its end is being stored", async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const scene = await stage(t, { store });
  await scene.start();
  const waiting = await scene.start();
  const { endRun } = RunStore.prototype;
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  RunStore.prototype.endRun = async function (...end) {
    asked.resolve();
    await released.promise;
    return endRun.apply(this, end);
  };
  t.teardown(() => {
    RunStore.prototype.endRun = endRun;
    released.resolve();
  });
  const stopped = scene.stop(waiting, 'Ctrl-C');
  await scene.clock.until(asked.promise);
  await scene.clock.until(scene.stop(waiting, 'Ctrl-C again'));
  const ended = scene.ended(waiting);
  let isClosed = false;
  const closed = scene.control.stop('control ends').then(() => {
    isClosed = true;
  });
  await scene.clock.advance(1e6);
  t.notOk(isClosed);
  released.resolve();
  t.match(await ended, { state: RunState.FAILED, reason: 'stopped before the load began: Ctrl-C' });
  await scene.clock.until(Promise.all([stopped, closed]));
  const after = await stage(t, { store });
  t.match(await after.summary(waiting), { state: RunState.FAILED });
});

t.test('a run that waits only for one that is stopped before its turn begins', async (t) => {
  const scene = await stage(t);
  const eu = await scene.agent({ name: 'eu-1', labels: { region: 'eu' } });
  await scene.agent({ name: 'us-1', labels: { region: 'us' } });
  await scene.start(fakePlan, 1, 30e6, { agentLabels: { region: 'us' } });
  const any = await scene.start(fakePlan);
  const last = await scene.start(fakePlan, 1, 30e6, { agentLabels: { region: 'eu' } });
  t.match(await scene.summary(last), { state: RunState.QUEUED });
  await scene.stop(any, 'enough');
  await scene.clock.advance(1e6);
  t.match(await scene.summary(last), { state: RunState.PREPARING });
  t.equal((await scene.clock.until(eu.next('assignment'))).runId, last);
});

t.test('a watcher sees the states in order, notices, and a snapshot each second', async (t) => {
  const scene = await stage(t, { driver: { prepare: async (_, { progress }) => progress('a table is made') } });
  const runId = await scene.start();
  const seen: WatchRunResponse[] = [];
  const watching = (async () => {
    for await (const message of scene.watch(runId)) seen.push(message);
  })();
  await scene.clock.advance(1e6);
  await finishRun(scene, await scene.agent());
  await scene.clock.until(watching);
  t.same(seen.filter(({ event }) => event.case !== 'snapshot').map(told), [
    'WAITING_FOR_AGENTS',
    'PREPARING',
    'notice: a table is made',
    'RUNNING',
    'VERIFYING',
    'FINISHED',
  ]);
  const snapshots = seen.flatMap(({ event }) => (event.case === 'snapshot' ? [event.value] : []));
  t.ok(snapshots.length >= 3);
  t.match(snapshots[2], {
    plannedUs: 3e6,
    warmup: false,
    vus: 2,
    warnings: [],
    rows: [
      { scenario: 'devices', type: 'POST', name: 'upload', requests: 6, errors: 0, requestsPerSecond: 2, maxUs: 3000 },
      { scenario: 'devices', type: 'GET', name: 'health', requests: 0, p99Us: 0 },
      { name: 'Aggregated', requests: 6, requestsPerSecond: 2, p50Us: 1000, p99Us: 3000 },
    ],
  });
});

t.test(
  'a watcher that comes late gets what there was before the current state, and that; one that leaves, or reads slowly, holds nobody up',
  async (t) => {
    const scene = await stage(t, { driver: { prepare: async (_, { progress }) => progress('a table is made') } });
    const agent = await scene.agent();
    const runId = await scene.start();
    await scene.clock.until(agent.prepare());
    await scene.clock.until(agent.next('start'));
    const first = scene.watch(runId)[Symbol.asyncIterator]();
    await first.next();
    await scene.clock.advance(2e6);
    const late: string[] = [];
    for await (const message of scene.watch(runId)) {
      late.push(told(message));
      if (late.length === 3) break;
    }
    t.same(late, ['notice: a table is made', 'RUNNING', 'snapshot']);
    const leaving = new AbortController();
    const leaver = scene.watch(runId, leaving.signal)[Symbol.asyncIterator]();
    await leaver.next();
    t.equal(told((await leaver.next()).value), 'RUNNING');
    const slow = scene.watch(runId)[Symbol.asyncIterator]();
    await slow.next();
    t.equal(told((await slow.next()).value), 'RUNNING');
    await scene.clock.advance(2e6);
    leaving.abort();
    await leaver.next();
    await leaver.next();
    t.equal((await leaver.next()).done, true);
    agent.sendDone(runId);
    t.equal((await scene.ended(runId)).state, RunState.FINISHED);
    const rest: string[] = [];
    for (let next = await slow.next(); !next.done; next = await slow.next()) rest.push(told(next.value));
    t.equal(rest.filter((what) => what === 'snapshot').length, 1, 'old snapshots are of no use to it');
    t.equal(rest.at(-1), 'FINISHED');
  },
);

t.test('a run that has ended can be watched: its last state, and the end', async (t) => {
  const scene = await stage(t);
  const runId = await scene.start(fakePlan, 1, 1e6);
  await scene.ended(runId);
  const seen: string[] = [];
  for await (const message of scene.watch(runId)) seen.push(told(message));
  t.same(seen, ['FAILED']);
});

t.test('an unknown run is said to be unknown', async (t) => {
  const scene = await stage(t);
  const sentence = {
    name: 'RpcError',
    code: 'NOT_FOUND',
    message: /^there is no run nobody: list the runs with `bench runs`, or over HTTP with GET \/api\/v1\/runs$/,
  };
  await t.rejects(scene.result('nobody'), sentence);
  await t.rejects(scene.stop('nobody', ''), sentence);
  await t.rejects(scene.ended('nobody'), sentence);
});

t.test('a plan that cannot be run is refused with all its problems at once', async (t) => {
  const scene = await stage(t);
  const plan = {
    ...fakePlan,
    monitors: { target: { options: {} } },
    thresholds: ['uplaod p95 < 200ms'],
    scenarios: {
      devices: {
        ...fakePlan.scenarios.devices,
        operations: [
          { driver: 'fake', operation: 'nothing' },
          { driver: 'fake', operation: 'upload' },
        ],
      },
    },
  };
  await t.rejects(scene.start(plan as never), {
    code: 'INVALID_ARGUMENT',
    message: /operations\[0\]\.operation: driver "fake" has no operation "nothing"/,
  });
  const { scenarios, ...rest } = plan;
  await t.rejects(scene.start({ ...rest, scenarios: fakePlan.scenarios } as never), {
    code: 'INVALID_ARGUMENT',
    message: /thresholds\[0\].*uplaod/,
  });
  await t.rejects(scene.start({ ...fakePlan, warmup: 'soon' } as never), {
    message: /^warmup: "soon" is not a duration/,
  });
  const broken = { plan: { json: '{', baseDirectory: '' }, command: '', agentLabels: {}, note: '', tags: [] } as never;
  await t.rejects(
    scene.control.runs.startRun(broken, {
      signal: new AbortController().signal,
      peer: '',
      certificate: '',
    }) as Promise<unknown>,
    {
      code: 'INVALID_ARGUMENT',
      message: /^the plan is not JSON/,
    },
  );
  t.same(await scene.list(), []);
});

t.test('no more than a hundred runs wait for their turn', async (t) => {
  const scene = await stage(t);
  for (let i = 0; i < 101; i++) await scene.start();
  await t.rejects(scene.start(), {
    code: 'RESOURCE_EXHAUSTED',
    message: /^100 runs wait for their turn already: stop some/,
  });
  t.equal((await scene.list()).length, 101, 'one of them waits for agents');
});

t.test('control that is stopped drains its run and keeps its result; queued runs fail with the reason', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bench control '));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const store = join(folder, 'runs.sqlite');
  const scene = await stage(t, { store });
  const agent = await scene.agent();
  const runId = await scene.start();
  const queued = await scene.start();
  await scene.clock.until(agent.prepare());
  await scene.clock.until(agent.next('start'));
  await scene.clock.advance(1e6);
  agent.window(1, 0, [{ responseUs: [1000] }]);
  agent.sendWindow(runId, 1);
  const stopped = scene.control.stop('Ctrl-C in control');
  t.equal((await scene.clock.until(agent.next('stop'))).abort, false);
  agent.sendDone(runId);
  await scene.clock.until(agent.next('runEnded'));
  await scene.clock.until(stopped);

  const after = await stage(t, { store });
  t.match(await after.summary(runId), { state: RunState.FINISHED, verdict: 'aborted', reason: 'Ctrl-C in control' });
  t.equal((await after.result(runId)).operations[0]?.phases.measure.requests, 1);
  t.match(await after.summary(queued), {
    state: RunState.FAILED,
    reason: 'stopped before the load began: Ctrl-C in control',
  });
});
