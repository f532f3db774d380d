import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SnapshotRowSchema, ThresholdStateSchema } from '../../../proto/gen/bench/v1/run_pb.ts';
import { SILENCE_LIMIT_US } from '../../agent-limits.ts';
import { pausesOf } from '../../plan/load/load-change.ts';
import { Histogram } from '../../stats/histogram.ts';
import type { ThresholdResult } from '../../stats/result.ts';
import { formatJudged } from '../../verdict/quantity.ts';
import type { RunContext } from '../run/run-context.ts';
import type { RunSnapshot } from '../run/run-events.ts';
import { failingChecks } from './interim-result.ts';
import type { LiveParts } from './live-parts.ts';

/**
 * When no window has come for longer than this, agents are lost or gone, and users and rates are not known. A window
 * comes after its second.
 */
const CURRENT_LIMIT_US = SILENCE_LIMIT_US + 1e6;

interface LiveRatio {
  readonly name: string;
  readonly hits: number;
  readonly of: number;
  readonly voidReason: string;
}

/** The greatest number of virtual users that the field of a snapshot holds. */
const MAX_UINT32 = 2 ** 32 - 1;

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
    ratios: measuredRatios(run),
  };
}

/** What drivers counted in the measured phase so far, by name; where the reason is empty, a ratio is not void. */
export function measuredRatios({ totals }: Pick<RunContext, 'totals'>): LiveRatio[] {
  return totals.ratios.results().map(({ name, phases: { measure }, voidReason = '' }) => {
    return { name, hits: measure.hits, of: measure.of, voidReason };
  });
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
