import type { OutputAgent, OutputRow, OutputSecond, RunSoFar } from '../../output.ts';
import { requiredOf } from '../../verdict/conclusion/run-outcome.ts';
import type { RunAgent } from '../load/run-agent.ts';
import { type AgentState, agentState, newestProcesses } from '../load/run-agent-state.ts';
import type { ThresholdWatch } from '../load/threshold-watch.ts';
import { buildLeanResult } from '../results/result-draft.ts';
import type { RunContext } from '../run/run-context.ts';

const OUTPUT_STATES: Readonly<Record<AgentState, OutputAgent['state']>> = {
  preparing: 'here',
  running: 'here',
  away: 'here',
  lost: 'lost',
  left: 'left',
  ended: 'left',
};

/** What is shown of a run beside its totals. */
export interface ShownParts {
  readonly agents: readonly RunAgent[];
  readonly thresholds: ThresholdWatch;
}

/** The start of a run's load. */
export interface ShownStart {
  /** On control's clock. */
  readonly startUs: number;
  /** The same on the wall clock, RFC 3339. */
  readonly startedAt: string;
}

/** The rows and scenarios of a settled second, as they are known by now. */
export function figuresOf(
  { spec, totals }: Pick<RunContext, 'spec' | 'totals'>,
  second: number,
): Pick<OutputSecond, 'second' | 'rows' | 'scenarios'> {
  const { timeline, script } = totals;
  const names = Object.keys(spec.plan.scenarios);
  const { operations, journeys } = spec.resolved;
  const all: (Pick<OutputRow, 'scenario' | 'operation' | 'type' | 'driver' | 'kind'> & { readonly index: number })[] = [
    ...operations.map(({ index, scenarioName: scenario, name: operation, type, driver }) => {
      return { index, scenario, operation, type, driver, kind: 'request' as const };
    }),
    ...script.rows('request').map(({ number: index, row: { scenario, name: operation, type, driver } }) => {
      return { index, scenario: names[scenario] as string, operation, type, driver, kind: 'request' as const };
    }),
    ...journeys.map(({ index, scenario, name: operation }) => {
      return { index, scenario: names[scenario] as string, operation, type: '', driver: '', kind: 'journey' as const };
    }),
  ];
  const rows = all.flatMap(({ index, ...row }): OutputRow[] => {
    const figures = timeline.rowAt(second, index);
    return figures === undefined ? [] : [{ ...row, ...figures }];
  });
  return { second, rows, scenarios: names.map((name, i) => ({ name, ...timeline.scenarioAt(second, i) })) };
}

export function agentsNow({ totals }: Pick<RunContext, 'totals'>, agents: readonly RunAgent[]): OutputAgent[] {
  return newestProcesses(agents).map((agent) => {
    const {
      processCpuCores = 0,
      processMemoryBytes = 0,
      loopLagMaxUs: loopLagUs = 0,
    } = totals.agent(agent.index).newest?.host ?? {};
    return {
      name: agent.name,
      state: OUTPUT_STATES[agentState(agent)],
      processCpuCores,
      processMemoryBytes,
      loopLagUs,
    };
  });
}

/** Everything that is known of a run by now. */
export function soFarOf(
  run: RunContext,
  { agents, thresholds }: ShownParts,
  { startUs, startedAt }: ShownStart,
): RunSoFar {
  const { spec, totals, events, clock } = run;
  const loadUs = Math.min(Math.max(0, clock.nowUs() - startUs), spec.plannedUs);
  const load = { startUs, startedAt, loadUs, wantedUs: loadUs, ending: { kind: 'completed' } } as const;
  const draft = buildLeanResult(run, agents, load);
  const judged = thresholds.interim(draft);
  const { operations, journeys, measures, checks, timings, scenarios } = draft;
  return {
    seconds: totals.timeline.seconds,
    verdict: requiredOf(judged).some(({ status }) => status === 'fail') ? 'fail' : 'pass',
    operations,
    journeys,
    measures,
    checks,
    timings,
    scenarios,
    events: events.list(startUs),
    thresholds: judged,
  };
}
