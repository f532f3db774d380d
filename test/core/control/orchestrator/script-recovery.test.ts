/** What scripts have named is there after a restart of control, as if there had been none. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MAX_RUN_SCRIPT_NAMES } from '../../../../core/stats/script-names.ts';
import {
  type OperationWindow,
  SCRIPT_TOTALS,
  type ScriptRow,
  type ScriptWindow,
  type Window,
} from '../../../../core/stats/window.ts';
import { phaseToWire } from '../../../../proto/window-codec.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { sceneClock } from '../scene/scene-clock.ts';
import { histogramOf, type ScriptedAgent } from '../scene/scripted-agent.ts';
import { fakePlan, stage } from '../scene/stage.ts';

const PLAN = {
  ...fakePlan,
  scenarios: { shoppers: { executor: 'constant-vus' as const, vus: 2, duration: '6s', user: './shopper.ts' } },
};
/** Seconds that are sent before control is gone. */
const BEFORE = 3;
const SECONDS = 6;
const TOLD = /^scripts gave too many names .* what comes after is counted under \(other\)/;

type Figures = Omit<OperationWindow, 'operation'>;

function figures(valuesUs: readonly number[], errors = 0): Figures {
  const histogram = histogramOf(valuesUs);
  const errorKinds = errors === 0 ? [] : [{ kind: 'http_500', count: errors, example: 'no' }];
  const times = { responseTime: histogram, serviceTime: histogram, sendDelay: histogramOf(valuesUs.map(() => 0)) };
  return { phase: 'measure', errors, bytesSent: 1, bytesReceived: 2, ...times, errorKinds };
}

const request = (name: string): ScriptRow => {
  return { scenario: 0, kind: 'request', driver: 'fake', type: 'GET', name, tags: {} };
};
const span = (name: string): ScriptRow => ({ ...request(name), kind: 'measure', driver: '', type: '' });

/** One second: a pass, two requests of which one fails, a span, a check. */
function scriptOf(agent: ScriptedAgent, second: number): ScriptWindow {
  return {
    rows: [
      { row: request('list'), ...figures([1000 + second]) },
      { row: request(`of ${agent.name}`), ...figures([2000 + second], 1) },
      { row: span('checkout'), ...figures([3000 + second]) },
    ],
    checks: [{ scenario: 0, name: 'signed in', phase: 'measure', passes: 2, fails: second % 2 }],
  };
}

function windowOf(agent: ScriptedAgent, second: number, script: ScriptWindow): Window {
  return { ...agent.window(second + 1, second, [{ responseUs: [5000] }]), script };
}

/** What the agent says at its end, by what it has made of its windows itself. */
function sendDone(agent: ScriptedAgent, runId: string, windows: readonly Window[]): void {
  const total = (operation: number, parts: readonly Figures[]) => ({
    operation,
    phase: phaseToWire('measure'),
    count: parts.reduce((sum, { responseTime }) => sum + responseTime.counts.reduce((all, one) => all + one, 0), 0),
    errors: parts.reduce((sum, { errors }) => sum + errors, 0),
    responseSumUs: parts.reduce((sum, { responseTime }) => sum + responseTime.sumUs, 0),
    serviceSumUs: parts.reduce((sum, { serviceTime }) => sum + serviceTime.sumUs, 0),
  });
  const rows = windows.flatMap(({ script }) => script?.rows ?? []);
  const checks = windows.flatMap(({ script }) => script?.checks ?? []);
  const fails = checks.reduce((sum, check) => sum + check.fails, 0);
  const passes = checks.reduce((sum, check) => sum + check.passes, 0);
  const ofKind = (kind: ScriptRow['kind']) => rows.filter(({ row }) => row.kind === kind);
  const totals = SCRIPT_TOTALS.map((kind, i) => {
    if (kind !== 'check') return total(1 + i, ofKind(kind));
    return { ...total(1 + i, []), count: passes + fails, errors: fails };
  });
  const passed = total(
    0,
    windows.flatMap(({ operations }) => operations),
  );
  const value = { runId, lastSeq: windows.length, totals: [passed, ...totals], acknowledged: 0, unknown: 0 };
  agent.send({ case: 'done', value: { ...value, firstStartDelayUs: 1500, stopped: false } });
}

