import { randomStream } from '../../core/plan/random.ts';
import { bucketIndex, type EncodedHistogram, encodedHistogram } from '../../core/stats/histogram.ts';
import type { HostSample, OperationWindow, Phase, Window } from '../../core/stats/window.ts';

/** Different durations per operation and second; each occurs up to {@link MAX_REPEATS} times. */
const DURATIONS = 32;
const MAX_REPEATS = 6;
/** Different send delays: 0 to 7 µs. */
const DELAYS = 8;
const SECOND_US = 1_000_000;

/** Figures of an idle host: what the simulation itself uses would say nothing about a real agent. */
export const IDLE_HOST: HostSample = {
  processCpuCores: 0,
  hostCpuShare: 0,
  processMemoryBytes: 0,
  hostMemoryShare: 0,
  loopLagMaxUs: 0,
  cpuWaitShare: 0,
};

export interface SyntheticSecond {
  readonly runId: string;
  /** Number of the agent in the run: its first slot. */
  readonly agent: number;
  readonly second: number;
  /** Number of operations in the plan. */
  readonly operations: number;
  /** The plan's warm-up; seconds that begin in it belong to that phase. */
  readonly warmupUs: number;
  /** Virtual users of this agent, per scenario. */
  readonly vus: readonly number[];
}

/**
 * The window that a simulated agent reports for one second. The same arguments always give the same window, so that
 * control's result can be checked to the last sample. Each operation has about a hundred samples.
 */
export function syntheticWindow({ runId, agent, second, operations, warmupUs, vus }: SyntheticSecond): Window {
  const random = randomStream(hashOf(runId), agent * 100_003 + second);
  const phase = second * SECOND_US < warmupUs ? 'warmup' : 'measure';
  return {
    second,
    operations: Array.from({ length: operations }, (_, operation) =>
      operationWindow(operation, phase, () => random.next()),
    ),
    scenarios: vus.map((alive, scenario) => ({ scenario, vus: alive, droppedArrivals: 0, missedArrivals: 0 })),
    writes: [],
    timings: [],
    host: IDLE_HOST,
  };
}

function operationWindow(operation: number, phase: Phase, random: () => number): OperationWindow {
  const responseTime = new RisingHistogram();
  const serviceTime = new RisingHistogram();
  const delays = new Array<number>(DELAYS).fill(0);
  let samples = 0;
  let serviceUs = 200 + Math.floor(random() * 1000);
  for (let i = 0; i < DURATIONS; i++) {
    const count = 1 + Math.floor(random() * MAX_REPEATS);
    const delayUs = i % DELAYS;
    serviceTime.add(serviceUs, count);
    responseTime.add(serviceUs + delayUs, count);
    delays[delayUs] = (delays[delayUs] as number) + count;
    samples += count;
    // The step is at least the largest delay, so that response times ascend too.
    serviceUs += DELAYS + Math.floor(random() * serviceUs * 0.1);
  }
  const sendDelay = new RisingHistogram();
  delays.forEach((count, delayUs) => {
    sendDelay.add(delayUs, count);
  });
  const errors = random() < 0.05 ? 1 : 0;
  return {
    operation,
    phase,
    errors,
    bytesSent: 100 * samples,
    bytesReceived: 1000 * samples,
    responseTime: responseTime.encoded(),
    serviceTime: serviceTime.encoded(),
    sendDelay: sendDelay.encoded(),
    errorKinds: errors === 0 ? [] : [{ kind: 'simulated', count: errors, example: 'an error of the simulation' }],
  };
}

/** A histogram for samples in ascending order. It encodes as the recorder's does, without dense buckets. */
class RisingHistogram {
  readonly #indices: number[] = [];
  readonly #counts: number[] = [];
  #minUs = 0;
  #maxUs = 0;
  #sumUs = 0;

  add(valueUs: number, count: number): void {
    const index = bucketIndex(valueUs);
    const last = this.#indices.length - 1;
    if (last < 0) this.#minUs = valueUs;
    if (this.#indices[last] === index) this.#counts[last] = (this.#counts[last] as number) + count;
    else {
      this.#indices.push(index);
      this.#counts.push(count);
    }
    this.#maxUs = valueUs;
    this.#sumUs += valueUs * count;
  }

  encoded(): EncodedHistogram {
    return encodedHistogram(this.#minUs, this.#maxUs, this.#sumUs, this.#indices, this.#counts);
  }
}

/** FNV-1a, 32 bits (G. Fowler, L. C. Noll, K.-P. Vo). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
