import t from 'tap';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { OnAgentLoss, RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { memoryTransport, type ScriptedAgent } from '../scene/scripted-agent.ts';
import { fakePlan, longPlan, stage } from '../scene/stage.ts';

t.test('an agent that is lost during a run is noticed within 3.3 s; the run goes on, and is invalid', async (t) => {
  const scene = await stage(t);
  const lost = await scene.agent({ name: 'lost' });
  const other = await scene.agent({ name: 'other' });
  const plan = { ...fakePlan, scenarios: { devices: { ...fakePlan.scenarios.devices, duration: '20s' } } } as PlanInput;
  const runId = await scene.running([lost, other], { plan: plan, forUs: 1.5e6 });
  for (const agent of [lost, other]) {
    agent.window(1, 0, [{ responseUs: [1000] }]);
    agent.sendWindow(runId, 1);
  }
  await scene.clock.advance(1e6);
  const frozenUs = scene.clock.nowUs();
  lost.freeze();
  for (let second = 1; second < 20; second++) {
    other.window(second + 1, second, [{ responseUs: [2000] }]);
    other.sendWindow(runId, second + 1);
    await scene.clock.advance(1e6);
  }
  other.sendDone(runId);
  t.equal((await scene.ended(runId)).state, RunState.FINISHED);
  const result = await scene.result(runId);
  const event = result.events.find(({ text }) => /agent lost was lost/.test(text));
  const startUs = 1000 * (Date.parse(result.startedAt) - scene.clock.epochMs()) + scene.clock.nowUs();
  const noticedUs = startUs + (event?.atUs ?? 0) - frozenUs;
  t.ok(noticedUs > 2e6 && noticedUs <= 3.3e6, `${noticedUs}`);
  t.same(
    result.agents.map(({ name, requests, closingTotals }) => [name, requests, closingTotals]),
    [
      ['lost', 1, 'missing'],
      ['other', 20, 'agree'],
    ],
  );
  t.equal(result.ending.kind, 'completed');
  t.equal(result.verdict.kind, 'invalid');
  t.match(
    result.validity.find(({ name }) => name === 'agents-complete'),
    { ok: false, finding: /lost/ },
  );
  t.equal(result.timeline.vus[0], 2);
  t.equal(result.timeline.vus[15], 1, 'its virtual users are no longer counted');
});

t.test('no run is stopped by what is missing of a lost agent, until others do its part', async (t) => {
  const scene = await stage(t);
  const [lost, other] = await scene.twoAgents();
  const thresholds = ['rps >= 2', 'rps >= 2 for 2s'].map((criterion) => ({ criterion, abort: true }));
  const runId = await scene.running([lost, other], { plan: { ...longPlan(16), thresholds }, forUs: 1.5e6 });
  for (let at = 0; at < 5; at++) await scene.second(runId, at, [lost, other]);
  lost.freeze();
  for (let at = 5; at < 16; at++) {
    const taken = other.received.some(({ case: kind }) => kind === 'loadChange');
    other.window(at + 1, at, [{ responseUs: taken ? [1000, 1000] : [1000] }]);
    other.sendWindow(runId, at + 1);
    await scene.clock.advance(1e6);
  }
  other.sendDone(runId);
  await scene.ended(runId);
  const { ending, timeline, thresholds: judged, agents } = await scene.result(runId);
  t.match(timeline.all.requests, [2, 2, 2, 2, 2, 1, 1], 'a part was missing');
  t.equal(timeline.all.requests.at(-1), 2, 'and others did it then');
  t.same(ending, { kind: 'completed' });
  matchEach(t, agents[0]?.missing ?? [], [{ fromSecond: 5, share: 0.5 }]);
  for (const one of judged.slice(0, 2)) t.match(one, { status: 'invalid', reason: /not all agents were there/ });
});

t.test('when every agent is lost, the run ends with what there is', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const runId = await scene.running([agent], { forUs: 1.5e6 });
  agent.window(1, 0, [{ responseUs: [1000] }]);
  agent.sendWindow(runId, 1);
  await scene.clock.advance(0.1e6);
  agent.cut();
  const cutUs = scene.clock.nowUs();
  // What follows, the result's storing, takes real time, in which any of this clock's may pass.
  await scene.clock.until(scene.reached(runId, RunState.VERIFYING, RunState.FINISHED));
  t.ok(scene.clock.nowUs() - cutUs < 16e6);
  t.equal((await scene.ended(runId)).state, RunState.FINISHED);
  const result = await scene.result(runId);
  t.same(result.ending, { kind: 'stopped', by: 'failure', reason: 'every agent was lost' });
  t.equal(result.operations[0]?.phases.measure.requests, 1);
  t.equal(result.verdict.kind, 'invalid');
});

