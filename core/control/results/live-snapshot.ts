import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SnapshotRowSchema, SnapshotSchema, ThresholdStateSchema } from '../../../proto/gen/bench/v1/run_pb.ts';
import { type LoadChange, pausesOf } from '../../plan/load-change.ts';
import { Histogram } from '../../stats/histogram.ts';
import type { RunTotals } from '../../stats/merge.ts';
import type { ThresholdResult } from '../../stats/result.ts';
import { formatJudged } from '../../verdict/quantity.ts';
import { SILENCE_LIMIT_US } from '../limits.ts';
import type { RunSpec } from '../run/run-spec.ts';

/** When nothing has come for longer than this, agents are lost or gone, and nobody knows what goes on. A window comes after its second. */
const CURRENT_LIMIT_US = SILENCE_LIMIT_US + 1e6;

/** What is judged and known of a run beside its measurements. */
export interface LiveFindings {
  /** Validity checks that fail so far, a sentence each. */
  readonly warnings: readonly string[];
  /** How the thresholds would end if the run ended now, in the plan's order. */
  readonly thresholds: readonly ThresholdResult[];
  /** Changes of the load, in order. */
  readonly changes: readonly LoadChange[];
}

/** What is known of a run so far: the measured phase, all agents merged. Users and rates are those of now. */
export function snapshotOf(
  spec: RunSpec,
  totals: RunTotals,
  elapsedUs: number,
  { warnings, thresholds, changes }: LiveFindings,
): MessageInitShape<typeof SnapshotSchema> {
  const second = totals.settledSecond;
  const isCurrent = elapsedUs - totals.timeline.seconds * 1e6 <= CURRENT_LIMIT_US;
  const rateOf = (operation?: number) => (isCurrent ? totals.timeline.requestsAt(second, operation) : 0);
  const all = new Histogram();
  let errors = 0;
  const rows = spec.resolved.operations.map(({ index, scenarioName, type, name }) => {
    const measured = totals.phase(index, 'measure');
    if (measured) all.add(measured.responseTime);
    errors += measured?.errors ?? 0;
    const row = { scenario: scenarioName, type, name };
    return {
      ...row,
      ...figures(measured?.responseTime, measured?.errors ?? 0, rateOf(index)),
    };
  });
  const scenarios = Object.keys(spec.plan.scenarios);
  return {
    elapsedUs,
    plannedUs: spec.plannedUs,
    warmup: elapsedUs < spec.warmupUs,
    vus: isCurrent ? totals.timeline.vusAt(second) : 0,
    droppedArrivals: scenarios.reduce((sum, _, scenario) => sum + totals.dropped(scenario).droppedArrivals, 0),
    rows: [...rows, { name: 'Aggregated', ...figures(all, errors, rateOf()) }],
    warnings: [...warnings],
    behindUs: Math.max(0, elapsedUs - (second + 1) * 1e6),
    paused: pausesOf(changes).some(({ fromUs, toUs }) => fromUs <= elapsedUs && elapsedUs < toUs),
    thresholds: thresholds.map(thresholdState),
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
