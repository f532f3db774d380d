import { reasonOf } from './error.ts';
import { type HostReading, readHost } from './host.ts';

const INTERVAL_MS = 1000;

/** The part of the target that the sampler uses. */
export interface SampledTarget {
  /** The folder whose file system is reported. */
  readonly folder: string;
  /** Rejects when the database cannot be used. */
  ping(): Promise<void>;
  /** The largest number of uploads that waited at once since the previous call. */
  takeDeepestQueue(): number;
}

/** The state of host, process and database over the last second. Shares and rates are undefined in the first one. */
export interface SystemSample {
  readonly takenAt: Date;
  readonly host: HostReading;
  /** Busy time ÷ (elapsed time × cores) over the last two seconds, 0 to 1. */
  readonly cpuShare: number | undefined;
  readonly diskReadBytesPerSecond: number | undefined;
  readonly diskWrittenBytesPerSecond: number | undefined;
  readonly receivedBytesPerSecond: number | undefined;
  readonly sentBytesPerSecond: number | undefined;
  /** 1 is one core in full use. */
  readonly processCpuCores: number | undefined;
  readonly residentBytes: number;
  /** The worst lateness of a timer. */
  readonly eventLoopLagMs: number;
  readonly deepestQueue: number;
  /** Why the database cannot be used; undefined when it can. */
  readonly databaseProblem: string | undefined;
}

export interface Reading {
  readonly atMs: number;
  readonly host: HostReading;
  readonly processCpuSeconds: number;
}

/** Samples once a second in the background, so that no request has to wait for a measurement. */
export class SystemSampler {
  readonly #target: SampledTarget;
  readonly #lag = new LagMeter();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = performance.now();
  #stopped = false;
  /** The last two readings, the older one first. */
  #readings: readonly Reading[];
  #latest: SystemSample;

  /** Resolves with the first sample taken. */
  static async start(target: SampledTarget): Promise<SystemSampler> {
    const reading = await read(target.folder);
    const sampler = new SystemSampler(target, reading);
    sampler.#schedule();
    return sampler;
  }

  private constructor(target: SampledTarget, reading: Reading) {
    this.#target = target;
    this.#readings = [reading];
    this.#latest = sampleOf(reading, [], { eventLoopLagMs: 0, deepestQueue: 0, databaseProblem: undefined });
  }

  get latest(): SystemSample {
    return this.#latest;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#lag.stop();
  }

  #schedule(): void {
    const nowMs = performance.now();
    while (this.#dueMs <= nowMs) this.#dueMs += INTERVAL_MS;
    this.#timer = setTimeout(() => void this.#take(), this.#dueMs - nowMs);
  }

  async #take(): Promise<void> {
    const [reading, databaseProblem] = await Promise.all([
      read(this.#target.folder),
      this.#target.ping().then(() => undefined, reasonOf),
    ]);
    if (this.#stopped) return;
    this.#latest = sampleOf(reading, this.#readings, {
      eventLoopLagMs: this.#lag.takeWorstMs(),
      deepestQueue: this.#target.takeDeepestQueue(),
      databaseProblem,
    });
    this.#readings = [...this.#readings.slice(-1), reading];
    this.#schedule();
  }
}

async function read(folder: string): Promise<Reading> {
  const host = await readHost(folder);
  const { user, system } = process.cpuUsage();
  return { atMs: performance.now(), host, processCpuSeconds: (user + system) / 1e6 };
}

type OwnFigures = Pick<SystemSample, 'eventLoopLagMs' | 'deepestQueue' | 'databaseProblem'>;

/** @param earlier one or two readings, the older one first; none for the first sample */
function sampleOf(now: Reading, earlier: readonly Reading[], own: OwnFigures): SystemSample {
  const before = earlier.at(-1);
  const elapsedSeconds = before && (now.atMs - before.atMs) / 1000;
  const perSecond = (current: number | undefined, previous: number | undefined): number | undefined =>
    current === undefined || previous === undefined || elapsedSeconds === undefined
      ? undefined
      : (current - previous) / elapsedSeconds;
  return {
    takenAt: new Date(),
    host: now.host,
    cpuShare: earlier[0] && busyShare(earlier[0], now),
    diskReadBytesPerSecond: perSecond(now.host.diskIo?.readBytes, before?.host.diskIo?.readBytes),
    diskWrittenBytesPerSecond: perSecond(now.host.diskIo?.writtenBytes, before?.host.diskIo?.writtenBytes),
    receivedBytesPerSecond: perSecond(now.host.network?.receivedBytes, before?.host.network?.receivedBytes),
    sentBytesPerSecond: perSecond(now.host.network?.sentBytes, before?.host.network?.sentBytes),
    processCpuCores: perSecond(now.processCpuSeconds, before?.processCpuSeconds),
    residentBytes: process.memoryUsage().rss,
    ...own,
  };
}

/** Two seconds are long enough for the counters' ticks, and for those of virtual hosts that are late by one. */
export function busyShare(from: Reading, to: Reading): number | undefined {
  const availableSeconds = ((to.atMs - from.atMs) / 1000) * to.host.cpu.cores;
  if (availableSeconds <= 0) return undefined;
  return Math.min(1, Math.max(0, (to.host.cpu.busySeconds - from.host.cpu.busySeconds) / availableSeconds));
}

const TICK_MS = 20;

/**
 * Measures how late the event loop runs timers, against an absolute schedule of one tick each 20 ms. The runtimes'
 * own meters of the event loop are not used: they say nothing on Bun and Deno.
 */
export class LagMeter {
  #timer: ReturnType<typeof setTimeout>;
  #dueMs: number;
  #worstMs = 0;

  constructor() {
    this.#dueMs = performance.now() + TICK_MS;
    this.#timer = setTimeout(this.#tick, TICK_MS);
  }

  /** The worst lateness since the last call, in milliseconds; an idle loop shows 1 to 2 ms, the timers' own grain. */
  takeWorstMs(): number {
    const worstMs = Math.max(this.#worstMs, performance.now() - this.#dueMs);
    this.#worstMs = 0;
    return worstMs;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  readonly #tick = (): void => {
    const nowMs = performance.now();
    this.#worstMs = Math.max(this.#worstMs, nowMs - this.#dueMs);
    while (this.#dueMs <= nowMs) this.#dueMs += TICK_MS;
    this.#timer = setTimeout(this.#tick, this.#dueMs - nowMs);
  };
}