t.test('when every agent is lost, what the plan wanted after it is missing, until the run stopped', async (t) => {
  const lostAfter = async (seconds: number, policy: object = {}) => {
    const scene = await stage(t);
    const agent = await scene.agent({ name: 'a' });
    const runId = await scene.running([agent], { plan: longPlan(seconds), policy, forUs: 1.5e6 });
    for (let at = 0; at < 6; at++) await scene.second(runId, at, [agent]);
    agent.freeze();
    const warnings: string[] = [];
    const watching = (async () => {
      for await (const { event } of scene.watch(runId)) {
        if (event.case === 'snapshot') warnings.push(...event.value.warnings);
      }
    })();
    await scene.ended(runId);
    await scene.clock.until(watching);
    const { agents, measuredUs, validity } = await scene.result(runId);
    t.equal(measuredUs, 6e6, 'measured is only what windows tell of');
    const { finding = '' } = validity.find(({ name }) => name === 'agents-complete') ?? {};
    return { missing: agents[0]?.missing ?? [], finding, warned: warnings.at(-1) };
  };
  const whole = await lostAfter(14);
  t.same(whole.missing, [{ fromSecond: 6, toSecond: 14, share: 1 }], 'to the end of the plan');
  t.match(
    whole.finding,
    /1 of 1 \(a\)\. Some of their samples may be missing, and 57\.1% of the load is missing \(limit 1%\)/,
  );
  t.equal(whole.warned, whole.finding, 'which is what those who watched it were told');
  const longer = await lostAfter(60);
  matchEach(t, longer.missing, [{ fromSecond: 6, share: 1 }]);
  const toSecond = longer.missing[0]?.toSecond ?? 0;
  t.ok(toSecond > 18 && toSecond < 22, `until nobody waited for it any longer: ${toSecond}`);
  const aborted = await lostAfter(60, { onAgentLoss: OnAgentLoss.ABORT });
  const stopSecond = aborted.missing[0]?.toSecond ?? 0;
  t.ok(stopSecond > 8 && stopSecond < 12, `until it was stopped: ${stopSecond}`);
});

t.test('an agent that was lost for long and comes back in time loses nothing', async (t) => {
  const scene = await stage(t);
  const [agent, other] = await scene.twoAgents();
  const plan = { ...fakePlan, scenarios: { devices: { ...fakePlan.scenarios.devices, duration: '30s' } } } as PlanInput;
  const runId = await scene.running([agent, other], { plan: plan, forUs: 1.5e6 });
  agent.cut();
  for (let second = 0; second < 30; second++) {
    for (const one of [agent, other]) one.window(second + 1, second, [{ responseUs: [5000] }]);
    other.sendWindow(runId, second + 1);
    await scene.clock.advance(1e6);
    if (second !== 20) continue;
    void agent.join(memoryTransport(scene.control));
    await scene.clock.until(agent.next('welcome'));
    for (let seq = 1; seq <= second + 1; seq++) agent.sendWindow(runId, seq);
  }
  for (let seq = 20; seq <= 30; seq++) agent.sendWindow(runId, seq);
  for (const one of [agent, other]) one.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.same(result.timeline.all.requests, Array(30).fill(2));
  t.same(result.timeline.vus, Array(30).fill(2), 'late windows tell their virtual users too');
  t.same(
    result.agents.map(({ closingTotals }) => closingTotals),
    ['agree', 'agree'],
  );
  t.matchOnly(
    result.events.map(({ text }) => text),
    [
      'agent a was lost: nothing has come from it for 3 s',
      'the share of agent a, 50 % of the load, goes to another agent',
      'agent a is back, and sends what it could not send',
      'agent a takes 50 % of the load',
    ],
  );
});

