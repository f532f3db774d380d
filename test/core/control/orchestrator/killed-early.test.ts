/** Control is killed while it prepares a run, or has just told it to stop: the next one does what this one was to do. */

import { join } from 'node:path';
import t, { type Test } from 'tap';
import { RunStore } from '../../../../core/control/store/run-store.ts';
import type { DriverPlugin } from '../../../../core/plugin.ts';
import type { Assignment } from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { sceneClock } from '../scene/scene-clock.ts';
import { fakePlan, stage } from '../scene/stage.ts';

/** Agents a and b were assigned their shares when control was killed; the next one has just begun. */
async function killedWhilePreparing(t: Test) {
  const store = join(t.testdir(), 'runs.sqlite');
  const first = await stage(t, { store });
  const agents = await first.twoAgents();
  const runId = await first.start(fakePlan, 0);
  const assignments = [];
  for (const agent of agents) assignments.push(await first.clock.until(agent.next('assignment')));
  for (const agent of agents) agent.cut();
  const clock = sceneClock(first.clock.nowUs() + 1e6);
  const scene = await stage(t, { store, clock });
  const comeBack = (i: number) => scene.agent(agents[i]);
  return { scene, runId, assignments, comeBack };
}

t.test('a run that is prepared anew waits for as many agents as it had', async (t) => {
  const { scene, runId, comeBack } = await killedWhilePreparing(t);
  const a = await comeBack(0);
  await scene.clock.advance(5e6);
  t.notOk(a.received.some(({ case: kind }) => kind === 'assignment'));
  t.match(await scene.summary(runId), { state: RunState.WAITING_FOR_AGENTS });
  const b = await comeBack(1);
  for (const agent of [a, b]) t.match(await scene.clock.until(agent.prepare()), { runId, share: { of: 2 } });
  for (const agent of [a, b]) await scene.clock.until(agent.next('start'));
});

t.test('an agent is ready when it has prepared what this control has assigned, not the one before it', async (t) => {
  const { scene, assignments, comeBack } = await killedWhilePreparing(t);
  const [a, b] = [await comeBack(0), await comeBack(1)];
  const assigned = await scene.clock.until(a.next('assignment'));
  // It says again what control may not have got.
  a.sendPrepared(assignments[0] as Assignment);
  await scene.clock.until(b.prepare());
  await scene.clock.advance(5e6);
  t.notOk(b.received.some(({ case: kind }) => kind === 'start'));
  a.sendPrepared(assigned);
  for (const agent of [a, b]) await scene.clock.until(agent.next('start'));
});

t.test('a run that was stopped before its load began is not begun anew, and is cleaned up', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const never = () => new Promise<never>(() => {});
  const first = await stage(t, { store, driver: { prepare: async () => {}, cleanup: never } });
  const agent = await first.agent();
  const runId = await first.start();
  await first.clock.until(agent.next('assignment'));
  await first.clock.until(first.stop(runId, 'Ctrl-C'));
  agent.cut();

  const clock = sceneClock(first.clock.nowUs() + 1e6);
  const cleaned: string[] = [];
  const cleanup = async (_: unknown, context: { runId: string }) => void cleaned.push(context.runId);
  const second = await stage(t, { store, clock, driver: { prepare: async () => void t.fail('it prepares'), cleanup } });
  const reason = 'stopped before the load began: Ctrl-C';
  t.match(await second.ended(runId), { state: RunState.FAILED, reason });
  t.same(cleaned, [runId]);
});

t.test('that a run is to be cut off is known to the next control too', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const first = await stage(t, { store });
  const agent = await first.agent();
  const runId = await first.running([agent]);
  await first.clock.until(first.stop(runId, 'Ctrl-C', true));
  agent.cut();

  const clock = sceneClock(first.clock.nowUs() + 1e6);
  const second = await stage(t, { store, clock });
  const back = await second.agent(agent);
  t.match(await clock.until(back.next('stop')), { runId, abort: false });
  t.match(await clock.until(back.next('stop')), { runId, abort: true });
  back.sendDone(runId);
  await second.ended(runId);
  t.match((await second.result(runId)).ending, { kind: 'stopped', by: 'request', reason: 'Ctrl-C' });
});

