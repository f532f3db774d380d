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
import type { LoadEnd } from '../load/load-outcome.ts';
import type { Participant } from '../load/run-agent.ts';
import type { RunSpec } from '../run/run-spec.ts';

/** Of more agents than this the result has coarse histograms. */
const MOST_EXACT_AGENTS = 100;

export interface DraftParts {
  readonly runId: string;
  readonly spec: RunSpec;
  readonly totals: RunTotals;
  readonly participants: readonly Participant[];
  readonly load: LoadEnd;
  readonly targetEnvironment: Readonly<Record<string, string>>;
  readonly monitors: readonly MonitorSeries[];
  readonly reconciliations: readonly NamedReconciliation[];
  readonly unverified: readonly string[];
  readonly events: readonly RunEvent[];
  readonly loadChanges: readonly LoadChange[];
  readonly lossTolerance: number;
}

/** Everything that was measured, in the shape of the result. */
export function assemble(parts: DraftParts): RunDraft {
  const draft = assembleLean(parts);
  const agents = draft.agents.map((agent, i) => {
    const { index } = parts.participants[i] as Participant;
    const responseTime = parts.totals.agent(index).responseTime();
    return { ...agent, responseTime: draft.agents.length > MOST_EXACT_AGENTS ? coarsened(responseTime) : responseTime };
  });
  return { ...draft, agents };
}

/** What there is to judge by, while the load runs too. */
export function assembleLean(parts: DraftParts): LeanDraft {
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
    agents: parts.participants.map((participant) => agentResult(participant, totals, load.wantedUs)),
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

function agentResult(participant: Participant, totals: RunTotals, wantedUs: number): Omit<AgentResult, 'responseTime'> {
  const { name, link, index, progress, clockMovedUs } = participant;
  const clock = 'clock' in progress ? progress.clock : { offsetUs: 0, uncertaintyUs: 0 };
  return {
    name,
    environment: link.environment,
    ...totals.agent(index).figures(),
    clockOffsetUs: clock.offsetUs,
    clockUncertaintyUs: clock.uncertaintyUs,
    clockMovedUs,
    startDelayUs: 'done' in progress ? Math.max(0, progress.done.startDelayUs - participant.load.joinedUs) : 0,
    joinedUs: participant.load.joinedUs,
    missing: participant.missing(wantedUs),
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
