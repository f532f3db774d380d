import type { RunResult } from '../../stats/result.ts';
import type { Message } from '../../text/message.ts';
import { merged } from '../distribution.ts';
import { measuredOf } from '../measured.ts';
import { formatMs } from '../quantity.ts';

/** A delay that all requests have in common is worth a sentence from this length on. */
const COMMON_DELAY_US = 200_000;
/** The medians of operations that suffer from the same delay are at most this many times as long. */
const ALIKE = 2;
/** An operation is slow on its own if its median is this many times that of the quickest, */
const SLOWER = 3;
/** and at least this long. */
const SLOW_US = 100_000;
const MIN_SAMPLES = 10;
/** Timings of what happens before a server starts to work, in that order. */
const PHASES: readonly string[] = ['http.dns', 'http.connect', 'http.tls', 'http.ttfb'];

interface Slowness {
  readonly name: string;
  readonly medianUs: number;
  readonly minUs: number;
}

/**
 * Distinguishes operations that are slow on their own from those that suffer from their environment. A delay of the environment
 * is in every request of every operation, even in the quickest one, while work or a queue is not.
 */
export function slowness(result: RunResult): Message[] {
  const operations = result.operations.flatMap((operation): Slowness[] => {
    const { serviceTime } = measuredOf([operation]);
    if (serviceTime.count < MIN_SAMPLES) return [];
    return [{ name: operation.name, medianUs: serviceTime.valueAtQuantileUs(0.5), minUs: serviceTime.minUs }];
  });
  if (operations.length < 2) return [];
  const floorUs = Math.min(...operations.map(({ minUs }) => minUs));
  const leastUs = Math.min(...operations.map(({ medianUs }) => medianUs));
  const mostUs = Math.max(...operations.map(({ medianUs }) => medianUs));
  if (floorUs >= COMMON_DELAY_US && mostUs <= ALIKE * floorUs) {
    const params = { operations: operations.length, floorUs, leastUs, mostUs };
    return [{ id: 'conclusion.slow-environment', params }, ...phaseTimes(result, floorUs)];
  }
  const slow = operations.filter(({ medianUs }) => medianUs >= SLOWER * leastUs && medianUs >= SLOW_US);
  const quickest = operations.find(({ medianUs }) => medianUs === leastUs);
  if (slow.length === 0 || quickest === undefined) return [];
  const names = slow
    .toSorted((a, b) => b.medianUs - a.medianUs)
    .slice(0, 5)
    .map(({ name, medianUs }) => `${name} ${formatMs(medianUs)} ms`);
  return [{ id: 'conclusion.slow-operations', params: { names, quickest: quickest.name, quickestUs: leastUs } }];
}

/** Where the common delay is, as far as the driver has timed it. */
function phaseTimes({ timings, operations }: RunResult, floorUs: number): Message[] {
  const requests = measuredOf(operations).requests;
  const medians = PHASES.flatMap((name) => {
    const timing = timings.find((candidate) => candidate.name === name);
    if (timing === undefined) return [];
    const { warmup, measure } = timing.phases;
    const times = merged([warmup, measure]);
    const inMeasure = merged([measure]).count;
    return times.count === 0 ? [] : [{ name, medianUs: times.valueAtQuantileUs(0.5), inMeasure }];
  });
  if (medians.length === 0) return [];
  const phases = medians.map(({ name, medianUs }) => `${name} ${formatMs(medianUs)} ms`);
  const messages: Message[] = [{ id: 'conclusion.phase-times', params: { phases } }];
  // A connection that is kept open delays only its first request. It explains the delay where each request opens one.
  const connecting = medians.filter(({ name, inMeasure }) => name !== 'http.ttfb' && inMeasure >= requests / 2);
  const worst = connecting.toSorted((a, b) => b.medianUs - a.medianUs)[0];
  if (worst !== undefined && worst.medianUs >= floorUs / 2) {
    messages.push({ id: 'conclusion.slow-phase', params: { phase: worst.name, medianUs: worst.medianUs } });
  }
  return messages;
}
