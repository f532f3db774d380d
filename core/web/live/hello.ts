import { canPause } from '../../control/load/load-change-request.ts';
import type { ObservedRun } from '../../control/orchestrator/run-lifecycle.ts';
import type { LiveRow, LiveRows } from '../../control/results/live-rows.ts';
import { reasonOf } from '../../control/run/run-state.ts';
import { isLive, takesArrivals } from '../../plan/load/load-model.ts';
import { loadProfile } from '../../plan/load/profile.ts';
import { scenarioTime } from '../../plan/load/split.ts';
import type { ParsedPlan, ParsedScenario } from '../../plan/schema.ts';
import type { RunEventData } from '../api/run-events.ts';
import { shownReason } from './event.ts';

type Hello = RunEventData<'hello'>;

/** @param monitors names of the metrics that have come so far */
export function helloOf(
  { run, parts }: ObservedRun,
  rows: LiveRows,
  monitors: readonly string[],
  role: Hello['role'],
): Hello {
  const { runId, spec, policy, totals, events } = run;
  const { state } = events;
  return {
    v: 1,
    runId,
    name: spec.plan.name,
    state: state.kind,
    ...shownReason(reasonOf(state)),
    startedAt: parts?.startedAt || null,
    plannedUs: spec.plannedUs,
    warmupUs: spec.warmupUs,
    seed: spec.plan.seed,
    target: spec.plan.target ?? '',
    role,
    canPause: state.kind === 'running' && canPause(spec.plan),
    scenarios: Object.entries(spec.plan.scenarios).map(([name, scenario]) =>
      scenarioOf(name, scenario, spec.plan, true),
    ),
    operations: rows.operations.map(shown),
    journeys: rows.journeys.map(({ scenario, name }) => ({ scenario, name })),
    thresholds: spec.thresholds.map(({ criterion, severity, isDefault }) => {
      return { criterion: criterion.text, severity, isDefault };
    }),
    monitors: [...monitors],
    agents: {
      expected: policy.expectAgents,
      here: parts?.agents.filter(({ connection }) => connection.presence === 'here').length ?? 0,
    },
    second: totals.settledSecond,
  };
}

function shown({ scenario, type, name }: LiveRow): Hello['operations'][number] {
  return { scenario, type, name };
}

/** @param mayChange whether the load of a run that goes on is meant */
export function scenarioOf(
  name: string,
  scenario: ParsedScenario,
  plan: ParsedPlan,
  mayChange: boolean,
): Hello['scenarios'][number] {
  const of = takesArrivals(scenario) ? 'rate' : 'vus';
  const { startUs, warmupUs } = scenarioTime(plan, scenario);
  const points: [number, number][] = [];
  let atUs = startUs;
  for (const { durationUs, from, to } of loadProfile(scenario, warmupUs).segments) {
    const last = points.at(-1);
    if (last === undefined || last[1] !== from) points.push([atUs, from]);
    atUs += durationUs;
    points.push([atUs, to]);
  }
  const isFixed = !mayChange || isLive(scenario) || 'iterations' in scenario;
  return {
    name,
    executor: scenario.executor,
    of,
    canSet: isFixed ? null : of,
    profile: isLive(scenario) ? [] : points,
  };
}