t.test('agents that were told to stop by a control that could not store it tell the next one', async (t) => {
  const store = join(t.testdir(), 'runs.sqlite');
  const first = await stage(t, { store });
  const agent = await first.agent();
  const runId = await first.running([agent]);
  const { saveCheckpoint } = RunStore.prototype;
  const released = Promise.withResolvers<void>();
  t.teardown(released.resolve);
  RunStore.prototype.saveCheckpoint = () => released.promise;
  void first.stop(runId, 'Ctrl-C');
  await first.clock.until(agent.next('stop'));
  agent.cut();
  RunStore.prototype.saveCheckpoint = saveCheckpoint;

  const clock = sceneClock(first.clock.nowUs() + 1e6);
  const second = await stage(t, { store, clock });
  const back = await second.agent(agent);
  back.sendDone(runId, { stopped: true });
  await second.ended(runId);
  const reason = 'the control process before this one had told agent agent-1 to stop';
  t.match((await second.result(runId)).ending, { kind: 'stopped', by: 'request', reason });
});

/** A private control was killed at this point of a run, and the next one has just begun. */
async function privateKilled(t: Test, driver: Partial<DriverPlugin>, isAssigned: boolean) {
  const store = join(t.testdir(), 'runs.sqlite');
  const first = await stage(t, { store, driver, isPrivate: true });
  const runId = isAssigned ? await assigned(first) : await first.start();
  const clock = sceneClock(first.clock.nowUs() + 1e6);
  const scene = await stage(t, { store, driver, clock, isPrivate: true });
  t.match(await scene.summary(runId), { state: RunState.FAILED, reason: 'control ended while this run was under way' });
  return { scene, runId };
}

async function assigned(scene: Awaited<ReturnType<typeof stage>>): Promise<string> {
  const agent = await scene.agent();
  const runId = await scene.start();
  await scene.clock.until(agent.next('assignment'));
  agent.cut();
  return runId;
}

t.test('a run whose control was killed when drivers had begun is deleted once they have cleaned up', async (t) => {
  const cleaned: string[] = [];
  const cleanup = async (_: unknown, context: { runId: string }) => void cleaned.push(context.runId);
  const { scene, runId } = await privateKilled(t, { prepare: async () => {}, cleanup }, true);
  await t.rejects(scene.delete(runId), { message: /^what the drivers of run \w+ made may still be there.* --force/ });
  t.match(await scene.cleanUp(runId), { problems: { length: 0 } });
  t.same(cleaned, [runId]);
  await scene.delete(runId);
  t.same(await scene.list(), []);
});

t.test('it can be deleted all the same where cleaning up can never succeed', async (t) => {
  const cleanup = () => Promise.reject(new Error('the database is gone'));
  const { scene, runId } = await privateKilled(t, { cleanup }, true);
  t.match(await scene.cleanUp(runId), { problems: [/the database is gone/] });
  await t.rejects(scene.delete(runId), { message: /may still be there/ });
  await scene.delete(runId, true);
  t.same(await scene.list(), []);
});

t.test(
  'nothing is to be cleaned up where no driver had begun, where none has anything to remove, and after an end in order',
  async (t) => {
    const cleanup = async () => {};
    for (const [driver, isAssigned] of [
      [{ prepare: async () => {}, cleanup }, false],
      [{ prepare: async () => {} }, true],
    ] as const) {
      const { scene, runId } = await privateKilled(t, driver, isAssigned);
      await scene.delete(runId);
      t.same(await scene.list(), []);
    }
    const scene = await stage(t, { driver: { prepare: async () => {}, cleanup } });
    const agent = await scene.agent();
    const runId = await scene.running([agent]);
    agent.sendDone(runId);
    await scene.ended(runId);
    await scene.delete(runId);
    t.same(await scene.list(), []);
  },
);
