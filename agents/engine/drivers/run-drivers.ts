import type { Clock } from '../../../core/clock.ts';
import type { ResolvedPlan } from '../../../core/plan/resolve.ts';
import type { Driver, DriverContext } from '../../../core/plugin.ts';
import type { DealIndices } from '../../../core/script/dealt-indices.ts';
import type { Recorder } from '../recorder.ts';
import { type CallMarker, DriverCalls } from './driver-calls.ts';
import { DriverCloser } from './driver-closer.ts';
import { DEFAULT_OPERATION_LIMIT_US, LimitedDriver } from './limited-driver.ts';
import { openDriver } from './open-driver.ts';
import { OperationSweep } from './operation-sweep.ts';

export interface RunDriversOptions {
  readonly runId: string;
  readonly plan: ResolvedPlan;
  readonly deal: DealIndices;
  readonly baseDirectory: string;
  readonly clock: Clock;
  /** Called with one sentence for whoever reads the result. */
  readonly warn: (text: string) => void;
  /** Is told which operation of somebody else's driver is being begun. */
  readonly stallWatch?: CallMarker | undefined;
}

/** The drivers of one run in one agent, from when they open until they are closed. */
export class RunDrivers {
  readonly closer: DriverCloser;
  readonly #options: RunDriversOptions;
  readonly #recorder: Pick<Recorder, 'timing' | 'ratio' | 'tally'>;
  readonly #drivers = new Map<string, Driver>();
  /** What drivers share, by the function that made it. */
  readonly #shared = new Map<() => unknown, unknown>();
  readonly #sweep: OperationSweep;

  constructor(options: RunDriversOptions, recorder: Pick<Recorder, 'timing' | 'ratio' | 'tally'>) {
    this.#options = options;
    this.#recorder = recorder;
    this.closer = new DriverCloser(options.clock, options.warn);
    this.#sweep = new OperationSweep(options.clock);
  }

  /**
   * Opens all of them, one after the other. Called once.
   * @throws as {@link openDriver}
   */
  async open(signal: AbortSignal): Promise<void> {
    const { plan, clock } = this.#options;
    const limits = this.#operationLimits();
    for (const limitUs of limits.values()) this.#sweep.suit(limitUs);
    for (const [name, resolved] of plan.drivers) {
      const context = this.#contextOf(name, this.#drivers.size);
      const driver = await openDriver(name, resolved, context, clock, signal);
      const operationLimitUs = limits.get(name);
      const calls = new DriverCalls(name, this.#options.stallWatch);
      const parts = { name, clock, sweep: this.#sweep, closer: this.closer, calls };
      const isTrusted = operationLimitUs === undefined;
      this.#drivers.set(name, isTrusted ? driver : new LimitedDriver(driver, { ...parts, operationLimitUs }));
      signal.throwIfAborted();
    }
  }

  /** Whether one of them is not known to end its operations by itself. */
  get areLimited(): boolean {
    return this.#operationLimits().size > 0;
  }

  /** @param name one of the plan's drivers; they are open */
  get(name: string): Driver {
    return this.#drivers.get(name) as Driver;
  }

  /** From now on, operations have their time limits. */
  startLimits(): void {
    if (this.areLimited) this.#sweep.start();
  }

  stopLimits(): void {
    this.#sweep.stop();
  }

  /** Closes all of them. Never rejects. */
  async close(): Promise<void> {
    this.stopLimits();
    for (const [name, driver] of this.#drivers) await this.closer.closeDriver(name, driver);
    this.#drivers.clear();
  }

  /** Microseconds, by the driver's name; of those that nobody has to limit, there is none. */
  #operationLimits(): ReadonlyMap<string, number> {
    const { drivers, plan } = this.#options.plan;
    return new Map(
      [...drivers].flatMap(([name, { plugin }]): (readonly [string, number])[] => {
        const otherwise = plugin.limitsOperations === true ? undefined : DEFAULT_OPERATION_LIMIT_US;
        const limitUs = plan.drivers[name]?.operationTimeout ?? otherwise;
        return limitUs === undefined ? [] : [[name, limitUs]];
      }),
    );
  }

  /** @param driver index among the plan's drivers, in the order of their first use */
  #contextOf(name: string, driver: number): DriverContext {
    const { runId, plan, deal, baseDirectory, clock, warn } = this.#options;
    const refused = (sentence: string) => warn(`driver ${name}: ${sentence}`);
    return {
      runId,
      target: plan.plan.target ?? '',
      baseDirectory,
      nowUs: () => clock.nowUs(),
      timing: (timing) => this.#recorder.timing(timing, refused),
      ratio: (name) => this.#recorder.ratio(name),
      tally: (key) => this.#recorder.tally(driver, key, refused),
      deal: (set, length, repeats) => deal(`${set} of driver ${name}`, length, repeats),
      shared: (make) => this.#sharedBy(make),
      warn,
    };
  }

  #sharedBy<T>(make: () => T): T {
    if (!this.#shared.has(make)) this.#shared.set(make, make());
    return this.#shared.get(make) as T;
  }
}
