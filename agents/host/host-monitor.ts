import { cpus, totalmem } from 'node:os';
import type { Clock } from '../../core/clock.ts';
import type { HostSample } from '../../core/stats/window.ts';
import { availableMemoryBytes } from './linux.ts';

/** How often the event loop's lateness is looked at. */
const LAG_STEP_US = 20_000;

/** Watches this process and its host; each {@link take} tells what happened since the one before. */
export class HostMonitor {
  readonly #clock: Clock;
  #cancel: () => void = () => {};
  #lagMaxUs = 0;
  #atUs: number;
  #processCpuUs = processCpuUs();
  #hostTimes = hostTimes();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#atUs = clock.nowUs();
    this.#watchLag(this.#atUs + LAG_STEP_US);
  }

  /** @param idleUs processor time since the last call that was spent waiting: it is left out */
  take(idleUs: number): HostSample {
    const nowUs = this.#clock.nowUs();
    const cpuUs = processCpuUs();
    const times = hostTimes();
    const elapsedUs = Math.max(1, nowUs - this.#atUs);
    const total = times.total - this.#hostTimes.total;
    const sample: HostSample = {
      processCpuCores: Math.max(0, cpuUs - this.#processCpuUs - idleUs) / elapsedUs,
      hostCpuShare: total > 0 ? (times.busy - this.#hostTimes.busy) / total : 0,
      processMemoryBytes: process.memoryUsage().rss,
      hostMemoryShare: 1 - availableMemoryBytes() / totalmem(),
      loopLagMaxUs: this.#lagMaxUs,
    };
    this.#atUs = nowUs;
    this.#processCpuUs = cpuUs;
    this.#hostTimes = times;
    this.#lagMaxUs = 0;
    return sample;
  }

  stop(): void {
    this.#cancel();
  }

  /** From an absolute schedule: a timer that is set anew each time would forget how late the last one was. */
  #watchLag(dueUs: number): void {
    this.#cancel = this.#clock.after(dueUs - this.#clock.nowUs(), () => {
      const lateUs = this.#clock.nowUs() - dueUs;
      if (lateUs > this.#lagMaxUs) this.#lagMaxUs = lateUs;
      this.#watchLag(dueUs + LAG_STEP_US * Math.max(1, Math.ceil(lateUs / LAG_STEP_US)));
    });
  }
}

function processCpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function hostTimes(): { busy: number; total: number } {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const working = times.user + times.nice + times.sys + times.irq;
    busy += working;
    total += working + times.idle;
  }
  return { busy, total };
}
