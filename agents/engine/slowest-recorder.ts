import type { ParsedPlan } from '../../core/plan/schema.ts';
import { MAX_SLOW_SAMPLES, MAX_TRACE_ID } from '../../core/stats/kept-sample.ts';
import { Recorder } from './recorder.ts';

/** Whether requests of the plan may begin traces, as `${traceparent}` in a header does. */
export function asksForTraces({ drivers }: Pick<ParsedPlan, 'drivers'>): boolean {
  return JSON.stringify(drivers ?? {}).includes('${traceparent');
}

/**
 * A recorder that keeps the slowest samples with a trace. A class of its own, so that nothing is asked where no plan asks for
 * traces.
 */
export class SlowestRecorder extends Recorder {
  /** The response times of the slowest so far by place, slowest first. */
  readonly #slowest = new Map<number, readonly number[]>();

  override record(...args: Parameters<Recorder['record']>): void {
    super.record(...args);
    const [operation, intendedUs, , endUs, { traceId }] = args;
    if (traceId === undefined || traceId.length > MAX_TRACE_ID) return;
    const place = this.placeOf(operation, intendedUs);
    const slowest = this.#slowest.get(place) ?? [];
    const responseTimeUs = endUs - intendedUs;
    if (slowest.length === MAX_SLOW_SAMPLES && responseTimeUs <= (slowest.at(-1) as number)) return;
    this.#slowest.set(place, [...slowest, responseTimeUs].sort((a, b) => b - a).slice(0, MAX_SLOW_SAMPLES));
    this.keepSlow(place, endUs, responseTimeUs, traceId);
  }
}
