import { processEnvironment } from '../../environment.ts';
import { coarsened } from '../../stats/coarsen.ts';
import type { RunTotals } from '../../stats/merge.ts';
import { type AgentResult, RESULT_VERSION } from '../../stats/result.ts';
import type { LeanDraft, RunDraft } from '../../verdict/run-draft.ts';
import { VERSION } from '../../version.ts';
import type { LoadOutcome } from '../load/load-outcome.ts';
import type { RunAgent } from '../load/run-agent.ts';
import type { RunContext } from '../run/run-context.ts';

/** With more agents than this, each agent's histogram in the result is coarse. */
const MAX_EXACT_AGENTS = 100;
/** How many neighbouring buckets are one there: a percentile is at most 1.6 % above the true one. */
const TOGETHER = 16;

/** What is known only once the load is over and the drivers have verified what was written. */
export type RunFindings = Pick<
  RunDraft,
  'targetEnvironment' | 'monitors' | 'reconciliations' | 'unverified' | 'events' | 'loadChanges'
>;

/** Everything that was measured, in the shape of the result. */
export function buildResult(
  run: RunContext,
  agents: readonly RunAgent[],
  load: LoadOutcome,
  findings: RunFindings,
): RunDraft {
  const draft = { ...buildLeanResult(run, agents, load), ...findings };
  const isCoarse = agents.length > MAX_EXACT_AGENTS;
  const withResponseTimes = draft.agents.map((agent, i) => {
    const { index } = agents[i] as RunAgent;
    const responseTime = run.totals.agent(index).responseTime();
    return { ...agent, responseTime: isCoarse ? coarsened(responseTime, TOGETHER) : responseTime };
  });
  return { ...draft, agents: withResponseTimes };
}

/** What validity checks need, in the shape of the result. It can be made while the load runs, and has no findings yet. */
export function buildLeanResult(run: RunContext, agents: readonly RunAgent[], load: LoadOutcome): LeanDraft {
  const { runId, spec, policy, totals } = run;
  const phases = totals.operationResults();
  const scenarioNames = Object.keys(spec.plan.scenarios);
  return {
    version: RESULT_VERSION,
    toolVersion: VERSION,
    runId,
    plan: spec.input,
    seed: spec.plan.seed,
    command: spec.command,
    startedAt: load.startedAt,
    ending: load.ending,
    ...(load.storeProblem !== undefined && { storeProblem: load.storeProblem }),
    warmupUs: spec.warmupUs,
    measuredUs: Math.max(0, load.loadUs - spec.warmupUs),
    plannedUs: spec.plannedUs,
    control: processEnvironment(),
    agents: agents.map((agent) => agentResult(agent, totals, load.wantedUs)),
    targetEnvironment: {},
    scenarios: Object.entries(spec.plan.scenarios).map(([name, { executor }], scenario) => ({
      name,
      executor,
      maxVus: totals.timeline.maxVus(scenario),
      ...totals.dropped(scenario),
    })),
    operations: [
      ...spec.resolved.operations.map(({ index, scenarioName, name, type, driver, tags }) => ({
        scenario: scenarioName,
        name,
        type,
        driver,
        tags,
        phases: phases[index] as (typeof phases)[number],
      })),
      ...totals.scriptResults('request').map(({ row, phases }) => ({
        scenario: scenarioNames[row.scenario] as string,
        name: row.name,
        type: row.type,
        driver: row.driver,
        tags: row.tags,
        fromScript: true,
        phases,
      })),
    ],
    ...(spec.resolved.journeys.length > 0 && {
      journeys: spec.resolved.journeys.map(({ index, scenario, name }) => ({
        scenario: scenarioNames[scenario] as string,
        name,
        phases: phases[index] as (typeof phases)[number],
      })),
    }),
    ...scriptParts(totals, scenarioNames),
    timings: totals.timingResults(),
    ...ratiosOf(totals),
    timeline: totals.timelineResult(),
    monitors: [],
    reconciliations: [],
    unverified: [],
    events: [],
    loadChanges: [],
    ...(spec.baseline && { baseline: { name: spec.baseline.name, runIds: spec.baseline.runIds } }),
    ...(run.search && { search: run.search.result() }),
    lossTolerance: policy.lossTolerance,
  };
}

/** Beside requests, what scripts named. */
function scriptParts(totals: RunTotals, scenarios: readonly string[]): Pick<LeanDraft, 'measures' | 'checks'> {
  const measures = totals.scriptResults('measure').map(({ row, phases }) => {
    return { scenario: scenarios[row.scenario] as string, name: row.name, phases };
  });
  const checks = totals.script.checks().map(({ scenario, name, phases }) => {
    return { scenario: scenarios[scenario] as string, name, phases };
  });
  return { ...(measures.length > 0 && { measures }), ...(checks.length > 0 && { checks }) };
}

function ratiosOf({ ratios }: RunTotals): Pick<LeanDraft, 'ratios'> {
  const results = ratios.results();
  return results.length > 0 ? { ratios: results } : {};
}

function agentResult(agent: RunAgent, totals: RunTotals, wantedUs: number): Omit<AgentResult, 'responseTime'> {
  const { name, connection, index, progress, clockMovedUs, load } = agent;
  const clock = 'clock' in progress ? progress.clock : { offsetUs: 0, uncertaintyUs: 0 };
  return {
    name,
    environment: connection.environment,
    ...totals.agent(index).figures(),
    clockOffsetUs: clock.offsetUs,
    clockUncertaintyUs: clock.uncertaintyUs,
    clockMovedUs,
    startDelayUs: 'done' in progress ? Math.max(0, progress.done.startDelayUs - load.joinedUs) : 0,
    joinedUs: load.joinedUs,
    missing: agent.missing(wantedUs),
    closingTotals: closingTotalsOf(agent),
  };
}

/** Whether the agent's own totals agree with what was merged; an agent whose windows are missing differs. */
function closingTotalsOf({ progress }: RunAgent): AgentResult['closingTotals'] {
  if (progress.kind === 'closed') return progress.differences.length === 0 ? 'agree' : 'differ';
  return progress.kind === 'closing' ? 'differ' : 'missing';
}
