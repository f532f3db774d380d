/** Scenarios with a script: what the plan may say beside it, and what its criteria may name. */

import t from 'tap';
import { clashes, operationsOf } from '../../../core/plan/driver-use.ts';
import { parsePlan } from '../../../core/plan/parse.ts';
import { PlanError } from '../../../core/plan/problem.ts';
import { resolvePlan } from '../../../core/plan/resolve.ts';
import { defineUser, type UserDefinition } from '../../../core/script/define-user.ts';
import type { SettledSecond } from '../../../core/stats/second.ts';
import type { ScriptRow } from '../../../core/stats/window.ts';
import { selectableRows } from '../../../core/verdict/criterion/select.ts';
import { ThresholdEvaluator } from '../../../core/verdict/evaluator.ts';
import type { LeanDraft } from '../../../core/verdict/run-draft.ts';
import { checkThresholds, planThresholds } from '../../../core/verdict/thresholds.ts';
import nullDriver from '../../../plugins/null.ts';
import { matchEach } from '../../kit/match-each.ts';
import { histogramOf } from '../../kit/results/windows.ts';

const SCENARIO = { executor: 'constant-vus', vus: 1, duration: '1s', user: './shopper.ts' };
const script = defineUser({ drivers: ['null'], iterate: () => {} });

function planOf(scenario: object, more: object = {}) {
  return { name: 'test', scenarios: { shoppers: { ...SCENARIO, ...scenario } }, ...more };
}

async function resolved(source: object, definition: UserDefinition = script) {
  const loadDriver = async (reference: string) => {
    if (reference === 'null') return nullDriver;
    throw new Error(`unknown driver "${reference}"`);
  };
  return resolvePlan(parsePlan(source), loadDriver, async () => definition);
}

