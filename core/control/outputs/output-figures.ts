import type { OutputAgent, OutputRow, OutputSecond, RunSoFar } from '../../output.ts';
import { requiredOf } from '../../verdict/conclusion/run-outcome.ts';
import type { RunAgent } from '../load/run-agent.ts';
import { type AgentState, agentState, newestProcesses } from '../load/run-agent-state.ts';
import type { LiveRow, LiveRows } from '../results/live-rows.ts';
import type { LiveParts } from '../results/live-snapshot.ts';
import type { RunContext } from '../run/run-context.ts';

const OUTPUT_STATES: Readonly<Record<AgentState, OutputAgent['state']>> = {
  preparing: 'here',
  running: 'here',
  away: 'here',
  lost: 'lost',
  left: 'left',
  ended: 'left',
};

/** The rows and scenarios of a settled second, as they are known by now. */
export function figuresOf(
  { spec, totals }: Pick<RunContext, 'spec' | 'totals'>,
  { operations, journeys }: LiveRows,
  second: number,
): Pick<OutputSecond, 'second' | 'rows' | 'scenarios'> {
  const { timeline } = totals;
  const rowsOf = (rows: readonly LiveRow[], kind: OutputRow['kind']) =>
    rows.flatMap(({ row, scenario, name: operation, type, driver }): OutputRow[] => {
      const figures = timeline.rowAt(second, row);
      return figures === undefined ? [] : [{ scenario, operation, type, driver, kind, ...figures }];
    });
  return {
    second,
    rows: [...rowsOf(operations, 'request'), ...rowsOf(journeys, 'journey')],
    scenarios: Object.keys(spec.plan.scenarios).map((name, i) => ({ name, ...timeline.scenarioAt(second, i) })),
  };
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

/** Everything that is known of a run by now. @param startUs the run start on control's clock */
export function soFarOf(
  { totals, events }: Pick<RunContext, 'totals' | 'events'>,
  { thresholds, draft: draftNow }: Pick<LiveParts, 'thresholds' | 'draft'>,
  startUs: number,
): RunSoFar {
  const draft = draftNow();
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
