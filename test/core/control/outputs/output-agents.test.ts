/** Each agent is in the figures once, as its newest process is. */
import t from 'tap';
import type { OutputSecond } from '../../../../core/output.ts';
import { agentRows } from '../../../../core/web/live/agent-rows.ts';
import { memoryTransport, ScriptedAgent } from '../scene/scripted-agent.ts';
import { longPlan, stage } from '../scene/stage.ts';

const statesOf = (agents: readonly { readonly name: string; readonly state: string }[] = []) =>
  Object.fromEntries(agents.map(({ name, state }) => [name, state]));

t.test('an agent that is killed and started again under its name', async (t) => {
  const given: OutputSecond[] = [];
  const output = { second: (figures: OutputSecond) => void given.push(figures), end() {}, close() {} };
  const scene = await stage(t, { outputs: { kept: () => output } });
  const a = await scene.agent({ name: 'a' });
  const plan = { ...longPlan(12), outputs: { kept: {} } };
  const runId = await scene.running([a], { plan, policy: { elastic: true, lossTolerance: 0.5 } });
  for (let at = 0; at < 2; at++) await scene.second(runId, at, [a]);
  const b = await scene.agent({ name: 'b' });
  await scene.clock.until(b.prepare());
  await scene.clock.until(b.next('loadChange'));
  for (let at = 2; at < 4; at++) await scene.second(runId, at, [a]);
  b.window(1, 3, [{ responseUs: [1000] }]);
  b.sendWindow(runId, 1);
  await scene.clock.advance(10_000);
  b.cut();
  const again = new ScriptedAgent(scene.clock, { name: 'b', epoch: 'another process' });
  await scene.clock.advance(4e6);
  void again.join(memoryTransport(scene.control));
  await scene.clock.until(again.prepare());
  await scene.clock.until(again.next('loadChange'));
  for (let at = 4; at < 8; at++) await scene.second(runId, at, [a]);
  const { run, parts } = scene.control.observed(runId) ?? {};
  if (run === undefined || parts === undefined) throw new Error('the run has ended');
  t.equal(parts.agents.length, 3);
  const rows = agentRows(run, parts);
  t.same([rows.length, statesOf(rows)], [2, { a: 'running', b: 'running' }]);
  const { agents = [] } = given.at(-1) ?? {};
  t.same([agents.length, statesOf(agents)], [2, { a: 'here', b: 'here' }]);
  a.sendDone(runId);
  await scene.clock.advance(1e6);
  a.cut();
  await scene.clock.advance(20e6);
  for (let seq = 1; seq <= 8; seq++) {
    again.window(seq, seq + 3, [{ responseUs: [1000] }]);
    again.sendWindow(runId, seq);
  }
  await scene.clock.advance(1e6);
  t.equal(
    statesOf(given.at(-1)?.agents).a,
    'left',
    'one whose load was over, and whose process then ended, is not lost',
  );
  again.sendDone(runId);
  await scene.ended(runId);
});