function problemsOf(source: object): string[] {
  try {
    parsePlan(source);
    return [];
  } catch (error) {
    return (error as PlanError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

t.test('what does not go with a script', async (t) => {
  const step = [{ driver: 'null' }];
  t.strictSame(problemsOf(planOf({ data: { users: { file: 'users.csv' } }, thinkTime: '1s' })), []);
  t.strictSame(problemsOf(planOf({ operations: step, flow: step })), [
    'scenarios.shoppers: has operations and a flow and a script: keep one of them',
  ]);
  t.strictSame(problemsOf(planOf({ onStart: step, onStop: step, onFailure: 'continue' })), [
    'scenarios.shoppers.onFailure: is for a flow: leave it out',
    'scenarios.shoppers.onStart: is for operations and flows: the script has an onStart of its own',
    'scenarios.shoppers.onStop: is for operations and flows: the script has an onStop of its own',
  ]);
  const { user: _, ...withoutScript } = SCENARIO;
  t.strictSame(
    problemsOf({
      name: 'test',
      scenarios: { a: { ...withoutScript, operations: step, data: { x: { file: 'x.csv' } } } },
    }),
    ['scenarios.a.data: is for a script; the data of operations stand in the options of their driver'],
  );
  t.matchOnly(problemsOf({ name: 'test', scenarios: { a: withoutScript } }), [
    /^scenarios\.a: does nothing: list its operations/,
  ]);
});

t.test('a script has a journey and its drivers, of which it may use every operation', async (t) => {
  const plan = await resolved(planOf({}));
  t.strictSame(plan.operations, []);
  matchEach(t, plan.journeys, [
    { index: 0, scenario: 0, name: 'shoppers', work: { kind: 'script', drivers: ['null'] } },
  ]);
  t.strictSame([...plan.drivers.keys()], ['null']);
  t.strictSame([...operationsOf('null', plan)], ['noop']);
  t.strictSame(await clashes(plan), []);
  const problemsIn = async (resolving: Promise<unknown>) => {
    const error = await resolving.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof PlanError ? error.problems : error;
  };
  t.strictSame(await problemsIn(resolved(planOf({}), { ...script, drivers: ['redis'] } as UserDefinition)), [
    { path: 'scenarios.shoppers.user', message: 'unknown driver "redis"' },
  ]);
  const broken = async () => {
    throw new Error('it is broken');
  };
  t.strictSame(await problemsIn(resolvePlan(parsePlan(planOf({})), async () => nullDriver, broken)), [
    { path: 'scenarios.shoppers.user', message: 'it is broken' },
  ]);
});

t.test('criteria may name what a script will name, and its checks', async (t) => {
  const problems = async (criterion: string) => {
    const source = planOf({}, { thresholds: [criterion] });
    const plan = await resolved(source);
    return checkThresholds(plan.plan, selectableRows(plan), []).map(({ message }) => message);
  };
  for (const criterion of [
    'p95 < 1s',
    'list p95 < 1s',
    'list error_rate < 1%',
    'scenario:shoppers p95 < 1s',
    'tag:kind=read p95 < 1s',
    'journey shoppers p95 < 1s',
    'http.connect p95 < 1s',
    'check "logged in" error_rate < 1%',
    'check paid scenario:shoppers fails == 0',
  ]) {
    t.strictSame(await problems(criterion), [], criterion);
  }
  t.matchOnly(await problems('list p95 < 1'), [/p95 of an operation is a duration/]);
  t.matchOnly(await problems('scenario:buyers p95 < 1s'), [/there is no scenario "buyers"/]);
  matchEach(t, await problems('check paid p95 < 1s'), [
    /p95 is not measured on checks: write requests, fails, error_rate or/,
  ]);
  t.matchOnly(await problems('check paid fails == 0 for 10s'), [
    /checks are judged at the end: write it without "for"/,
  ]);
});

t.test('a criterion on a name that comes at run time is judged second by second', async (t) => {
  const plan = await resolved(planOf({}, { thresholds: [{ criterion: 'list max < 100ms', abort: true }] }));
  const evaluator = new ThresholdEvaluator(planThresholds(plan.plan, false), selectableRows(plan), {
    warmupUs: 0,
    plannedUs: 60e6,
  });
  const row: ScriptRow = { scenario: 0, kind: 'request', driver: 'http', type: 'GET', name: 'list', tags: {} };
  const second = (at: number, named: Partial<ScriptRow>, ms: number): SettledSecond => {
    const histogram = histogramOf([ms * 1000]).encode();
    const entry = { operation: 7, row: { ...row, ...named }, phase: 'measure' as const, requests: 1, errors: 0 };
    return {
      second: at,
      operations: [{ ...entry, timeouts: 0, responseTime: histogram, serviceTime: histogram }],
      timings: [],
      vus: 1,
      droppedArrivals: 0,
      loopLagUs: 0,
      agentCpuCores: 0,
      cpuWaitShare: 0,
      monitors: {},
    };
  };
  t.strictSame(evaluator.observe(second(0, {}, 50)), []);
  t.strictSame(evaluator.observe(second(1, { name: 'order' }, 500)), []);
  t.strictSame(evaluator.observe(second(2, { scenario: 1 }, 500)), [], 'of a scenario without a script');
  matchEach(t, evaluator.observe(second(3, {}, 500)), [{ second: 3, actual: 500_000 }]);
});

t.test('a journey that nothing can be said of is not judged, and the reason is about passes', async (t) => {
  const { plan, ...rest } = await resolved(planOf({}, { thresholds: ['journey shoppers p95 < 1s'] }));
  const rows = selectableRows({ plan, ...rest });
  const evaluator = new ThresholdEvaluator(planThresholds(plan, false), rows, { warmupUs: 0, plannedUs: 60e6 });
  const judged = (requests: number, errors: number) => {
    const histogram = histogramOf(Array.from({ length: requests }, () => 1_000)).encode();
    const phase = { requests, errors, responseTime: histogram, serviceTime: histogram };
    const draft = {
      ...{ warmupUs: 0, measuredUs: 60e6, ending: { kind: 'completed' }, operations: [] },
      timeline: { droppedArrivals: [] },
      journeys: [{ scenario: 'shoppers', name: 'shoppers', phases: { warmup: phase, measure: phase } }],
    };
    return evaluator.conclude(draft as unknown as LeanDraft);
  };
  const [ofTime, , ofFailures] = judged(0, 0);
  t.match(ofFailures, { criterion: 'journey shoppers error_rate < 1%', isDefault: true, status: 'invalid' });
  for (const result of [ofTime, ofFailures]) {
    t.match(result, { reason: 'no pass was due in this phase: let it last longer than a pass takes.' });
  }
  const [fastFailures] = judged(7, 7);
  t.match(fastFailures, { status: 'invalid', reason: /^every pass of the journey failed \(7\)/ });
});
