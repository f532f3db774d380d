import t from 'tap';
import { RunStore } from '../../../../core/control/store/run-store.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { sceneClock } from '../scene/scene-clock.ts';
import { fakePlan, stage } from '../scene/stage.ts';

/** Checkpoints wait until they are let go. */
function slowCheckpoints(test: Pick<typeof t, 'teardown'>) {
  const released = Promise.withResolvers<void>();
  const { saveCheckpoint } = RunStore.prototype;
  RunStore.prototype.saveCheckpoint = async function (runId, checkpoint) {
    await released.promise;
    return saveCheckpoint.call(this, runId, checkpoint);
  };
  test.teardown(() => {
    RunStore.prototype.saveCheckpoint = saveCheckpoint;
  });
  return { release: released.resolve };
}

t.test('a store that gives no answer holds the start up for a while, and not for good', async (t) => {
  const scene = await stage(t);
  const { release } = slowCheckpoints(t);
  const agent = await scene.agent();
  const runId = await scene.start(fakePlan);
  await scene.clock.until(agent.prepare());
  const beforeUs = scene.clock.nowUs();
  const { atAgentUs } = await scene.clock.until(agent.next('start'));
  t.ok(atAgentUs > scene.clock.nowUs() + 0.3e6, 'there is time for word of it to arrive');
  t.ok(scene.clock.nowUs() - beforeUs < 20e6);
  release();
  await scene.clock.advance(1e6);
  agent.sendDone(runId);
  t.equal((await scene.ended(runId)).state, RunState.FINISHED);
});

t.test('a start that took long to store is another one: no agent begins late', async (t) => {
  const scene = await stage(t);
  const { release } = slowCheckpoints(t);
  const agent = await scene.agent();
  const runId = await scene.start(fakePlan);
  await scene.clock.until(agent.prepare());
  await scene.clock.advance(2e6);
  t.notOk(agent.received.some(({ case: kind }) => kind === 'start'));
  release();
  const { atAgentUs } = await scene.clock.until(agent.next('start'));
  t.ok(atAgentUs > scene.clock.nowUs() + 0.3e6);
  agent.sendDone(runId);
  t.equal((await scene.ended(runId)).state, RunState.FINISHED);
});

t.test(
  'an agent that is told to end while the start is being stored stops the run, however old control is',
  async (t) => {
    const scene = await stage(t, { clock: sceneClock(3600e6) });
    const { release } = slowCheckpoints(t);
    const agent = await scene.agent({ name: 'a' });
    const runId = await scene.start(fakePlan);
    await scene.clock.until(agent.prepare());
    await scene.clock.advance(1e6);
    t.notOk(agent.received.some(({ case: kind }) => kind === 'start'));
    agent.send({ case: 'leaving', value: { runId, reason: 'agent a was told to end' } });
    agent.sendDone(runId);
    await scene.clock.advance(10_000);
    release();
    const { state, reason } = await scene.ended(runId);
    t.equal(state, RunState.FAILED);
    t.equal(reason, 'stopped before the load began: agent a was told to end');
    t.notOk(agent.received.some(({ case: kind }) => kind === 'start'));
  },
);

t.test('a change of the load is stored, and agents are told, before whoever asked for it is', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const runId = await scene.running([agent]);
  const { release } = slowCheckpoints(t);
  let isAnswered = false;
  const answer = scene.change(runId, { change: { case: 'pause', value: {} } }).then(() => {
    isAnswered = true;
    t.ok(agent.received.some(({ case: kind }) => kind === 'loadChange'));
  });
  await scene.clock.advance(100_000);
  t.notOk(isAnswered);
  t.notOk(agent.received.some(({ case: kind }) => kind === 'loadChange'));
  release();
  await scene.clock.until(answer);
  agent.sendDone(runId);
  t.equal((await scene.ended(runId)).state, RunState.FINISHED);
});

t.test('that a run stops is stored before whoever asked for it is told so, if the store is not too slow', async (t) => {
  for (const isReleased of [true, false]) {
    const scene = await stage(t);
    const agent = await scene.agent();
    const runId = await scene.running([agent]);
    const { release } = slowCheckpoints(t);
    let isAnswered = false;
    const answer = scene.stop(runId, 'Ctrl-C').then(() => {
      isAnswered = true;
    });
    t.match(await scene.clock.until(agent.next('stop')), { runId, abort: false });
    await scene.clock.advance(1e6);
    t.notOk(isAnswered);
    const beforeUs = scene.clock.nowUs();
    if (isReleased) release();
    await scene.clock.until(answer);
    t.ok(scene.clock.nowUs() - beforeUs < (isReleased ? 0.1e6 : 6e6));
    release();
    agent.sendDone(runId);
    t.equal((await scene.ended(runId)).state, RunState.FINISHED);
  }
});
