import type { Output, OutputContext, OutputSecond } from '../../core/output.ts';
import { RecentTimes } from '../../core/series/recent-times.ts';
import { metricsOf, type Present, responseTimesOf, type Sums } from '../../core/series/run-series.ts';
import type { Labels, Metric } from '../../core/series/series.ts';
import { EMPTY_HISTOGRAM, type EncodedHistogram } from '../../core/stats/histogram.ts';
import { addedSince, countOf } from '../../core/stats/merge-encoded.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { outcomeOf } from '../../core/verdict/conclusion/run-outcome.ts';
import { RefusedError } from '../net/http-post.ts';

/** What the series of a run are at one time. */
export interface Push {
  readonly metrics: readonly Metric[];
  /** Gauges that have had values, and have none any more. */
  readonly ended: readonly EndedGauge[];
  /** Since when the counters count, in milliseconds since 1970: the run start, or of a delta the push before. */
  readonly startMs: number;
  /** Later than that of the push before. */
  readonly atMs: number;
  /** Whether counters and histograms have only what came since the push before. */
  readonly isDelta: boolean;
}

/** Whether counters count since the run start, or since the push before. */
export type Temporality = 'cumulative' | 'delta';

export interface EndedGauge {
  readonly name: string;
  readonly labels: readonly Labels[];
}

/**
 * Takes a push to its receiver.
 * @returns a sentence about what the receiver has not taken of it, and would not take when it comes again
 * @throws {RefusedError} when that is all of it @throws {PluginError} when it should come again
 */
export type Send = (push: Push, signal: AbortSignal) => Promise<string | undefined>;

/** What takes the pushes of a run. */
export interface PushTarget {
  readonly temporality: Temporality;
  readonly send: Send;
  /** Called once, after the last push. */
  readonly close?: () => void;
}

/** Pushes what a run has come to, every five seconds and at its end. A lost push loses nothing: the next one has what it had. */
export class PushedRun implements Output {
  readonly takesTotals = true;
  readonly #context: OutputContext;
  readonly #target: PushTarget;
  readonly #recent = new RecentTimes();
  #pushed: readonly Metric[] = [];
  readonly #openedMs = Date.now();
  readonly #openedAfterMs = performance.now();
  /** Another process of control may have pushed a run that began before this; nothing of that is later than now. */
  #pushedMs = this.#openedMs;
  /** What the receiver has of the run, until when; undefined before the first push. Only a delta needs it. */
  #taken: { readonly metrics: readonly Metric[]; readonly atMs: number } | undefined;
  /** What a run without a result would end with. */
  #unended: { readonly sums: Sums; readonly startMs: number } | undefined;
  #pushes = 0;
  #refused = 0;

  constructor(context: OutputContext, target: PushTarget) {
    this.#context = context;
    this.#target = target;
  }

  async second({ second, startedAt, scenarios, agents, monitors, soFar }: OutputSecond, signal: AbortSignal) {
    if (soFar === undefined) return;
    const startMs = Date.parse(startedAt);
    const present = {
      state: 'running',
      scenarios,
      agents,
      monitors,
      behindSeconds: soFar.behindSeconds,
      recent: this.#recent.add(second, responseTimesOf(soFar.operations)),
    };
    await this.#push(soFar, present, startMs, startMs + 1000 * (second + 1), signal);
    this.#unended = { sums: soFar, startMs };
  }

  async end(result: RunResult, signal: AbortSignal): Promise<void> {
    this.#unended = undefined;
    const { startedAt, warmupUs, measuredUs } = result;
    const startMs = Date.parse(startedAt);
    const endMs = Math.round(startMs + (warmupUs + measuredUs) / 1000);
    const present = { state: outcomeOf(result), scenarios: [], agents: [], monitors: {} };
    await this.#push(result, present, startMs, endMs, signal);
  }