t.test('when many agents are lost at once and come back, their shares move together', async (t) => {
  const scene = await stage(t);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const agents = await Promise.all(names.map((name) => scene.agent({ name })));
  const [first, ...away] = agents as [ScriptedAgent, ...ScriptedAgent[]];
  const devices = { ...fakePlan.scenarios.devices, vus: 8, duration: '30s' };
  const plan = { ...fakePlan, scenarios: { devices } } as PlanInput;
  const runId = await scene.running(agents, { plan, forUs: 1.5e6 });
  for (const agent of away) agent.cut();
  for (let at = 0; at < 30; at++) {
    for (const agent of agents) agent.window(at + 1, at, [{ responseUs: [5000] }]);
    first.sendWindow(runId, at + 1);
    await scene.clock.advance(1e6);
    if (at !== 15) continue;
    for (const agent of away) void agent.join(memoryTransport(scene.control));
    for (const agent of away) await scene.clock.until(agent.next('welcome'));
    for (const agent of away) for (let seq = 1; seq <= at + 1; seq++) agent.sendWindow(runId, seq);
  }
  for (const agent of away) for (let seq = 16; seq <= 30; seq++) agent.sendWindow(runId, seq);
  const sent = first.received.filter(({ case: kind }) => kind === 'loadChange');
  t.ok(sent.length >= 2 && sent.length <= 4, `${sent.length} messages about shares, not one for each agent that moved`);
  const last = sent.at(-1);
  const share = last?.case === 'loadChange' && last.value.change.case === 'share' ? last.value.change.value : undefined;
  t.equal((share?.slots.length ?? 0) / (share?.of ?? 1), 1 / 8, 'in the end it has what it had');
  for (const agent of agents) agent.sendDone(runId);
  await scene.ended(runId);
  const { events, agents: told, timeline } = await scene.result(runId);
  t.same(timeline.all.requests, Array(30).fill(8));
  t.ok(told.every(({ closingTotals }) => closingTotals === 'agree'));
  const moves = events.filter(({ text }) => /^the share of agent ./.test(text));
  const taken = events.filter(({ text }) => /^agent . takes /.test(text));
  t.same([moves.length, taken.length], [7, 7], 'each is told');
});

t.test('a load that has ended does not last until an agent that is away can say so', async (t) => {
  const scene = await stage(t);
  const agent = await scene.agent();
  const operations = [{ driver: 'fake', operation: 'upload' }];
  const plan: PlanInput = {
    ...fakePlan,
    scenarios: { devices: { executor: 'shared-iterations', vus: 2, iterations: 40, maxDuration: '600s', operations } },
  };
  const runId = await scene.running([agent], { plan, forUs: 1.5e6 });
  agent.cut();
  for (const second of [0, 1, 2, 3]) agent.window(second + 1, second, [{ responseUs: new Array(10).fill(1000) }]);
  await scene.clock.advance(10e6);
  void agent.join(memoryTransport(scene.control));
  await scene.clock.until(agent.next('welcome'));
  for (const seq of [1, 2, 3, 4]) agent.sendWindow(runId, seq);
  agent.sendDone(runId);
  await scene.ended(runId);
  const { measuredUs, agents } = await scene.result(runId);
  t.equal(measuredUs, 4e6);
  matchEach(t, agents, [{ requests: 40, closingTotals: 'agree', missing: [] }]);
});
