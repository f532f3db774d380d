/** What becomes of a run whose store cannot be written. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Measurements } from '../../../../core/control/store/measurements.ts';
import { OwnershipLostError, RunStore } from '../../../../core/control/store/run-store.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { encodeWindow } from '../../../../proto/window-codec.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { padded } from '../../../kit/results/windows.ts';
import { memoryTransport, ScriptedAgent } from '../scene/scripted-agent.ts';
import { longPlan, stage } from '../scene/stage.ts';
import { directly } from '../scene/stored-runs.ts';

/** From now on another control has the run. @returns how often its end was to be stored since */
function takenUp(t: Test, runId: string): () => number {
  const { endRun } = RunStore.prototype;
  t.teardown(() => {
    RunStore.prototype.endRun = endRun;
  });
  let tries = 0;
  RunStore.prototype.endRun = async () => {
    tries++;
    throw new OwnershipLostError(runId);
  };
  return () => tries;
}

/** A store that can be read, and written only while its disk is not full. */
async function storeOnDisk(t: Test) {
  const file = join(t.testdir(), 'runs.sqlite');
  const scene = await stage(t, { store: file });
  const direct = directly(file);
  t.teardown(() => direct.close());
  return {
    file,
    scene,
    fill: (statement: 'INSERT ON windows' | 'UPDATE ON runs' = 'UPDATE ON runs') =>
      direct.execute(
        `CREATE TRIGGER full BEFORE ${statement} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
      ),
    empty: () => direct.execute('DROP TRIGGER full'),
    windows: async () => (await direct.execute('SELECT count(*) AS n FROM windows')).rows[0]?.n,
    states: async () => (await direct.execute('SELECT state FROM runs')).rows.map(({ state }) => state),
  };
}

t.test(
  'windows are acknowledged only when they are stored; a store that fails for a while loses nothing',
  async (t) => {
    const { empty, fill, scene, windows } = await storeOnDisk(t);
    const agent = await scene.agent();
    const runId = await scene.running([agent]);
    await fill('INSERT ON windows');
    for (const second of [0, 1]) {
      agent.window(second + 1, second, [{ responseUs: [1000] }]);
      agent.sendWindow(runId, second + 1);
      await scene.clock.advance(1e6);
    }
    agent.sendWindow(runId, 1);
    t.notOk(agent.received.some(({ case: kind }) => kind === 'windowAck'));
    await empty();
    t.equal((await scene.clock.until(agent.next('windowAck'))).seq, 2);
    t.equal(await windows(), 2);
    agent.sendDone(runId);
    await scene.ended(runId);
    const result = await scene.result(runId);
    t.equal(result.operations[0]?.phases.measure.requests, 2);
    matchEach(t, result.agents, [{ closingTotals: 'agree' }]);
    t.matchOnly(
      result.events.map(({ text }) => text),
      [/cannot be written: .*full; windows wait/, 'control can write to the store again'],
    );
    t.equal(await windows(), 0, 'the result has all of them');
  },
);

t.test('what control cannot keep while the store is away comes again, and nobody is lost for it', async (t) => {
  const { addWindows } = Measurements.prototype;
  let isAway = true;
  Measurements.prototype.addWindows = async () => {
    if (isAway) throw new Error('the store is away');
  };
  t.teardown(() => {
    Measurements.prototype.addWindows = addWindows;
  });
  const seconds = 80;
  const scene = await stage(t);
  const agent = new ScriptedAgent(scene.clock);
  const closed = agent.join(memoryTransport(scene.control));
  const runId = await scene.start(longPlan(seconds));
  await scene.clock.until(agent.prepare());
  await scene.clock.until(agent.next('start'));
  await scene.clock.advance(1e6);
  const send = (seq: number, window: Uint8Array) =>
    agent.send({ case: 'window', value: { runId, epoch: agent.epoch, seq, window } });
  const windows = Array.from({ length: seconds }, (_, second) =>
    padded(encodeWindow(agent.window(second + 1, second, [{ responseUs: [1000] }])), 4 * 1024 * 1024),
  );
  for (const [second, window] of windows.entries()) {
    send(second + 1, window);
    await scene.clock.advance(1e6);
  }
  agent.sendDone(runId);
  isAway = false;
  await scene.clock.until(closed);
  const { seq } = await scene.clock.until(agent.next('windowAck'));
  t.ok(seq > 0 && seq < seconds, `${seq} of ${seconds} were taken`);
  await scene.clock.advance(5e6);
  void agent.join(memoryTransport(scene.control));
  windows.forEach((window, second) => {
    send(second + 1, window);
  });
  agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.equal(result.operations[0]?.phases.measure.requests, seconds);
  matchEach(t, result.agents, [{ closingTotals: 'agree' }]);
  t.matchOnly(
    result.events.map(({ text }) => text),
    [/away; windows wait/, /^256 MB of windows wait/, 'control can write to the store again'],
  );
  t.equal(result.events.length, 3, 'it was not lost');
  t.equal(scene.log.filter((line) => line.includes('256 MB of windows wait')).length, 1);
});

t.test('a result that cannot be stored is kept, and stored once the store can be written', async (t) => {
  const { file, empty, fill, scene, states, windows } = await storeOnDisk(t);
  const agent = await scene.agent();
  const runId = await scene.running([agent]);
  await fill();
  agent.window(1, 0, [{ responseUs: [1000] }]);
  agent.sendWindow(runId, 1);
  agent.sendDone(runId);
  t.equal((await scene.ended(runId)).state, RunState.FINISHED);
  t.equal((await scene.result(runId)).operations[0]?.phases.measure.requests, 1);
  t.match(await scene.summary(runId), { state: RunState.FINISHED });
  t.ok(scene.log.some((line) => line.includes('control keeps it, and tries again until it ends')));
  const lines = scene.log.length;
  await scene.clock.advance(20e6);
  t.equal(scene.log.length, lines, 'that is said once');
  t.same([await states(), await windows()], [['running'], 1]);
  await empty();
  await scene.clock.advance(60e6);
  t.same([await states(), await windows()], [['finished'], 0]);
  t.match(scene.log.at(-1), 'its result is stored now');
  t.equal((await scene.result(runId)).operations[0]?.phases.measure.requests, 1);
  // A control that is started after this one was killed verifies and judges nothing again: what was made is gone by then.
  const next = await stage(t, { store: file });
  t.equal((await next.result(runId)).operations[0]?.phases.measure.requests, 1);
  await scene.clock.advance(60e6);
  t.match(scene.log.at(-1), 'its result is stored now', 'it is stored once');
});

t.test('a result that waits to be stored is tried once more when control ends', async (t) => {
  const { empty, fill, scene, states } = await storeOnDisk(t);
  const agent = await scene.agent();
  const runId = await scene.running([agent]);
  await fill();
  agent.sendDone(runId);
  await scene.ended(runId);
  await scene.clock.advance(20e6);
  await empty();
  await scene.clock.until(scene.control.stop('control ends'));
  t.same(await states(), ['finished']);
});

t.test('a result of a run that another control has taken up is not tried again', async (t) => {
  const { scene } = await storeOnDisk(t);
  const agent = await scene.agent();
  const runId = await scene.running([agent]);
  const tries = takenUp(t, runId);
  agent.window(1, 0, [{ responseUs: [1000] }]);
  agent.sendWindow(runId, 1);
  agent.sendDone(runId);
  await scene.ended(runId);
  await scene.clock.advance(120e6);
  t.equal(tries(), 1);
  t.equal((await scene.result(runId)).operations[0]?.phases.measure.requests, 1);
});

t.test(
  'that runs have failed is stored once the store can be written: no other control begins their load',
  async (t) => {
    const { file, scene, fill, empty, states } = await storeOnDisk(t);
    const agent = await scene.agent();
    const preparing = await scene.start();
    const queued = await scene.start();
    await scene.clock.until(agent.next('assignment'));
    await scene.clock.advance(1e6);
    await fill();
    for (const runId of [queued, preparing]) {
      await scene.clock.until(scene.stop(runId, 'Ctrl-C'));
      t.match(await scene.ended(runId), { state: RunState.FAILED, reason: 'stopped before the load began: Ctrl-C' });
    }
    const lines = scene.log.length;
    await scene.clock.advance(5e6);
    t.equal(scene.log.length, lines, 'that is said once');
    t.same(await states(), ['preparing', 'queued']);
    t.matchOnly(
      (await scene.list()).map(({ state }) => state),
      [RunState.FAILED, RunState.FAILED],
    );
    t.match(await scene.summary(queued), { state: RunState.FAILED });
    await t.rejects(scene.stop(preparing, 'again'), { message: `run ${preparing} has ended already` });
    await empty();
    await scene.clock.advance(2e6);
    t.same(await states(), ['failed', 'failed']);
    const next = await stage(t, { store: file });
    for (const runId of [preparing, queued]) t.match(await next.summary(runId), { state: RunState.FAILED });
  },
);

t.test('control that ends does not try any more to store that a run has failed', async (t) => {
  const { scene, fill } = await storeOnDisk(t);
  const runId = await scene.start();
  await scene.clock.advance(1e6);
  await fill();
  await scene.clock.until(scene.stop(runId, 'Ctrl-C'));
  await scene.ended(runId);
  await scene.clock.until(scene.control.stop('control ends'));
  const { endRun } = RunStore.prototype;
  t.teardown(() => {
    RunStore.prototype.endRun = endRun;
  });
  RunStore.prototype.endRun = async () => {
    t.fail('it tries again');
  };
  await scene.clock.advance(5e6);
});

t.test("a run that another control has taken up is that one's, also when it has failed here", async (t) => {
  const { scene, fill, empty } = await storeOnDisk(t);
  const runId = await scene.start();
  await scene.clock.advance(1e6);
  await fill();
  await scene.clock.until(scene.stop(runId, 'Ctrl-C'));
  await scene.ended(runId);
  const tries = takenUp(t, runId);
  await empty();
  await scene.clock.advance(5e6);
  t.equal(tries(), 1);
  t.match(await scene.summary(runId), { state: RunState.WAITING_FOR_AGENTS }, 'as the other control has stored it');
});
