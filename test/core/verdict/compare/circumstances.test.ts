import t from 'tap';
import type { RunResult } from '../../../../core/stats/result.ts';
import { circumstances } from '../../../../core/verdict/compare/circumstances.ts';
import { loadDifferences, loadObstacles } from '../../../../core/verdict/compare/offered-load.ts';
import { renderMessage } from '../../../../core/verdict/messages/message.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { randomRun } from '../../../kit/results/random-runs.ts';
import { searchedResult } from '../../../kit/results/searched.ts';

const RUN = randomRun({ seconds: 12, meanUs: 10_000, secondSpread: 0, persistence: 0, runSpread: 0 }, 1);
const [AGENT] = RUN.agents as [RunResult['agents'][number]];

/** @param devices fields of the plan's scenario */
function planned(devices: Record<string, unknown>, run: RunResult = RUN): RunResult {
  // Without fields that are undefined, as JSON has them.
  const scenario = JSON.parse(JSON.stringify({ ...run.plan.scenarios.devices, ...devices }));
  return { ...run, runId: 'other', plan: { ...run.plan, scenarios: { devices: scenario } } } as RunResult;
}

function said(messages: ReturnType<typeof circumstances>): string[] {
  return messages.map((message) => renderMessage(message, 'en'));
}

t.test('what differs beside the target', async (t) => {
  t.strictSame(said(circumstances([RUN], [RUN], [])), []);
  const other: RunResult = {
    ...RUN,
    toolVersion: '0.2.0',
    plan: { ...RUN.plan, target: 'http://127.0.0.1:5003', description: 'not worth a word', seed: 7 },
    targetEnvironment: { version: '2' },
    agents: [{ ...AGENT, environment: { ...AGENT.environment, host: 'load-2', runtime: 'Node 24.1.0' } }],
    ending: { kind: 'stopped', by: 'request', reason: 'Ctrl-C.' },
    validity: RUN.validity.map((check, i) => ({ ...check, ok: i > 0 })),
  };
  t.strictSame(said(circumstances([RUN], [other], [])), [
    `The measurement of ${RUN.runId} cannot be trusted (samples): its figures may be those of the load generator.`,
    `${RUN.runId} was stopped early: Ctrl-C.`,
    'Plan: seed is – before, 7 after.',
    'Target: http://127.0.0.1:5002 before, http://127.0.0.1:5003 after.',
    'Version of bench: 0.1.0 before, 0.2.0 after.',
    'Number of agents: 2 before, 1 after.',
    'Hosts of the agents: load-1 before, load-2 after.',
    'Runtimes of the agents: Bun 1.4.5 before, Node 24.1.0 after.',
    'Target, version: – before, 2 after.',
  ]);
});

t.test('two runs of the same constant load, one of them longer, offered the same', async (t) => {
  t.strictSame(loadDifferences([RUN, planned({ duration: '1h', gracefulStop: '1s' })]), []);
  t.strictSame(loadDifferences([RUN]), []);
});

t.test('other loads', async (t) => {
  t.strictSame(said(loadDifferences([RUN, planned({ vus: 200 })])), [
    `other offered another load than ${RUN.runId}: scenarios.devices.vus is 200, and not 100.`,
  ]);
  t.matchOnly(said(loadDifferences([RUN, planned({ thinkTime: '1s' })])), [
    /scenarios\.devices\.thinkTime\.uniform\.0 is –, and not 166ms/,
    /scenarios\.devices\.thinkTime\.uniform\.1 is –, and not 266ms/,
    /scenarios\.devices\.thinkTime is 1s, and not –/,
  ]);
  const ramp = {
    executor: 'ramping-vus',
    vus: undefined,
    duration: undefined,
    stages: [{ target: 5, duration: '5s' }],
  };
  const steeper = { ...ramp, stages: [{ target: 5, duration: '4s' }] };
  matchEach(t, said(loadDifferences([planned(ramp), planned(steeper)])), [
    /scenarios\.devices\.stages\.0\.duration is 4s, and not 5s/,
  ]);
  const fewer = { ...planned({}), timeline: { ...RUN.timeline, vus: RUN.timeline.vus.map((vus) => vus / 2) } };
  t.matchOnly(said(loadDifferences([RUN, fewer])), [/2 virtual users on average, and not 4/]);
  const open = { executor: 'constant-arrival-rate', vus: undefined, thinkTime: undefined, rate: 400, maxVus: 50 };
  const opened = (run: RunResult) => ({
    ...planned(open, run),
    scenarios: RUN.scenarios.map((scenario) => ({ ...scenario, executor: 'constant-arrival-rate' })),
  });
  t.strictSame(loadDifferences([opened(RUN), opened(RUN)]), []);
  const half = { ...RUN.timeline.all, requests: RUN.timeline.all.requests.map((requests) => requests / 2) };
  const slower = opened({ ...RUN, timeline: { ...RUN.timeline, all: half } });
  t.matchOnly(said(loadDifferences([opened(RUN), slower])), [/200\/s arrivals, and not 400\/s/]);
  const changed = { ...RUN, loadChanges: [{}] as unknown as RunResult['loadChanges'] };
  t.matchOnly(said(loadDifferences([RUN, changed])), [/Somebody changed the load/]);
});

t.test('a search offers what its target takes: two of them are not compared figure by figure', async (t) => {
  const runs = [searchedResult({ runId: 'before', limit: 400 }), searchedResult({ runId: 'after', limit: 800 })];
  t.matchOnly(said(loadObstacles(runs)), [/^The load of before was searched, /, /^The load of after was searched, /]);
  t.strictSame(loadDifferences(runs), [], 'what they found can be compared');
  t.strictSame(loadObstacles([RUN]), []);
});
