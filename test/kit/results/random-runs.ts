import { type RandomStream, randomStream } from '../../../core/plan/random.ts';
import { type EncodedHistogram, Histogram } from '../../../core/stats/histogram.ts';
import { Distribution } from '../../../core/stats/merge-encoded.ts';
import type { PhaseResult, RunResult, SecondColumns } from '../../../core/stats/result.ts';
import { EMPTY_PHASE } from '../../../core/stats/totals/phase-totals.ts';
import { resultOf, UPLOAD_MS, uploadPlan } from './documents.ts';
import type { RunShape } from './results.ts';

/** A target with chance in it, and one run against it. */
export interface RandomRun {
  readonly seconds: number;
  /** Mean response time of a quiet second. */
  readonly meanUs: number;
  /** How much the seconds of a run differ, and how much of that the next second keeps (AR(1)). */
  readonly secondSpread: number;
  readonly persistence: number;
  /** How much runs differ. */
  readonly runSpread: number;
  /** Share of requests that fail. */
  readonly failures?: number;
}

const VUS = 4;
const OPERATIONS = ['upload', 'health'] as const;
/** Of the single response time: lognormal, with p99 at about 2.5 times the median. */
const SIGMA = 0.4;

const SHORT: RunShape = {
  plan: uploadPlan({ thresholds: [], monitors: {} }),
  stretches: [{ seconds: 10, vus: VUS, operations: { upload: { perSecond: 50, ms: UPLOAD_MS } } }],
};

let shortRun: RunResult | undefined;

/**
 * A closed model: virtual users send one request after the other, so a slower target gets fewer.
 * @param seed the same one gives the same run
 */
export function randomRun(shape: RandomRun, seed: number): RunResult {
  const random = randomStream(seed, 0);
  shortRun ??= resultOf(SHORT);
  const base = shortRun;
  const runLevel = Math.exp(shape.runSpread * normal(random));
  const totals = OPERATIONS.map(() => ({ histogram: new Histogram(), errors: 0 }));
  const own = new Histogram();
  const inSecond = new Histogram();
  const columns = OPERATIONS.map(emptyColumns);
  const all = emptyColumns();
  const responseTimes: RunResult['timeline']['responseTimes'][number][] = [];
  let state = shape.secondSpread * normal(random);
  for (let second = 0; second < shape.seconds; second++) {
    const innovation = shape.secondSpread * Math.sqrt(1 - shape.persistence ** 2);
    state = shape.persistence * state + innovation * normal(random);
    const meanUs = shape.meanUs * runLevel * Math.exp(state);
    const requests = Math.round((VUS * 1e6) / meanUs);
    inSecond.clear();
    let errorsInSecond = 0;
    OPERATIONS.forEach((_, i) => {
      own.clear();
      let errors = 0;
      for (let n = 0; n < requests / OPERATIONS.length; n++) {
        own.record(Math.max(1, Math.round(meanUs * Math.exp(SIGMA * normal(random) - SIGMA ** 2 / 2))));
        if (random.next() < (shape.failures ?? 0)) errors++;
      }
      push(columns[i] as Columns, own.encode(), errors);
      inSecond.add(own);
      errorsInSecond += errors;
      const total = totals[i] as (typeof totals)[number];
      total.histogram.add(own);
      total.errors += errors;
    });
    const encoded = inSecond.encode();
    push(all, encoded, errorsInSecond);
    responseTimes.push(encoded);
  }
  const zeros = responseTimes.map(() => 0);
  return {
    ...base,
    runId: `random-${seed}`,
    warmupUs: 0,
    measuredUs: shape.seconds * 1e6,
    plannedUs: shape.seconds * 1e6,
    operations: base.operations.map((operation, i) => ({
      ...operation,
      phases: { warmup: EMPTY_PHASE, measure: phaseOf(totals[i] as (typeof totals)[number]) },
    })),
    timeline: {
      vus: zeros.map(() => VUS),
      droppedArrivals: zeros,
      all,
      operations: columns,
      responseTimes,
      agentCpuCores: zeros,
      loopLagUs: zeros,
    },
    validity: base.validity.map((check) => ({ ...check, ok: true })),
  };
}

type Columns = { -readonly [Name in keyof SecondColumns]: number[] };

function emptyColumns(): Columns {
  return { requests: [], errors: [], sumUs: [], p50Us: [], p95Us: [], p99Us: [], maxUs: [] };
}

function push(columns: Columns, encoded: EncodedHistogram, errors: number): void {
  const histogram = new Distribution(encoded);
  columns.requests.push(histogram.count);
  columns.errors.push(errors);
  columns.sumUs.push(encoded.sumUs);
  columns.p50Us.push(histogram.valueAtQuantileUs(0.5));
  columns.p95Us.push(histogram.valueAtQuantileUs(0.95));
  columns.p99Us.push(histogram.valueAtQuantileUs(0.99));
  columns.maxUs.push(histogram.maxUs);
}

function phaseOf({ histogram, errors }: { histogram: Histogram; errors: number }): PhaseResult {
  const encoded = histogram.encode();
  return { ...EMPTY_PHASE, requests: histogram.count, errors, responseTime: encoded, serviceTime: encoded };
}

/** Source: G. E. P. Box, M. E. Muller, "A Note on the Generation of Random Normal Deviates" (1958). */
function normal(random: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}
