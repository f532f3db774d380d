import type { Output, OutputContext, OutputSecond } from '../../core/output.ts';
import { RecentTimes } from '../../core/series/recent-times.ts';
import { behindSeconds, metricsOf, type Present, responseTimesOf, type Sums } from '../../core/series/run-series.ts';
import type { Labels, Metric } from '../../core/series/series.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { outcomeOf } from '../../core/verdict/conclusion/run-outcome.ts';
import { RefusedError } from '../net/http-post.ts';

/** What the series of a run are at one time. */
export interface Push {
  readonly metrics: readonly Metric[];
  /** Gauges that have had values, and have none any more. */
  readonly ended: readonly EndedGauge[];
  /** Since when the counters count: the run start, in milliseconds since 1970. */
  readonly startMs: number;
  /** Later than that of the push before. */
  readonly atMs: number;
}

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

/** Pushes what a run has come to, every five seconds and at its end. Counters are those of the whole run, so a lost push loses nothing. */
export class PushedRun implements Output {
  readonly #context: OutputContext;
  readonly #send: Send;
  readonly #recent = new RecentTimes();
  #pushed: readonly Metric[] = [];
  /** Another process of control may have pushed a run that began before this; nothing of that is later than now. */
  #pushedMs = Date.now();
  /** What a run without a result would end with. */
  #unended: { readonly sums: Sums; readonly startMs: number } | undefined;
  #pushes = 0;
  #refused = 0;

  constructor(context: OutputContext, send: Send) {
    this.#context = context;
    this.#send = send;
  }

  async second({ second, startedAt, scenarios, agents, monitors, soFar }: OutputSecond, signal: AbortSignal) {
    if (soFar === undefined) return;
    const startMs = Date.parse(startedAt);
    const present = {
      state: 'running',
      scenarios,
      agents,
      monitors,
      behindSeconds: behindSeconds(startMs, second, Date.now()),
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
      await this.#push(sums, present, startMs, Date.now(), signal);
    } finally {
      this.#tellRefusals();
    }
  }

  #tellRefusals(): void {
    // A single one has been told in full.
    if (this.#refused > 1)
      this.#context.note(`${this.#refused} of ${this.#pushes} pushes were refused, wholly or in part`);
  }

  async #push(sums: Sums, present: Present, startMs: number, dueMs: number, signal: AbortSignal): Promise<void> {
    // Operations that were in flight may have ended after the load.
    const atMs = Math.max(dueMs, this.#pushedMs + 1);
    const metrics = metricsOf(this.#context, sums, present);
    const push = { metrics, ended: endedGauges(this.#pushed, metrics), startMs, atMs };
    const refusal = await this.#send(push, signal).catch((error) => {
      if (error instanceof RefusedError) return error.message;
      throw error;
    });
    this.#pushes++;
    if (refusal !== undefined && this.#refused++ === 0) this.#context.note(refusal);
    this.#pushed = metrics;
    this.#pushedMs = atMs;
  }
}

function endedGauges(before: readonly Metric[], now: readonly Metric[]): EndedGauge[] {
  const points = now.flatMap(({ name, points }) => points.map(({ labels }) => keyOf(name, labels)));
  const present = new Set(points);
  return before.flatMap(({ kind, name, points }) => {
    const labels = points.map((point) => point.labels).filter((labels) => !present.has(keyOf(name, labels)));
    return kind === 'gauge' && labels.length > 0 ? [{ name, labels }] : [];
  });
}

function keyOf(name: string, labels: Labels): string {
  return JSON.stringify([name, labels]);
}
