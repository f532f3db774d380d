/** Names that come from agents take memory in control, for as long as the run lasts: there is an end to them. */

import t from 'tap';
import { WindowCollector } from '../../../../core/control/ingest/window-collector.ts';
import type { WindowSource } from '../../../../core/control/ingest/window-source.ts';
import { RunTotals } from '../../../../core/stats/merge.ts';
import type { Phase, Window } from '../../../../core/stats/window.ts';
import type { WindowReport } from '../../../../proto/gen/bench/v1/agent_pb.ts';
import { encodeWindow } from '../../../../proto/window-codec.ts';
import { histogramOf, windowOf } from '../../../kit/results/windows.ts';
import { sceneClock } from '../scene/scene-clock.ts';
import type { ScriptedAgent } from '../scene/scripted-agent.ts';
import { stage } from '../scene/stage.ts';

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `t${from + i}`);

function timed(window: Window, names: readonly string[], phases: readonly Phase[] = ['measure']): Window {
  const histogram = histogramOf([1000]).encode();
  return { ...window, timings: names.flatMap((name) => phases.map((phase) => ({ name, phase, histogram }))) };
}

t.test('an agent whose windows bring too many names is refused; what it sent before counts', async (t) => {
  const scene = await stage(t);
  const agents: ScriptedAgent[] = [];
  for (const name of ['good', 'thousands', 'kinds', 'fifty-first']) agents.push(await scene.agent({ name }));
  const [good, thousands, kinds, last] = agents as [ScriptedAgent, ScriptedAgent, ScriptedAgent, ScriptedAgent];
  const runId = await scene.running(agents);
  const send = (agent: ScriptedAgent, seq: number, change: (window: Window) => Window) => {
    agent.sendWindow(runId, seq, { window: change(agent.window(seq, 0, [{ responseUs: [1000], errors: 1 }])) });
  };
  const reasonOf = async (agent: ScriptedAgent) => (await scene.clock.until(agent.next('refused'))).reason;

  const empty = { minUs: 0, maxUs: 0, sumUs: 0, indices: [], counts: [] };
  const many = names(0, 10_000).map((name) => ({ name, phase: 'measure' as const, histogram: empty }));
  send(thousands, 1, (window) => ({ ...window, timings: many }));
  t.match(await reasonOf(thousands), /^timings are more than 100, the most that a window may have$/);

  const errorKinds = names(0, 52).map((kind) => ({ kind, count: 1, example: '' }));
  const responseUs = new Array(52).fill(1000);
  const failed = kinds.window(1, 0, [{ responseUs, errors: 52 }]);
  const operations = failed.operations.map((operation) => ({ ...operation, errorKinds }));
  kinds.sendWindow(runId, 1, { window: { ...failed, operations } });
  t.match(await reasonOf(kinds), /^operations\.error_kinds are more than 51/);

  send(good, 1, (window) => timed(window, names(0, 50), ['warmup', 'measure']));
  send(last, 1, (window) => timed(window, names(10, 50)));
  send(last, 2, (window) => timed(window, ['t3', 'id 4711']));
  t.match(
    await reasonOf(last),
    /^timings have 51 different names, but a run can have at most 50: a driver must not put ids into/,
  );

  good.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.equal(result.timings.length, 50);
  t.same(
    result.agents.map(({ name, requests }) => [name, requests]),
    [
      ['fifty-first', 1],
      ['good', 1],
      ['kinds', 0],
      ['thousands', 0],
    ],
  );
});

t.test('names in windows that are not stored yet count, and those of a run that is taken up', (t) => {
  const clock = sceneClock();
  const shape = { operations: 1, journeys: 0, scenarios: 1, drivers: 1 };
  const totals = new RunTotals(shape);
  const index = totals.addAgent();
  totals.add(index, 1, timed(windowOf(0, []), names(0, 20)));
  const store = { addWindows: async () => {} };
  const collector = new WindowCollector({ runId: 'r', shape, maxVus: () => 1, totals, store, clock, note: () => {} });
  collector.start(clock.nowUs());
  const agent: WindowSource = { index, name: 'a', epoch: 'e', acknowledge: () => {}, requestResend: () => {} };
  const receive = (seq: number, names: readonly string[]) => {
    const window = encodeWindow(timed(windowOf(0, []), names));
    collector.receive(agent, { runId: 'r', epoch: 'e', seq, window } as WindowReport);
  };
  receive(2, names(20, 45));
  t.throws(() => receive(3, names(45, 51)), { name: 'WireError', message: /^timings have 51 different names/ });
  receive(3, names(0, 50));
  t.throws(() => receive(4, ['another']), { name: 'WireError' });
  t.end();
});
