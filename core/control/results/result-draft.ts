import { processEnvironment } from '../../environment.ts';
import type { LoadChange } from '../../plan/load-change.ts';
import { coarsened } from '../../stats/coarsen.ts';
import type { RunTotals } from '../../stats/merge.ts';
import {
  type AgentResult,
  type MonitorSeries,
  type NamedReconciliation,
  RESULT_VERSION,
  type RunEvent,
} from '../../stats/result.ts';
import type { LeanDraft, RunDraft } from '../../verdict/run-draft.ts';
import { VERSION } from '../../version.ts';
import type { LoadOutcome } from '../load/load-outcome.ts';
import type { RunAgent } from '../load/run-agent.ts';
import type { RunSpec } from '../run/run-spec.ts';

/** Of more agents than this the result has coarse histograms. */
const MAX_EXACT_AGENTS = 100;

export interface ResultParts {
  readonly runId: string;
  readonly spec: RunSpec;
  readonly totals: RunTotals;
  readonly agents: readonly RunAgent[];
  readonly load: LoadOutcome;
  readonly targetEnvironment: Readonly<Record<string, string>>;
  readonly monitors: readonly MonitorSeries[];
  readonly reconciliations: readonly NamedReconciliation[];
  readonly unverified: readonly string[];
  readonly events: readonly RunEvent[];
  readonly loadChanges: readonly LoadChange[];
  readonly lossTolerance: number;
}

/** Everything that was measured, in the shape of the result. */
export function buildResult(parts: ResultParts): RunDraft {
  const draft = buildLeanResult(parts);
  const agents = draft.agents.map((agent, i) => {
    const { index } = parts.agents[i] as RunAgent;
    const responseTime = parts.totals.agent(index).responseTime();
    return { ...agent, responseTime: draft.agents.length > MAX_EXACT_AGENTS ? coarsened(responseTime) : responseTime };
  });
  return { ...draft, agents };
}

/** What there is to judge by, while the load runs too. */
export function buildLeanResult(parts: ResultParts): LeanDraft {
  const { spec, totals, load } = parts;
  const phases = totals.operationResults();
  return {
    version: RESULT_VERSION,
    toolVersion: VERSION,
    runId: parts.runId,
    plan: spec.input,
    seed: spec.plan.seed,
    command: spec.command,
    startedAt: load.startedAt,
    ending: load.ending,
    warmupUs: spec.warmupUs,
    measuredUs: Math.max(0, load.loadUs - spec.warmupUs),
    plannedUs: spec.plannedUs,
    control: processEnvironment(),
    agents: parts.agents.map((agent) => agentResult(agent, totals, load.wantedUs)),
    targetEnvironment: parts.targetEnvironment,
    scenarios: Object.entries(spec.plan.scenarios).map(([name, { executor }], scenario) => ({
      name,
      executor,
      maxVus: totals.timeline.maxVus(scenario),
      ...totals.dropped(scenario),
    })),
    operations: spec.resolved.operations.map(({ index, scenarioName, name, type, driver, tags }) => ({
      scenario: scenarioName,
      name,
      type,
      driver,
      tags,
      phases: phases[index] as (typeof phases)[number],
    })),
    timings: totals.timingResults(),
    timeline: totals.timelineResult(),
    monitors: parts.monitors,
    reconciliations: parts.reconciliations,
    unverified: parts.unverified,
    events: parts.events,
    loadChanges: parts.loadChanges,
    lossTolerance: parts.lossTolerance,
  };
}

function agentResult(agent: RunAgent, totals: RunTotals, wantedUs: number): Omit<AgentResult, 'responseTime'> {
  const { name, connection, index, progress, clockMovedUs } = agent;
  const clock = 'clock' in progress ? progress.clock : { offsetUs: 0, uncertaintyUs: 0 };
  return {
    name,
    environment: connection.environment,
    ...totals.agent(index).figures(),
    clockOffsetUs: clock.offsetUs,
    clockUncertaintyUs: clock.uncertaintyUs,
    clockMovedUs,
    startDelayUs: 'done' in progress ? Math.max(0, progress.done.startDelayUs - agent.load.joinedUs) : 0,
    joinedUs: agent.load.joinedUs,
    missing: agent.missing(wantedUs),
    closingTotals:
      progress.kind === 'closed'
        ? progress.differences.length === 0
          ? 'agree'
          : 'differ'
        : progress.kind === 'closing'
          ? 'differ'
          : 'missing',
  };
}