/** @param scriptAt of an agent's window of a second @param restarts whether control is started anew in between */
async function resultOf(t: Test, scriptAt: (agent: ScriptedAgent, second: number) => ScriptWindow, restarts: boolean) {
  const store = join(t.testdir(), 'runs.sqlite');
  const first = await stage(t, { store });
  const agents = await first.twoAgents();
  const runId = await first.running(agents, { plan: PLAN, forUs: 0 });
  const windows = new Map(
    agents.map((agent) => {
      return [agent, Array.from({ length: SECONDS }, (_, second) => windowOf(agent, second, scriptAt(agent, second)))];
    }),
  );
  const send = (agent: ScriptedAgent, second: number) => {
    agent.sendWindow(runId, second + 1, { window: windows.get(agent)?.[second] as Window });
  };
  for (let second = 0; second < BEFORE; second++) {
    for (const agent of agents) send(agent, second);
    await first.clock.advance(1e6);
  }
  let scene = first;
  let serving: readonly ScriptedAgent[] = agents;
  if (restarts) {
    for (const agent of agents) agent.cut();
    scene = await stage(t, { store, clock: sceneClock(first.clock.nowUs() + 1e6) });
    serving = [await scene.agent(agents[0]), await scene.agent(agents[1])];
    for (const [i, agent] of serving.entries()) windows.set(agent, windows.get(agents[i] as ScriptedAgent) ?? []);
  }
  for (let second = BEFORE; second < SECONDS; second++) {
    for (const agent of serving) send(agent, second);
    await scene.clock.advance(1e6);
  }
  for (const agent of serving) sendDone(agent, runId, windows.get(agent) ?? []);
  await scene.ended(runId);
  return scene.result(runId);
}

t.test('rows and checks of scripts are those of a run without a restart', async (t) => {
  const [without, restarted] = [await resultOf(t, scriptOf, false), await resultOf(t, scriptOf, true)];
  matchEach(t, restarted.agents, [{ closingTotals: 'agree' }, { closingTotals: 'agree' }]);
  matchEach(t, without.agents, [{ closingTotals: 'agree' }, { closingTotals: 'agree' }]);
  for (const part of ['operations', 'journeys', 'measures', 'checks'] as const) {
    t.strictSame(restarted[part], without[part], part);
  }
  t.strictSame(restarted.timeline.operations, without.timeline.operations);
  t.strictSame(
    restarted.operations.map(({ name, phases }) => [name, phases.measure.requests, phases.measure.errors]),
    [
      ['list', 2 * SECONDS, 0],
      ['of a', SECONDS, SECONDS],
      ['of b', SECONDS, SECONDS],
    ],
  );
  matchEach(t, restarted.checks, [{ name: 'signed in', phases: { measure: { passes: 4 * SECONDS, fails: SECONDS } } }]);
});

t.test('more names than a run may have are told once, however often control is started', async (t) => {
  const perSecond = 400;
  const manyNames = (agent: ScriptedAgent, second: number): ScriptWindow => ({
    rows: Array.from({ length: second > 1 ? 0 : perSecond }, (_, i) => {
      return { row: request(`${agent.name} ${second} ${i}`), ...figures([1000]) };
    }),
    checks: [],
  });
  const [without, restarted] = [await resultOf(t, manyNames, false), await resultOf(t, manyNames, true)];
  for (const { operations, events } of [without, restarted]) {
    const named = operations.filter(({ name }) => name !== '(other)');
    t.equal(operations.length, named.length + 1);
    t.ok(named.length > MAX_RUN_SCRIPT_NAMES / 2 && named.length <= MAX_RUN_SCRIPT_NAMES, `${named.length}`);
    t.equal(
      operations.reduce((sum, { phases }) => sum + phases.measure.requests, 0),
      2 * 2 * perSecond,
    );
    t.equal(events.filter(({ text }) => TOLD.test(text)).length, 1, JSON.stringify(events));
  }
  t.strictSame(restarted.operations, without.operations);
});
