import type { Clock } from '../../clock.ts';
import { errorMessage } from '../../error.ts';
import type { PlanSecrets } from '../../plan/secrets.ts';
import type { Monitor } from '../../plugin.ts';
import { oneLine } from '../../text/printable.ts';
import { withTimeout } from '../../timeout.ts';
import { MONITOR_LIMIT_US, MONITOR_OPEN_LIMIT_US } from '../limits.ts';
import type { RunSecrets } from '../run/run-secrets.ts';
import type { ResolvedMonitor } from '../run/run-spec.ts';
import type { StoredSample } from '../store/measurements.ts';
import type { MonitorValues } from './monitor-series.ts';

/** What a monitor says of its source stands in each report. */
const MAX_FACTS = 100;
const MAX_LABEL_CHARACTERS = 100;
const OPEN_TOO_LONG = `it took longer than ${MONITOR_OPEN_LIMIT_US / 1e6} s`;

export interface MonitorSamplerOptions {
  readonly secrets: RunSecrets;
  readonly baseDirectory: string;
  readonly clock: Clock;
  /** Takes a sentence for the result and for those who watch the run. */
  readonly note: (text: string) => void;
  /** Collects the samples. */
  readonly values: MonitorValues;
  /** Stores a sample for a control process that may have to go on with the run. */
  readonly keep: (sample: Omit<StoredSample, 'runId'>) => Promise<void>;
}

interface Opened {
  readonly name: string;
  readonly monitor: Monitor;
  isSampling: boolean;
  hasFailed: boolean;
}

/** Opens the monitors of a run and samples them every second. A monitor that fails is reported once, and asked again. */
export class MonitorSampler {
  readonly #options: MonitorSamplerOptions;
  readonly #opened: Opened[] = [];
  readonly #closing = new AbortController();
  readonly #keeping = new Set<Promise<void>>();

  constructor(options: MonitorSamplerOptions) {
    this.#options = options;
  }

  /** Opens the monitors one after the other. @param stop ends the waiting for those that are not open yet */
  async open(monitors: readonly ResolvedMonitor[], stop: AbortSignal): Promise<void> {
    if (monitors.length === 0) return;
    const { baseDirectory, secrets, clock } = this.#options;
    let values: PlanSecrets;
    try {
      values = secrets.get();
    } catch (error) {
      this.#note(`the monitors cannot be opened: ${sentenceOf(error)}`);
      return;
    }
    const { target, fill } = values;
    for (const { name, plugin, options } of monitors) {
      const opening = (async () => plugin.open(fill(options), { target, baseDirectory }))();
      try {
        const monitor = await withTimeout(clock, MONITOR_OPEN_LIMIT_US, OPEN_TOO_LONG, () => opening, stop);
        this.#opened.push({ name, monitor, isSampling: false, hasFailed: false });
      } catch (error) {
        // A monitor that opens too late is closed again.
        void opening.then((late) => late.close()).catch(() => {});
        if (stop.aborted) return;
        this.#note(`monitor ${name} cannot be opened: ${sentenceOf(error)}`);
      }
    }
  }

  /** Descriptions of the monitored sources, by label. */
  async describe(): Promise<Record<string, string>> {
    const descriptions: Record<string, string> = {};
    for (const { name, monitor } of this.#opened) {
      try {
        const described = await this.#limited<Readonly<Record<string, string>>>(
          (signal) => monitor.describe?.(signal) ?? Promise.resolve({}),
        );
        const facts = Object.entries(described);
        for (const [given, text] of facts.slice(0, MAX_FACTS)) {
          const label = oneLine(given, MAX_LABEL_CHARACTERS);
          descriptions[label in descriptions ? `${name} ${label}` : label] = this.#options.secrets.hide(text);
        }
        if (facts.length > MAX_FACTS) {
          this.#note(`monitor ${name} says ${facts.length} things of its source: ${MAX_FACTS} are in the result`);
        }
      } catch (error) {
        this.#note(`monitor ${name} could not describe its source: ${sentenceOf(error)}`);
      }
    }
    return descriptions;
  }

  /** Asks every monitor that is not busy with an earlier sample. @param second the values count for it */
  sample(second: number): void {
    for (const opened of this.#opened) if (!opened.isSampling) void this.#sampleOne(opened, second);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the run has ended'));
    for (const { name, monitor } of this.#opened.splice(0)) {
      try {
        await withTimeout(this.#options.clock, MONITOR_OPEN_LIMIT_US, OPEN_TOO_LONG, async () => monitor.close());
      } catch (error) {
        this.#note(`monitor ${name} could not be closed: ${sentenceOf(error)}`);
      }
    }
    await Promise.all(this.#keeping);
  }

  async #sampleOne(opened: Opened, second: number): Promise<void> {
    opened.isSampling = true;
    try {
      const sample = await this.#limited((signal) => opened.monitor.sample(signal));
      const metrics = Object.fromEntries(Object.entries(sample).filter(([, value]) => Number.isFinite(value)));
      this.#options.values.add(opened.name, second, metrics);
      this.#keep({ monitor: opened.name, second, metrics: JSON.stringify(metrics) });
      if (opened.hasFailed) this.#note(`monitor ${opened.name} answers again`);
      opened.hasFailed = false;
    } catch (error) {
      if (!opened.hasFailed && !this.#closing.signal.aborted) {
        this.#note(`monitor ${opened.name} failed: ${sentenceOf(error)}`);
        opened.hasFailed = true;
      }
    } finally {
      opened.isSampling = false;
    }
  }

  #keep(sample: Omit<StoredSample, 'runId'>): void {
    const kept = this.#options
      .keep(sample)
      // A sample that cannot be stored is still in the result, unless control ends.
      .catch(() => {})
      .finally(() => this.#keeping.delete(kept));
    this.#keeping.add(kept);
  }

  #note(text: string): void {
    this.#options.note(this.#options.secrets.hide(text));
  }

  async #limited<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const seconds = MONITOR_LIMIT_US / 1e6;
    const message = `no answer within ${seconds} s`;
    return withTimeout(this.#options.clock, MONITOR_LIMIT_US, message, work, this.#closing.signal);
  }
}

function sentenceOf(error: unknown): string {
  return errorMessage(error);
}
