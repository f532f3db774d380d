import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import process from 'node:process';
import type { Clock } from '../../core/clock.ts';
import type { HostSample } from '../../core/stats/window.ts';
import { type CpuTime, KernelFile, parseCpuTime, parseCpuWait, parseMemory } from './linux.ts';

/** How often the event loop's lateness is looked at. */
const LAG_STEP_US = 20_000;

/** One reading of the counters of this process and its host. Replaced in tests. */
export interface HostCounters {
  readonly processCpuUs: number;
  readonly processMemoryBytes: number;
  /** How long this process' main thread, which makes the load, was ready to run and had no processor. */
  readonly cpuWaitUs: number;
  readonly hostCpu: CpuTime;
  readonly hostMemory: { readonly totalBytes: number; readonly availableBytes: number };
}

/** Reads the counters. Never throws: a process without free descriptors is measured like any other. */
export interface CounterSource {
  read(): HostCounters;
  close(): void;
}

interface CpuReading {
  readonly atUs: number;
  readonly cpu: CpuTime;
}

/**
 * Measures this process and its host from its creation until {@link stop}. The engine calls {@link take} once per window.
 *
 * The share of the host's processors is the time that they were busy, divided by the time that has passed and the number of
 * cores, over the last two windows. What was idle is not looked at: on some virtual hosts those counters stand still for
 * seconds and then jump, so that a share of busy plus idle reads 0 and 1 in turn.
 */
export class HostMonitor {
  readonly #clock: Clock;
  readonly #source: CounterSource;
  #cancel: () => void = () => {};
  #lagMaxUs = 0;
  #atUs: number;
  #processCpuUs: number;
  #cpuWaitUs: number;
  /** What was read at the end of the last window and of the one before it, the older one first. */
  #hostReadings: readonly CpuReading[];

  constructor(clock: Clock, source: CounterSource = new SystemCounters()) {
    this.#clock = clock;
    this.#source = source;
    this.#atUs = clock.nowUs();
    const { processCpuUs, cpuWaitUs, hostCpu } = source.read();
    this.#processCpuUs = processCpuUs;
    this.#cpuWaitUs = cpuWaitUs;
    this.#hostReadings = [{ atUs: this.#atUs, cpu: hostCpu }];
    this.#watchLag(this.#atUs + LAG_STEP_US);
  }

  /** Forgets what was measured so far: the next window begins now. */
  restart(): void {
    this.take(0);
    this.#hostReadings = this.#hostReadings.slice(-1);
  }

  /** @param idleUs microseconds of processor time since the last call that were spent polling: they are left out */
  take(idleUs: number): HostSample {
    const nowUs = this.#clock.nowUs();
    const { processCpuUs, processMemoryBytes, cpuWaitUs, hostCpu, hostMemory } = this.#source.read();
    const reading = { atUs: nowUs, cpu: hostCpu };
    const elapsedUs = Math.max(1, nowUs - this.#atUs);
    const sample: HostSample = {
      processCpuCores: Math.max(0, processCpuUs - this.#processCpuUs - idleUs) / elapsedUs,
      hostCpuShare: busyShare(this.#hostReadings[0] as CpuReading, reading),
      processMemoryBytes,
      hostMemoryShare: hostMemory.totalBytes === 0 ? 0 : 1 - hostMemory.availableBytes / hostMemory.totalBytes,
      loopLagMaxUs: this.#lagMaxUs,
      cpuWaitShare: Math.min(1, Math.max(0, cpuWaitUs - this.#cpuWaitUs) / elapsedUs),
    };
    this.#atUs = nowUs;
    this.#processCpuUs = processCpuUs;
    this.#cpuWaitUs = cpuWaitUs;
    this.#hostReadings = [this.#hostReadings.at(-1) as CpuReading, reading];
    this.#lagMaxUs = 0;
    return sample;
  }

  stop(): void {
    this.#cancel();
    this.#source.close();
  }

  /** The schedule is absolute: a timer that is set relative to its last firing would hide how late that was. */
  #watchLag(dueUs: number): void {
    this.#cancel = this.#clock.after(dueUs - this.#clock.nowUs(), () => {
      const lateUs = this.#clock.nowUs() - dueUs;
      if (lateUs > this.#lagMaxUs) this.#lagMaxUs = lateUs;
      this.#watchLag(dueUs + LAG_STEP_US * Math.max(1, Math.ceil(lateUs / LAG_STEP_US)));
    });
  }
}

/** Busy time ÷ (elapsed time × cores), from 0 to 1. */
function busyShare(from: CpuReading, to: CpuReading): number {
  const availableUs = (to.atUs - from.atUs) * to.cpu.cores;
  if (availableUs <= 0) return 0;
  return Math.min(1, Math.max(0, (to.cpu.busyUs - from.cpu.busyUs) / availableUs));
}

/** The system's own counters. */
class SystemCounters implements CounterSource {
  readonly #stat = new KernelFile('/proc/stat');
  readonly #meminfo = new KernelFile('/proc/meminfo');
  readonly #status = new KernelFile('/proc/self/status');
  readonly #schedstat = new KernelFile('/proc/self/schedstat');

  read(): HostCounters {
    const { user, system } = process.cpuUsage();
    return {
      processCpuUs: user + system,
      processMemoryBytes: residentBytes(this.#status.read()),
      cpuWaitUs: parseCpuWait(this.#schedstat.read() ?? ''),
      hostCpu:
        parseCpuTime(this.#stat.read() ?? '') ?? orElse(cpuTimeOfOs, { busyUs: 0, cores: availableParallelism() }),
      hostMemory: parseMemory(this.#meminfo.read() ?? '') ?? { totalBytes: totalmem(), availableBytes: freemem() },
    };
  }

  close(): void {
    for (const file of [this.#stat, this.#meminfo, this.#status, this.#schedstat]) file.close();
  }
}

function residentBytes(status = ''): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return kilobytes === undefined ? orElse(() => process.memoryUsage().rss, 0) : Number(kilobytes) * 1024;
}

/** For systems without /proc/stat. */
function cpuTimeOfOs(): CpuTime {
  const cores = cpus();
  const busyMs = cores.reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { busyUs: busyMs * 1000, cores: cores.length };
}

/** These calls throw when the process has no free descriptor. */
function orElse<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
