import { bucketHighestUs, bucketIndex, type EncodedHistogram } from '../../../core/stats/histogram.ts';
import type { PhaseResult, RunResult, SecondColumns } from '../../../core/stats/result.ts';
import { judge } from '../../../core/verdict/verdict.ts';
import { FAILING, resultOf, uploadPlan } from './documents.ts';

const SECONDS = 3600;
const OPERATIONS = 20;
const AGENTS = 50;

/** A run of an hour with 20 operations and 50 agents, for tests of rendering large results. Its figures are made up directly. */
export function hourResult(): RunResult {
  const small = resultOf(FAILING);
  const seconds = Array.from({ length: SECONDS }, (_, second) => second);
  const names = Array.from({ length: OPERATIONS }, (_, i) => `operation-${i}`);
  const plan = uploadPlan({
    thresholds: [],
    scenarios: {
      devices: {
        executor: 'constant-vus',
        vus: 2000,
        duration: '1h',
        operations: names.map((name) => ({ driver: 'http-upload', name })),
      },
    },
  });
  const ofRun = spread(4000, 5_000_000);
  const phase: PhaseResult = {
    ...(small.operations[0] as RunResult['operations'][number]).phases.measure,
    ...totals(ofRun),
  };
  const empty = (small.operations[0] as RunResult['operations'][number]).phases.warmup;
  const warmup: PhaseResult = {
    ...empty,
    ...totals({ minUs: 0, maxUs: 0, sumUs: 0, indices: [], counts: [] }),
    errorKinds: [],
  };
  const agent = small.agents[0] as RunResult['agents'][number];
  return {
    ...small,
    ratios: [],
    plan,
    warmupUs: 0,
    measuredUs: SECONDS * 1e6,
    plannedUs: SECONDS * 1e6,
    operations: names.map((name) => ({
      ...(small.operations[0] as RunResult['operations'][number]),
      name,
      phases: { warmup, measure: phase },
    })),
    agents: Array.from({ length: AGENTS }, (_, i) => ({ ...agent, name: `agent-${i}`, responseTime: ofRun })),
    timeline: {
      vus: seconds.map((second) => Math.min(2000, 10 + second)),
      droppedArrivals: seconds.map(() => 0),
      all: columns(seconds, 20_000),
      operations: names.map((_, i) => columns(seconds, 1000 + i)),
      responseTimes: seconds.map((second) => spread(800, 20_000 + (second % 7))),
      agentCpuCores: seconds.map((second) => 0.2 + (second % 10) / 100),
      loopLagUs: seconds.map((second) => 2000 + (second % 13) * 100),
    },
    monitors: ['queue_depth', 'requests_in_flight', 'event_loop_lag_seconds', 'memory_bytes', 'host_cpu_share'].map(
      (name) => ({ name: `target.${name}`, seconds, values: seconds.map((second) => (second % 17) / 3) }),
    ),
    thresholds: [],
    verdict: judge(small.validity, []),
  };
}

function totals(histogram: EncodedHistogram) {
  const requests = histogram.counts.reduce((sum, count) => sum + count, 0);
  return { requests, errors: 0, responseTime: histogram, serviceTime: histogram, sendDelay: histogram };
}

/** A histogram with this number of filled buckets from 1 ms on, and this number of samples. */
function spread(buckets: number, samples: number): EncodedHistogram {
  const first = bucketIndex(1000);
  const indices = Array.from({ length: buckets }, (_, i) => first + 2 * i);
  const counts = indices.map(() => Math.max(1, Math.round(samples / buckets)));
  const maxUs = bucketHighestUs(indices.at(-1) as number);
  return {
    minUs: 1000,
    maxUs,
    sumUs: indices.reduce((sum, index, i) => sum + bucketHighestUs(index) * (counts[i] as number), 0),
    indices,
    counts,
  };
}

function columns(seconds: readonly number[], requests: number): SecondColumns {
  const wave = (at: number) => seconds.map((second) => Math.round(at * (1 + 0.2 * Math.sin(second / 50))));
  return {
    requests: seconds.map(() => requests),
    errors: seconds.map((second) => Number(second % 100 === 0)),
    sumUs: wave(requests * 12_345),
    p50Us: wave(12_345),
    p95Us: wave(45_678),
    p99Us: wave(98_765),
    maxUs: wave(234_567),
  };
}
