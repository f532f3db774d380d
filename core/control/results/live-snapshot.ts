import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SnapshotRowSchema, ThresholdStateSchema } from '../../../proto/gen/bench/v1/run_pb.ts';
import { SILENCE_LIMIT_US } from '../../agent-limits.ts';
import { type LoadChange, pausesOf } from '../../plan/load-change.ts';
import { Histogram } from '../../stats/histogram.ts';
import type { ThresholdResult, ValidityCheck } from '../../stats/result.ts';
import { formatJudged } from '../../verdict/quantity.ts';
import type { LeanDraft } from '../../verdict/run-draft.ts';
import { checkValidity } from '../../verdict/validity.ts';
import type { RunAgent } from '../load/run-agent.ts';
import type { ShapeLevels } from '../load/shape-levels.ts';
import type { ThresholdWatch } from '../load/threshold-watch.ts';
import type { MonitorValues } from '../monitors/monitor-series.ts';
import type { RunContext } from '../run/run-context.ts';
import type { RunSnapshot } from '../run/run-events.ts';
import type { LiveRows } from './live-rows.ts';
import { buildLeanResult } from './result-draft.ts';

/**
 * When no window has come for longer than this, agents are lost or gone, and users and rates are not known. A window
 * comes after its second.
 */
const CURRENT_LIMIT_US = SILENCE_LIMIT_US + 1e6;

/** The greatest number of virtual users that the field of a snapshot holds. */
const MAX_UINT32 = 2 ** 32 - 1;

/** The validity checks that mean something while the load runs; the others need its end. */
const LIVE_CHECKS = new Set([
  'generator-saturated',
  'generator-lag',
  'send-delay',
  'agents-complete',
  'local-errors',
  'dropped-arrivals',
]);

/** The parts of a run that a snapshot shows beside its totals. */
export interface LiveParts {
  readonly agents: readonly RunAgent[];
  readonly thresholds: ThresholdWatch;
  /** Load changes requested by operators, in order. */
  readonly requested: readonly LoadChange[];
  /** The levels of scenarios whose load is decided while it runs. */
  readonly shaped: Pick<ShapeLevels, 'levelAt'>;
  readonly monitors: MonitorValues;
  /** The run start on control's clock; undefined until it is chosen. */
  readonly startUs: number | undefined;
  /** The same by the wall clock, RFC 3339; empty until it is chosen. */
  readonly startedAt: string;
  /** What the monitors said of the target before the load. */
  readonly targetEnvironment: Readonly<Record<string, string>>;
  /** The result that there would be if the load had ended now; of no use until the run start is chosen. */
  readonly draft: () => LeanDraft;
  readonly rows: () => LiveRows;
}

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
 * What is known of a run so far: the measured phase, all agents merged. Users and rates are those of now.
 * @param elapsedUs since the run start
 */
export function snapshotOf(
  run: RunContext,
  { agents, thresholds, requested, draft: draftNow, rows: rowsNow }: LiveParts,
  elapsedUs: number,
): RunSnapshot {
  const { spec, totals } = run;
  const draft = draftNow();
  const second = totals.settledSecond;
  const isCurrent = elapsedUs - totals.timeline.seconds * 1e6 <= CURRENT_LIMIT_US;
  const rateOf = (operation?: number) => (isCurrent ? totals.timeline.requestsAt(second, operation) : 0);
  const all = new Histogram();
  let errors = 0;
  const scenarios = Object.keys(spec.plan.scenarios);
  const rows = rowsNow().operations.map(({ row: number, scenario, type, name }) => {
    const measured = totals.phase(number, 'measure');
    errors += measured?.errors ?? 0;
    const row = { scenario, type, name };
    if (measured === undefined) return { ...row, ...figures(undefined, 0, rateOf(number)) };
    return measured.responseTime.read((responseTime) => {
      all.add(responseTime);
      return { ...row, ...figures(responseTime, measured.errors, rateOf(number)) };
    });
  });
  return {
    elapsedUs,
    plannedUs: spec.plannedUs,
    warmup: elapsedUs < spec.warmupUs,
    vus: isCurrent ? Math.min(totals.timeline.vusAt(second), MAX_UINT32) : 0,
    droppedArrivals: scenarios.reduce((sum, _, scenario) => sum + totals.dropped(scenario).droppedArrivals, 0),
    rows: [...rows, { name: 'Aggregated', ...figures(all, errors, rateOf()) }],
    warnings: failingChecks(draft, agents).map(({ finding }) => finding),
    behindUs: Math.max(0, elapsedUs - (second + 1) * 1e6),
    paused: pausesOf(requested).some(({ fromUs, toUs }) => fromUs <= elapsedUs && elapsedUs < toUs),
    thresholds: thresholds.interim(draft).map(thresholdState),
  };
}

function thresholdState(result: ThresholdResult): MessageInitShape<typeof ThresholdStateSchema> {
  const { criterion, severity } = result;
  const common = { criterion, warnsOnly: severity === 'warn' };
  if (result.status === 'invalid') return common;
  const { actual, limit, unit, status } = result;
  return { ...common, holds: status === 'pass', actual: formatJudged(actual, limit, unit) };
}

function figures(
  responseTime: Histogram | undefined,
  errors: number,
  requestsPerSecond: number,
): MessageInitShape<typeof SnapshotRowSchema> {
  return {
    requests: responseTime?.count ?? 0,
    errors,
    requestsPerSecond,
    p50Us: responseTime?.valueAtQuantileUs(0.5) ?? 0,
    p95Us: responseTime?.valueAtQuantileUs(0.95) ?? 0,
    p99Us: responseTime?.valueAtQuantileUs(0.99) ?? 0,
    maxUs: responseTime?.maxUs ?? 0,
  };
}

/**
 * The validity checks that fail so far.
 * @param runAgents the agents of the draft, in its order
 */
function failingChecks(draft: LeanDraft, runAgents: readonly RunAgent[]): ValidityCheck[] {
  return checkValidity({ ...draft, agents: presentAgents(draft.agents, runAgents) }).filter(
    (check) => !check.ok && isLiveCheck(check),
  );
}

/** What an agent that is here has not said yet is on its way, and no finding. @param runAgents in the order of `agents` */
export function presentAgents<Agent extends LeanDraft['agents'][number]>(
  agents: readonly Agent[],
  runAgents: readonly RunAgent[],
): Agent[] {
  return agents.map((agent, i) => {
    const isLost = runAgents[i]?.lostUs !== undefined && agent.closingTotals === 'missing';
    return isLost ? agent : { ...agent, closingTotals: 'agree' as const, missing: [] };
  });
}

/** Whether a validity check means something while the load runs. */
export function isLiveCheck({ name }: Pick<ValidityCheck, 'name'>): boolean {
  return LIVE_CHECKS.has(name);
}
