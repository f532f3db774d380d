import t, { type Test } from 'tap';
import type { PlanInput } from '../../../../core/plan/schema.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { fakePlan, stage } from '../scene/stage.ts';

const plan = {
  ...fakePlan,
  scenarios: { devices: { ...fakePlan.scenarios.devices, duration: '8s' } },
} as PlanInput;

/** At the end no probe is due any more, whatever the time between two of them. */
for (const jumpSecond of [4, 8]) {
  t.test(`a clock jumps after ${jumpSecond} of 8 seconds: an event tells how far, and the run is invalid`, (t) =>
    jump(t, jumpSecond),
  );
}

async function jump(t: Test, jumpSecond: number): Promise<void> {
  const scene = await stage(t);
  const jumpy = await scene.agent({ name: 'jumpy', clockOffsetUs: 7e9 });
  const agents = [await scene.agent({ name: 'steady' }), jumpy];
  const runId = await scene.start(plan, 2);
  for (const agent of agents) await scene.clock.until(agent.prepare());
  for (const agent of agents) await scene.clock.until(agent.next('start'));
  await scene.clock.advance(1e6);
  for (let second = 0; second < 8; second++) {
    if (second === jumpSecond) jumpy.clockOffsetUs -= 3600e6;
    for (const agent of agents) {
      agent.window(second + 1, second, [{ responseUs: [1000] }]);
      agent.sendWindow(runId, second + 1);
    }
    await scene.clock.advance(1e6);
  }
  if (jumpSecond === 8) jumpy.clockOffsetUs -= 3600e6;
  for (const agent of agents) agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  matchEach(t, result.agents, [
    { name: 'jumpy', closingTotals: 'agree', clockOffsetUs: 7e9 },
    { name: 'steady', closingTotals: 'agree', clockMovedUs: 0 },
  ]);
  // What clocks may drift while an answer waits for the next window is not certain.
  const movedUs = result.agents[0]?.clockMovedUs ?? Number.NaN;
  t.ok(movedUs >= -3600e6 && movedUs <= -3599.99e6, `${movedUs}`);
  t.matchOnly(
    result.events.map(({ text }) => text),
    ['the clock of agent jumpy jumped by -3600.00 s'],
  );
  t.match(
    result.validity.find(({ name }) => name === 'clock'),
    {
      ok: false,
      finding: /^The clocks of jumpy moved by up to 1h relative to control during the load \(limit 250 ms\)/,
    },
  );
  t.equal(result.verdict.kind, 'invalid');
}