  async close(signal: AbortSignal): Promise<void> {
    try {
      if (this.#unended === undefined) return;
      const { sums, startMs } = this.#unended;
      const present = { state: 'failed', scenarios: [], agents: [], monitors: {} };
      await this.#push(sums, present, startMs, this.#nowMs(), signal);
    } finally {
      this.#tellRefusals();
      this.#target.close?.();
    }
  }

  /** What has come since the receiver took a push. What another control has pushed before this one went on with the run is not known. */
  #delta(metrics: readonly Metric[], ended: readonly EndedGauge[], startMs: number, atMs: number): Push {
    const isGoingOn = startMs < this.#openedMs;
    this.#taken ??= { metrics: isGoingOn ? metrics : [], atMs: isGoingOn ? this.#openedMs : startMs };
    return {
      metrics: metricsSince(this.#taken.metrics, metrics),
      ended,
      startMs: this.#taken.atMs,
      atMs,
      isDelta: true,
    };
  }

  /** The time now, by a clock that nobody sets: what the host's clock said at first, and what has passed since then. */
  #nowMs(): number {
    return this.#openedMs + Math.floor(performance.now() - this.#openedAfterMs);
  }

  #tellRefusals(): void {
    // A single one has been told in full.
    if (this.#refused > 1)
      this.#context.note(`${this.#refused} of ${this.#pushes} pushes were refused, wholly or in part`);
  }

  async #push(sums: Sums, present: Present, startMs: number, dueMs: number, signal: AbortSignal): Promise<void> {
    // The last second of a load is settled before it is over, and what lies ahead of a receiver's clock is found by no query.
    const reachedMs = Math.min(dueMs, this.#nowMs());
    // Operations that were in flight may have ended after the load.
    const atMs = Math.max(reachedMs, this.#pushedMs + 1);
    const metrics = metricsOf(this.#context, sums, present);
    const ended = endedGauges(this.#pushed, metrics);
    const isDelta = this.#target.temporality === 'delta';
    const push = isDelta ? this.#delta(metrics, ended, startMs, atMs) : { metrics, ended, startMs, atMs, isDelta };
    let isRefused = false;
    const refusal = await this.#target.send(push, signal).catch((error) => {
      if (!(error instanceof RefusedError)) throw error;
      isRefused = true;
      return error.message;
    });
    this.#pushes++;
    if (isDelta && !isRefused) this.#taken = { metrics, atMs };
    if (refusal !== undefined && this.#refused++ === 0) this.#context.note(refusal);
    this.#pushed = metrics;
    this.#pushedMs = atMs;
  }
}

function endedGauges(before: readonly Metric[], now: readonly Metric[]): EndedGauge[] {
  const points = now.flatMap(({ name, points }) => points.map(({ labels }) => seriesKey(name, labels)));
  const present = new Set(points);
  return before.flatMap(({ kind, name, points }) => {
    const labels = points.map((point) => point.labels).filter((labels) => !present.has(seriesKey(name, labels)));
    return kind === 'gauge' && labels.length > 0 ? [{ name, labels }] : [];
  });
}

/** What counters and histograms have got since they were as `before`, those alone that have got something; gauges as they are. */
function metricsSince(before: readonly Metric[], now: readonly Metric[]): Metric[] {
  const counts = new Map<string, number>();
  const histograms = new Map<string, EncodedHistogram>();
  for (const { name, points } of before) {
    for (const point of points) {
      const key = seriesKey(name, point.labels);
      if ('value' in point) counts.set(key, point.value);
      else histograms.set(key, point.histogram);
    }
  }
  const added = now.map((metric): Metric => {
    const { name } = metric;
    if (metric.kind === 'gauge') return metric;
    if (metric.kind === 'histogram') {
      const points = metric.points.map(({ labels, histogram }) => {
        return { labels, histogram: addedSince(histograms.get(seriesKey(name, labels)) ?? EMPTY_HISTOGRAM, histogram) };
      });
      return { ...metric, points: points.filter(({ histogram }) => countOf(histogram) > 0) };
    }
    const points = metric.points.map(({ labels, value }) => {
      return { labels, value: value - (counts.get(seriesKey(name, labels)) ?? 0) };
    });
    return { ...metric, points: points.filter(({ value }) => value > 0) };
  });
  return added.filter(({ points }) => points.length > 0);
}

/** What two series have in common only when they are the same. */
function seriesKey(name: string, labels: Labels): string {
  return JSON.stringify([name, labels]);
}
