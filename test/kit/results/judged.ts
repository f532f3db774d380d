/** What one threshold comes to, second by second and over a run. */
import { parsePlan } from '../../../core/plan/parse.ts';
import type { PlanInput } from '../../../core/plan/schema.ts';
import { Histogram } from '../../../core/stats/histogram.ts';
import type { ThresholdResult } from '../../../core/stats/result.ts';
import type { SettledSecond } from '../../../core/stats/second.ts';
import { ThresholdEvaluator } from '../../../core/verdict/evaluator.ts';
import { planThresholds } from '../../../core/verdict/thresholds.ts';
import type { Stretch } from './built-seconds.ts';
import { uploadPlan } from './documents.ts';
import { buildResult, type RunShape, resolvedOperations } from './results.ts';

/** A second of `upload` with these response times. */
export function second(
  at: number,
  ms: readonly number[],
  more: Partial<SettledSecond> & { errors?: number; timeouts?: number } = {},
): SettledSecond {
  const histogram = new Histogram();
  for (const one of ms) histogram.record(one * 1000);
  const upload = {
    ...{
      operation: 0,
      phase: 'measure' as const,
      requests: ms.length,
      errors: more.errors ?? 0,
      timeouts: more.timeouts ?? 0,
    },
    ...{ responseTime: histogram.encode(), serviceTime: histogram.encode() },
  };
  return {
    second: at,
    operations: ms.length > 0 ? [upload] : [],
    timings: [],
    vus: 1,
    droppedArrivals: 0,
    loopLagUs: 0,
    agentCpuCores: 0,
    cpuWaitShare: 0,
    monitors: {},
    ...more,
  };
}

export function evaluatorOf(thresholds: PlanInput['thresholds'], warmupS = 0, plannedS = 60): ThresholdEvaluator {
  const input = uploadPlan({ thresholds });
  return new ThresholdEvaluator(planThresholds(parsePlan(input), false), resolvedOperations({ plan: input }), {
    warmupUs: warmupS * 1e6,
    plannedUs: plannedS * 1e6,
  });
}

export const abort = (criterion: string, delay?: string) => ({
  criterion,
  abort: true,
  ...(delay !== undefined && { delay }),
});
/** The result of one threshold on a run of these stretches. */
export function judged(
  criterion: string,
  stretches: readonly Stretch[],
  more: Partial<RunShape> = {},
): ThresholdResult {
  const plan = uploadPlan({ warmup: '2s', thresholds: [criterion] });
  const { thresholds } = buildResult({ plan, stretches, ...more });
  return thresholds[0] as ThresholdResult;
}

export function stretch(
  seconds: number,
  ms: number,
  more: Partial<Stretch> & { fails?: number; health?: number } = {},
): Stretch {
  const { fails = 0, health = ms, ...rest } = more;
  return {
    ...{ seconds, vus: 10 },
    operations: {
      upload: { perSecond: 100, ms: { 0: ms, 1: ms }, fails: { http_500: fails } },
      health: { perSecond: 10, ms: { 0: health, 1: health } },
    },
    ...rest,
  };
}
export const WARMUP = stretch(2, 900, { phase: 'warmup' });
