import type { OutputAgent, OutputRow, OutputSecond, RunSoFar } from '../../output.ts';
import { pausesOf, wantedLevel } from '../../plan/load/load-change.ts';
import { takesArrivals } from '../../plan/load/load-model.ts';
import type { ParsedPlan, ParsedScenario } from '../../plan/schema.ts';
import { behindSeconds } from '../../series/run-series.ts';
import { requiredOf } from '../../verdict/conclusion/run-outcome.ts';
import type { RunAgent } from '../load/run-agent.ts';
import { type AgentState, agentState, newestProcesses } from '../load/run-agent-state.ts';
import type { LiveParts } from '../results/live-parts.ts';
import type { LiveRow } from '../results/live-rows.ts';
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
  parts: Pick<LiveParts, 'rows' | 'requested' | 'shaped'>,
  second: number,
): Pick<OutputSecond, 'second' | 'rows' | 'scenarios'> {
  const { operations, journeys } = parts.rows();
  const { timeline } = totals;
  const rowsOf = (rows: readonly LiveRow[], kind: OutputRow['kind']) =>
    rows.flatMap(({ row, scenario, name: operation, type, driver }): OutputRow[] => {
      const figures = timeline.rowAt(second, row);
      return figures === undefined ? [] : [{ scenario, operation, type, driver, kind, ...figures }];
    });
  return {
    second,
    rows: [...rowsOf(operations, 'request'), ...rowsOf(journeys, 'journey')],
    scenarios: Object.entries(spec.plan.scenarios).map(([name, scenario], i) => ({
      name,
      ...timeline.scenarioAt(second, i),
      [takesArrivals(scenario) ? 'rateWanted' : 'vusWanted']: wantedAt(spec.plan, i, parts, second),
    })),
  };
}

/** The level of a scenario that is asked for at the end of this second. */
function wantedAt(
  plan: ParsedPlan,
  scenario: number,
  { requested, shaped }: Pick<LiveParts, 'requested' | 'shaped'>,
  second: number,
): number {
  // A level that holds to the very end of a load is still its level there.
  const elapsedUs = (second + 1) * 1e6 - 1;
  const level = shaped.levelAt(scenario, second);
  if (level === undefined) return wantedLevel(plan, scenario, requested, elapsedUs);
  const isPaused = pausesOf(requested).some(({ fromUs, toUs }) => fromUs <= elapsedUs && elapsedUs < toUs);
  return isPaused && takesArrivals(Object.values(plan.scenarios)[scenario] as ParsedScenario) ? 0 : level;
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
  { totals, events, clock }: Pick<RunContext, 'totals' | 'events' | 'clock'>,
  { thresholds, draft: draftNow }: Pick<LiveParts, 'thresholds' | 'draft'>,
  startUs: number,
): RunSoFar {
  const draft = draftNow();
  const judged = thresholds.interim(draft);
  const { operations, journeys, measures, checks, timings, ratios, scenarios } = draft;
  return {
    seconds: totals.timeline.seconds,
    behindSeconds: behindSeconds(startUs / 1000, totals.settledSecond, clock.nowUs() / 1000),
    verdict: requiredOf(judged).some(({ status }) => status === 'fail') ? 'fail' : 'pass',
    operations,
    journeys,
    measures,
    checks,
    timings,
    ratios,
    scenarios,
    events: events.list(startUs),
    thresholds: judged,
  };
}
