import type { PlanInput } from '../../../core/plan/schema.ts';
import { Histogram } from '../../../core/stats/histogram.ts';
import type { RunResult } from '../../../core/stats/result.ts';
import type { Figure, Goal } from '../ratios.ts';
import { measured } from '../result-figures.ts';
import { RUNTIME_NAMES, type Runtime } from '../runtimes.ts';
import { startPlainServer } from '../servers/plain.ts';
import type { Table } from '../table.ts';
import type { BenchmarkCase, CaseOptions } from './case.ts';
import { askedFigure, perRuntime, runOnce } from './product-runs.ts';

const RATE_PER_SECOND = 10_000;
const MAX_VUS = 200;
const GAP_US = 1e6 / RATE_PER_SECOND;
const QUANTILES = [0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999];

type Arrivals = 'uniform' | 'poisson';

interface OpenRun {
  readonly result: RunResult;
  /** Between one arrival and the next, at the server. */
  readonly gaps: Histogram;
}

/** Arrivals on a schedule: are they all sent, on time, and evenly? */
export const open: BenchmarkCase = {
  name: 'open',
  title: `Open model, ${RATE_PER_SECOND} arrivals/s`,
  byDefault: true,
  run: (options) =>
    perRuntime('open', options, async (runtime, name) => {
      const runs: OpenRun[] = [];
      for (let run = 1; run <= options.pairs; run++) {
        const latest = await runOpen('uniform', runtime, options);
        runs.push(latest);
        options.progress(`${name}, run ${run} of ${options.pairs}: ${describe(latest.result)}`);
      }
      const poisson = await runOpen('poisson', runtime, options);
      return { figures: figuresOf(name, runtime, runs, options), tables: [gapTable(runtime, runs, poisson)] };
    }),
};

async function runOpen(arrivals: Arrivals, runtime: Runtime, options: CaseOptions): Promise<OpenRun> {
  const server = await startPlainServer();
  try {
    const { result } = await runOnce(
      plan(arrivals, options.seconds, server.url),
      runtime,
      options,
      async () => undefined,
    );
    return { result, gaps: Histogram.decode((await server.counters()).gaps) };
  } finally {
    await server.end();
  }
}

function plan(arrivals: Arrivals, seconds: number, target: string): PlanInput {
  return {
    name: 'Open model',
    target,
    warmup: '1s',
    scenarios: {
      arrivals: {
        executor: 'constant-arrival-rate',
        rate: RATE_PER_SECOND,
        duration: `${seconds}s`,
        maxVus: MAX_VUS,
        arrivals,
        operations: [{ driver: 'health' }],
      },
    },
  };
}

function figuresOf(name: string, runtime: Runtime, runs: readonly OpenRun[], options: CaseOptions): Figure[] {
  const asked = (unit: string, pick: (result: RunResult) => number, value: number, goal: Goal) =>
    askedFigure(name, runtime, options, { unit, values: runs.map(({ result }) => pick(result)), asked: value, goal });
  const delayMs = (quantile: number) => (result: RunResult) =>
    measured(result).times('sendDelay').valueAtQuantileUs(quantile) / 1000;
  return [
    asked('requests/s', (result) => measured(result).requests / options.seconds, RATE_PER_SECOND, {
      atLeast: 0.999,
      atMost: 1.001,
    }),
    asked('send delay p50 ms', delayMs(0.5), 0.1, { atMost: 1 }),
    asked('send delay p99 ms', delayMs(0.99), 1, { atMost: 1 }),
  ];
}

/** The server's own lateness is in it: what arrives while it is busy, it notes a moment later. */
function gapTable(runtime: Runtime, runs: readonly OpenRun[], poisson: OpenRun): Table {
  const uniform = new Histogram();
  for (const { gaps } of runs) uniform.add(gaps);
  const us = (value: number) => value.toFixed(0);
  const row = (name: string, valueUs: (quantile: number) => number) => [name, ...QUANTILES.map((q) => us(valueUs(q)))];
  return {
    title: `µs between arrivals at the server, agent on ${RUNTIME_NAMES[runtime]}`,
    header: ['', ...QUANTILES.map((quantile) => `p${+(quantile * 100).toFixed(1)}`)],
    rows: [
      row('uniform, asked for', () => GAP_US),
      row('uniform, measured', (q) => uniform.valueAtQuantileUs(q)),
      row('poisson, asked for', (q) => -Math.log(1 - q) * GAP_US),
      row('poisson, measured', (q) => poisson.gaps.valueAtQuantileUs(q)),
    ],
  };
}

function describe(result: RunResult): string {
  const { requests, dropped, times } = measured(result);
  return `${requests} requests, ${dropped} dropped, sent ${times('sendDelay').valueAtQuantileUs(0.99)} µs late (p99)`;
}
