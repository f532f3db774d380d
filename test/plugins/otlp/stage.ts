import type { Test } from 'tap';
import type { Output, OutputSecond } from '../../../core/output.ts';
import type { RunResult } from '../../../core/stats/result.ts';
import otlp from '../../../plugins/otlp.ts';
import { sampleResult } from '../../../testing/index.ts';
import { pointsOf, type ReceivedMetric } from '../../kit/otlp/receiver.ts';

export const { signal } = new AbortController();
/** Of a run that starts once its outputs are open. */
export const result = { ...sampleResult('failed'), startedAt: new Date(Date.now() + 600_000).toISOString() };
export const startMs = Date.parse(result.startedAt);

/** @param notes gets what is told those who watch the run */
export async function opened(options: object, notes: string[] = []): Promise<Output> {
  const checked = await otlp.options['~standard'].validate(options);
  if (checked.issues !== undefined) throw new Error(checked.issues[0]?.message);
  const run = { runId: 'r1', plan: 'Shop', target: 'http://shop.example', seed: 7 };
  return otlp.open(checked.value, { ...run, note: (text) => void notes.push(text) }, signal);
}

/** A second of the run with what it has come to. */
export function secondOf(second: number, sums: RunResult): OutputSecond {
  return {
    second,
    startedAt: sums.startedAt,
    isCorrection: false,
    rows: [],
    scenarios: [{ name: 'shoppers', vus: 3, droppedArrivals: 0 }],
    agents: [],
    monitors: {},
    soFar: { ...sums, seconds: second + 1, behindSeconds: 0.5, verdict: 'pass' },
  };
}

export const requestsOf = ({ operations }: RunResult) =>
  operations.reduce((sum, { phases: { warmup, measure } }) => sum + warmup.requests + measure.requests, 0);

/** Of a counter what it counts, of a histogram how many it holds. */
export const sumOf = (metrics: readonly ReceivedMetric[], name: string) =>
  pointsOf(metrics, name).reduce((sum, { asInt = 0, count = 0 }) => sum + Number(asInt) + Number(count), 0);

/** From now on, a run that starts in ten minutes lies in the past. */
export function letTimePass(t: Test): void {
  const now = performance.now.bind(performance);
  performance.now = () => now() + 3_600_000;
  t.teardown(() => {
    performance.now = now;
  });
}

/** The host's clock is set, by this many milliseconds. */
export function setHostClock(t: Test, byMs: number): void {
  const { now } = Date;
  Date.now = () => now() + byMs;
  t.teardown(() => {
    Date.now = now;
  });
}
