import t from 'tap';
import { RunCancellation } from '../../../../core/control/run/run-cancellation.ts';
import { OnAgentLoss, RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { fakePlan, longPlan, stage } from '../scene/stage.ts';

t.test('the reason of a stop stands within other sentences: it has no full stop', async (t) => {
  for (const [given, kept] of [
    ['nope fails < 20 was broken with 21 in second 3, which stops the run.', /second 3, which stops the run$/],
    ['够了。', /^够了$/],
    ['Ctrl-C', /^Ctrl-C$/],
    ['.', /^someone asked for it$/],
  ] as const) {
    const stop = new RunCancellation();
    stop.request('threshold', given);
    t.match(stop.reason, kept);
  }
});

t.test('stopped while it waits or prepares, a run fails with the reason', async (t) => {
  const scene = await stage(t);
  const waiting = await scene.start(fakePlan, 1);
  await scene.clock.advance(1e6);
  await scene.stop(waiting, 'Ctrl-C');
  t.match(await scene.ended(waiting), {
    state: RunState.FAILED,
    reason: 'stopped before the load began: Ctrl-C',
  });
  const agent = await scene.agent();
  const preparing = await scene.start();
  await scene.clock.until(agent.next('assignment'));
  await scene.stop(preparing, '');
  t.match(await scene.ended(preparing), {
    state: RunState.FAILED,
    reason: 'stopped before the load began: someone asked for it',
  });
  await scene.clock.until(agent.next('runEnded'));
  await t.rejects(scene.stop(preparing, ''), {
    code: 'FAILED_PRECONDITION',
    message: `run ${preparing} has ended already`,
  });
  const next = await scene.start();
  t.equal((await scene.clock.until(agent.next('assignment'))).runId, next, 'the agent is free for the next run');
});

t.test('stopped while it runs, a run drains and has a result that says so', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const runId = await scene.running([agent]);
  agent.window(1, 0, [{ responseUs: [1000] }]);
  agent.sendWindow(runId, 1);
  await scene.clock.advance(0.5e6);
  await scene.stop(runId, 'Ctrl-C');
  t.match(await scene.clock.until(agent.next('stop')), { runId, abort: false });
  t.match(await scene.summary(runId), { state: RunState.DRAINING, reason: 'Ctrl-C' });
  agent.window(2, 1, [{ responseUs: [2000] }]);
  agent.sendWindow(runId, 2);
  agent.sendDone(runId);
  t.match(await scene.ended(runId), { state: RunState.FINISHED, reason: 'Ctrl-C' });
  t.match(await scene.summary(runId), { verdict: 'aborted' });
  const result = await scene.result(runId);
  t.same(result.ending, { kind: 'stopped', by: 'request', reason: 'Ctrl-C' });
  t.equal(result.operations[0]?.phases.measure.requests, 2);
  t.ok(result.measuredUs > 0 && result.measuredUs < 2e6, 'the load lasted until the stop');
  matchEach(t, result.events, [{ text: 'the run stops: Ctrl-C' }]);
});

t.test('stopped twice, a run is cut off; an agent that never says Done does not hold it for ever', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const runId = await scene.running([agent]);
  await scene.stop(runId, 'Ctrl-C');
  t.equal((await scene.clock.until(agent.next('stop'))).abort, false);
  await scene.stop(runId, 'Ctrl-C again');
  t.equal((await scene.clock.until(agent.next('stop'))).abort, true);
  const before = scene.clock.nowUs();
  await scene.clock.until(scene.reached(runId, RunState.VERIFYING, RunState.FINISHED));
  t.ok(scene.clock.nowUs() - before < 11e6);
  t.equal((await scene.ended(runId)).state, RunState.FINISHED);
  const result = await scene.result(runId);
  matchEach(t, result.agents, [{ closingTotals: 'missing' }]);
  t.equal(result.verdict.kind, 'invalid');
  t.matchOnly(
    result.events.map(({ text }) => text),
    [/the run stops: Ctrl-C/, /cut off/, /agent-1 has not reported its totals/],
  );
});

t.test(
  'where shares stay, an agent that was told to end stops the run in order, and the result names it',
  async (t) => {
    const scene = await stage(t);
    const leaver = await scene.agent({ name: 'leaver' });
    const other = await scene.agent({ name: 'other' });
    const runId = await scene.running([leaver, other], { policy: { onAgentLoss: OnAgentLoss.CONTINUE } });
    leaver.send({ case: 'leaving', value: { reason: 'Ctrl-C' } });
    t.equal((await scene.clock.until(other.next('stop'))).abort, false);
    for (const agent of [leaver, other]) {
      agent.window(1, 0, [{ responseUs: [1000] }]);
      agent.sendWindow(runId, 1);
      agent.sendDone(runId);
    }
    await scene.ended(runId);
    const result = await scene.result(runId);
    t.same(result.ending, { kind: 'stopped', by: 'request', reason: 'agent leaver leaves: Ctrl-C' });
    t.same(
      result.agents.map(({ closingTotals }) => closingTotals),
      ['agree', 'agree'],
    );
    t.ok(leaver.received.some((message) => message.case === 'runEnded'));
  },
);

t.test('closing totals that differ from what was merged make the run invalid', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const runId = await scene.running([agent]);
  for (let second = 0; second < 3; second++) {
    agent.window(second + 1, second, [{ responseUs: [1000] }]);
    agent.sendWindow(runId, second + 1);
    await scene.clock.advance(1e6);
  }
  agent.sendDone(runId, { countsTooMany: 1 });
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.equal(result.agents[0]?.closingTotals, 'differ');
  t.equal(result.verdict.kind, 'invalid');
  t.matchOnly(
    result.events.map(({ text }) => text),
    [/do not agree: count of operation 0 \(measure\): 4 at the agent, 3 merged/],
  );
});

t.test('a threshold with abort stops the run as soon as it is broken', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const plan = { ...fakePlan, thresholds: [{ criterion: 'upload p95 < 100ms', abort: true }] };
  const runId = await scene.running([agent], { plan: plan });
  for (const second of [0, 1]) {
    agent.window(second + 1, second, [{ responseUs: [900_000] }]);
    agent.sendWindow(runId, second + 1);
  }
  t.equal((await scene.clock.until(agent.next('stop'))).abort, false);
  agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.match(result.ending, { kind: 'stopped', by: 'threshold', reason: /upload p95 < 100ms/ });
  matchEach(t, result.thresholds, [
    { criterion: 'upload p95 < 100ms', status: 'fail' },
    { criterion: 'error_rate < 1%', isDefault: true, status: 'pass' },
  ]);
});

t.test('what was under way when somebody stopped the run counts in criteria with windows', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const thresholds = ['upload p95 < 100ms for 2s'];
  const runId = await scene.running([agent], { plan: { ...longPlan(60), thresholds } });
  const told = async (second: number, responseUs: readonly number[]) => {
    agent.window(second + 1, second, [{ responseUs: [...responseUs] }]);
    agent.sendWindow(runId, second + 1);
    await scene.clock.advance(1e6);
  };
  for (const second of [0, 1, 2, 3]) await told(second, second < 2 ? [1000] : []);
  await scene.stop(runId, 'no answer any more');
  for (const second of [4, 5, 6]) await told(second, second < 6 ? [] : [4e6]);
  agent.sendDone(runId);
  await scene.ended(runId);
  matchEach(t, (await scene.result(runId)).thresholds, [{ status: 'fail', actual: 4e6 }, { isDefault: true }]);
});
