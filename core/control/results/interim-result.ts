import type { RunResult, ThresholdResult, ValidityCheck } from '../../stats/result.ts';
import type { LeanDraft } from '../../verdict/run-draft.ts';
import { checkValidity } from '../../verdict/validity.ts';
import { judge } from '../../verdict/verdict.ts';
import type { LoadOutcome } from '../load/load-outcome.ts';
import type { RunAgent } from '../load/run-agent.ts';
import type { RunContext } from '../run/run-context.ts';
import type { LiveParts } from './live-parts.ts';
import { buildLeanResult, buildResult } from './result-draft.ts';

/** The validity checks that mean something while the load runs; the others need its end. */
const LIVE_CHECKS = new Set([
  'generator-saturated',
  'generator-lag',
  'send-delay',
  'agents-complete',
  'local-errors',
  'dropped-arrivals',
]);

/** How the run would be judged if it ended now. */
export interface InterimJudgement {
  /** In the plan's order. */
  readonly thresholds: readonly ThresholdResult[];
  /** The validity checks that fail so far. */
  readonly failing: readonly ValidityCheck[];
}

export function interimJudgement({ agents, thresholds, draft: draftNow }: LiveParts): InterimJudgement {
  const draft = draftNow();
  return { thresholds: thresholds.interim(draft), failing: failingChecks(draft, agents) };
}

/**
 * The result that there would be if the load had ended then.
 * @param elapsedUs since the run start
 */
export function draftAt(run: RunContext, agents: readonly RunAgent[], elapsedUs: number): LeanDraft {
  const loadUs = Math.min(Math.max(0, elapsedUs), run.spec.plannedUs);
  const load = { startUs: 0, startedAt: '', loadUs, wantedUs: loadUs, ending: { kind: 'completed' } } as const;
  return buildLeanResult(run, agents, load);
}

/**
 * The result of a run that goes on, as of now: what its agents have reported, judged as if it ended with that. It says of itself
 * that the run has not ended. Its parts change no more when the run goes on.
 * @returns undefined while nothing has been measured
 */
export function interimResult(run: RunContext, parts: LiveParts): RunResult | undefined {
  const { spec, totals, events } = run;
  const { agents, thresholds: watch, requested, monitors, startUs, startedAt, targetEnvironment } = parts;
  const { seconds } = totals.timeline;
  if (startUs === undefined || seconds === 0) return undefined;
  const loadUs = Math.min(seconds * 1e6, spec.plannedUs);
  const load: LoadOutcome = { startUs, startedAt, loadUs, wantedUs: loadUs, ending: { kind: 'running' } };
  const draft = buildResult(run, agents, load, {
    targetEnvironment,
    monitors: monitors.series(),
    reconciliations: [],
    unverified: [],
    events: events.list(startUs),
    loadChanges: requested,
  });
  const present = { ...draft, agents: presentAgents(draft.agents, agents) };
  const thresholds = watch.interim(present);
  const validity = checkValidity(present).filter(isLiveCheck);
  const result: RunResult = { ...present, validity, thresholds, verdict: judge(validity, thresholds) };
  // The columns of the timeline and the values of the monitors are those that the run still writes to.
  return copied(result);
}

/** Columns are copied as they are: through JSON, those of a long run would hold control up for seconds. */
function copied<Value>(value: Value): Value {
  if (Array.isArray(value)) return (typeof value[0] === 'number' ? value.slice() : value.map(copied)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copied(one)])) as Value;
}

/**
 * The validity checks that fail so far.
 * @param runAgents the agents of the draft, in its order
 */
export function failingChecks(draft: LeanDraft, runAgents: readonly RunAgent[]): ValidityCheck[] {
  return checkValidity({ ...draft, agents: presentAgents(draft.agents, runAgents) }).filter(
    (check) => !check.ok && isLiveCheck(check),
  );
}

/** What an agent that is here has not said yet is on its way, and no finding. @param runAgents in the order of `agents` */
function presentAgents<Agent extends LeanDraft['agents'][number]>(
  agents: readonly Agent[],
  runAgents: readonly RunAgent[],
): Agent[] {
  return agents.map((agent, i) => {
    const isLost = runAgents[i]?.lostUs !== undefined && agent.closingTotals === 'missing';
    return isLost ? agent : { ...agent, closingTotals: 'agree' as const, missing: [] };
  });
}

/** Whether a validity check means something while the load runs. */
function isLiveCheck({ name }: Pick<ValidityCheck, 'name'>): boolean {
  return LIVE_CHECKS.has(name);
}
