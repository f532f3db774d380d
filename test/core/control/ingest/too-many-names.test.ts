/** Names that come from agents take memory in control, for as long as the run lasts: there is an end to them. */

import t from 'tap';
import { WindowCheck } from '../../../../core/control/ingest/window-check.ts';
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
  for (const name of ['good', 'thousands', 'kinds', 'last', 'greedy']) agents.push(await scene.agent({ name }));
  type Five = [ScriptedAgent, ScriptedAgent, ScriptedAgent, ScriptedAgent, ScriptedAgent];
  const [good, thousands, kinds, last, greedy] = agents as Five;
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

  send(greedy, 1, (window) => timed(window, names(0, 50), ['warmup', 'measure']));
  await scene.clock.until(greedy.next('windowAck'));
  send(good, 1, (window) => timed(window, ['http.connect']));
  send(last, 1, (window) => timed(window, ['http.connect', 'http.tls']));
  for (const agent of [good, last]) await scene.clock.until(agent.next('windowAck'));
  send(greedy, 2, (window) => timed(window, ['id 4711']));
  t.match(
    await reasonOf(greedy),
    /^timings have more than 52 different names, but an agent can have at most 50, and a run 75: a driver must not put ids into/,
  );

  for (const agent of [good, last]) agent.sendDone(runId);
  await scene.ended(runId);
  const result = await scene.result(runId);
  t.equal(result.timings.length, 52, 'a greedy agent left names to the others');
  t.same(
    result.agents.map(({ name, requests }) => [name, requests]),
    [
      ['good', 1],
      ['greedy', 1],
      ['kinds', 0],
      ['last', 1],
      ['thousands', 0],
    ],
  );
});

t.test('names in windows that are not stored yet count, and those of a run that is taken up', (t) => {
  const clock = sceneClock();
  const shape = { operations: 1, journeys: 0, scenarios: 1, drivers: 1 };
  const totals = new RunTotals(shape);
  const index = totals.addAgent('agent-1');
  totals.add(index, 1, timed(windowOf(0, []), names(0, 20)));
  const store = { addWindows: async () => {} };
  const collector = new WindowCollector({ runId: 'r', shape, maxVus: () => 1, totals, store, clock, note: () => {} });
  collector.start(clock.nowUs());
  const agent: WindowSource = { index, name: 'a', epoch: 'e', acknowledge: () => {}, requestResend: () => {} };
  const receive = (seq: number, names: readonly string[]) => {
    const window = encodeWindow(timed(windowOf(seq - 1, []), names));
    collector.receive(agent, { runId: 'r', epoch: 'e', seq, window } as WindowReport);
  };
  receive(2, names(20, 56));
  t.throws(() => receive(3, names(50, 70)), {
    name: 'WireError',
    message: /^timings have more than 56 different names/,
  });
  receive(3, names(0, 56));
  t.end();
});

t.test('an agent that makes up names of ratios leaves names to the others', (t) => {
  const totals = new RunTotals({ operations: 1, journeys: 0, scenarios: 1, drivers: 1 });
  for (const name of ['a', 'b']) totals.addAgent(name);
  const check = new WindowCheck({ shape: totals.shape, maxVus: () => 5 }, totals);
  const counted = (all: readonly string[]): Window => ({
    ...windowOf(0, []),
    ratios: all.map((name) => ({ name, phase: 'measure', hits: 1, of: 1 })),
  });
  check.check({ index: 0 }, counted(names(0, 50)), 0);
  t.throws(() => check.check({ index: 0 }, counted(['id 4711']), 0), {
    name: 'WireError',
    message:
      /^ratios have more than 50 different names, but an agent can have at most 50, and a run 75: a driver must not/,
  });
  check.check({ index: 1 }, counted(['search.recall']), 0);
  t.end();
});

t.test('an agent that makes up keys of writes leaves keys to the others', (t) => {
  const totals = new RunTotals({ operations: 1, journeys: 0, scenarios: 1, drivers: 1 });
  const [broken, good] = [totals.addAgent('agent-1'), totals.addAgent('agent-1')] as [number, number];
  const check = new WindowCheck({ shape: totals.shape, maxVus: () => 5 }, totals);
  const keyed = (from: number, count: number): Window => ({
    ...windowOf(0, []),
    writes: Array.from({ length: count }, (_, i) => ({ driver: 0, key: `${from + i}`, acknowledged: 1, unknown: 0 })),
  });
  for (let seq = 1; seq <= 20; seq++) {
    const window = keyed(seq * 100_000, 100_000);
    check.check({ index: broken }, window, 0);
    totals.add(broken, seq, window);
  }
  const refusal =
    /^writes have 2000001 different keys, 2000001 of which this agent was the first to count: an agent can have/;
  t.throws(() => check.check({ index: broken }, keyed(9e6, 1), 0), { name: 'WireError', message: refusal });
  check.check({ index: broken }, keyed(100_000, 100_000), 0);
  const window = keyed(8e6, 100_000);
  check.check({ index: good }, window, 0);
  totals.add(good, 1, window);
  t.equal(totals.tallyKeysOf(good), 100_000);
  t.end();
});
