import type { Clock } from '../../core/clock.ts';
import type { AgentChange } from '../../core/plan/load-change.ts';
import { takesArrivals } from '../../core/plan/load-model.ts';
import { loadProfile } from '../../core/plan/profile.ts';
import type { ResolvedPlan } from '../../core/plan/resolve.ts';
import type { ParsedScenario } from '../../core/plan/schema.ts';
import { GrowingProfile } from '../../core/plan/shape.ts';
import { mostVus, ownedCount, type Share, scenarioTime } from '../../core/plan/split.ts';
import type { Driver, DriverContext } from '../../core/plugin.ts';
import type { HostSample, ScenarioWindow, Window } from '../../core/stats/window.ts';
import { ClosedExecutor } from './executor/closed-executor.ts';
import type { ExecutorSetup } from './executor/executor.ts';
import { OpenExecutor } from './executor/open-executor.ts';
import { ScenarioLoad } from './executor/scenario-runner.ts';
import { Recorder } from './recorder.ts';
import { Course } from './schedule/load-schedule.ts';
import { Scheduler } from './timer-queue.ts';
import { Closing } from './vu/driver-closer.ts';
import { OperationMix } from './vu/operation-mix.ts';
import { Gate } from './vu/pause-latch.ts';
import { nextStart } from './vu/think-time.ts';

/** Arrivals are to be on time to some microseconds; a runtime's timers are up to 2 ms late. */
const ARRIVAL_SPIN_US = 2_000;
/** The window of a second is closed this long after it, so that the runtime's timer is not early. */
const WINDOW_CLOSE_DELAY_US = 2_000;

export interface EngineOptions {
  readonly runId: string;
  readonly plan: ResolvedPlan;
  /** At the start; none for an agent that takes part later. */
  readonly share: Share;
  readonly baseDirectory: string;
  readonly clock: Clock;
  /** @param idleUs processor time since the last call that was spent waiting for the next arrival */
  readonly host: (idleUs: number) => HostSample;
  readonly emit: (window: Window) => void;
  /** Something that a person may want to know of. */
  readonly warn: (text: string) => void;
  /** The load cannot go on, and ends as if it was stopped. Told at once, and once. */
  readonly failed: (error: unknown) => void;
}

/** One agent's part of one run: its drivers, executors and recorder. */
export class Engine {
  readonly #options: EngineOptions;
  readonly recorder: Recorder;
  readonly #drivers = new Map<string, Driver>();
  readonly #closing: Closing;
  #loads: ScenarioLoad[] = [];
  #stopRequested = false;
  readonly #cut = new AbortController();
  #hasFailed = false;
  #sessions = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#closing = new Closing(options.clock, options.warn);
    const sources = { scenarios: () => this.#scenarioWindows(), host: () => options.host(this.#takeIdleUs()) };
    this.recorder = new Recorder(options.plan.operations.length, sources, options.emit);
  }

  /**
   * Opens the drivers and connects the virtual users that the load begins with.
   * @throws when a driver cannot be opened: its message is for the person who runs the plan; and when it is aborted
   */
  async prepare(): Promise<void> {
    const { plan } = this.#options.plan;
    for (const [name, { plugin, options }] of this.#options.plan.drivers) {
      this.#drivers.set(name, await plugin.open(options, this.#driverContext(this.#drivers.size)));
      this.#cut.signal.throwIfAborted();
    }
    const scenarios = Object.values(plan.scenarios);
    const indexOf = userIndices(scenarios);
    scenarios.forEach((scenario, index) => {
      const operations = this.#options.plan.operations.filter((operation) => operation.scenario === index);
      const mix = new OperationMix(operations);
      const time = scenarioTime(plan, scenario);
      const planned = loadProfile(scenario, time.warmupUs);
      const profile =
        scenario.executor === 'shape'
          ? new GrowingProfile(scenario.load === 'vus' ? scenario.maxVus : Number.POSITIVE_INFINITY, planned.durationUs)
          : planned;
      const course = new Course(profile, index, time.startUs, this.#options.share);
      const cut = new AbortController();
      const scheduler = new Scheduler(this.#options.clock, takesArrivals(scenario) ? ARRIVAL_SPIN_US : 0);
      const setup: ExecutorSetup = {
        scenario,
        time,
        course,
        userIndex: (n) => indexOf(index, n),
        // Users' streams count up from 0; scenarios' count down from the top, two each.
        stream: 0xffffffff - 2 * index - 1,
        surroundings: {
          clock: this.#options.clock,
          scheduler,
          recorder: this.recorder,
          mix,
          drivers: mix.drivers.map((name) => this.#drivers.get(name) as Driver),
          seed: plan.seed,
          nextStart: 'thinkTime' in scenario ? nextStart(scenario.thinkTime) : undefined,
          gate: new Gate(),
          cut: cut.signal,
          closing: this.#closing,
        },
        fail: this.#fail,
      };
      const executor = takesArrivals(scenario) ? new OpenExecutor({ ...setup, scenario }) : new ClosedExecutor(setup);
      this.#loads.push(new ScenarioLoad({ clock: this.#options.clock, executor, time, course, scheduler, cut }));
      this.#sessions += ownedCount(mostVus(scenario), this.#options.share) * mix.drivers.length;
    });
    for (const { executor } of this.#loads) await executor.prepare();
  }

  /** Sessions that may be open at once in this agent; known once prepared. */
  get sessions(): number {
    return this.#sessions;
  }

  /**
   * Drives the load; resolves when every operation has ended and the last window is emitted, also of a load that fails.
   * @param startUs the run's second 0 on the engine's clock
   * @returns from second 0 until no operation began any more, in microseconds
   */
  async run(startUs: number): Promise<number> {
    this.recorder.start(startUs, this.#options.plan.plan.warmup ?? 0, this.#options.clock.nowUs());
    this.#closeSeconds(startUs, 1);
    const ends = this.#loads.map((load) => load.run(startUs).catch(this.#fail));
    if (this.#stopRequested) this.stop();
    await Promise.all(this.#loads.map(({ executor }) => executor.stopped));
    const loadUs = Math.max(0, this.#options.clock.nowUs() - startUs);
    await Promise.all(ends);
    this.#cancelTimer?.();
    this.recorder.finish();
    return loadUs;
  }

  /** The load of one second of a scenario with a shape; `undefined`: it ends with that second's begin. */
  setLevel(scenario: number, second: number, level: { from: number; to: number } | undefined): void {
    const profile = this.#loads[scenario]?.course.profile;
    if (!(profile instanceof GrowingProfile)) return;
    if (level === undefined) profile.end(second);
    else profile.set(second, level.from, level.to);
  }

  /** To be called after {@link run}. Takes effect at its time; now, where that is over. */
  change(change: AgentChange): void {
    for (const { course, executor } of this.#loads) {
      executor.revise(change.kind === 'share' ? course.changeShare(change.share, change.atUs) : course.change(change));
    }
  }

  /** No new operations; those in flight may take their scenario's graceful stop. */
  stop(): void {
    this.#stopRequested = true;
    for (const load of this.#loads) load.stop();
  }

  /** No new operations and no new connections, and those in flight are cut off. */
  abort(): void {
    this.#stopRequested = true;
    this.#cut.abort();
    for (const load of this.#loads) load.abort();
  }

  /** To be called once, after {@link run} or instead of it. Never throws. */
  async close(): Promise<void> {
    await Promise.all(this.#loads.map((load) => load.close()));
    for (const [name, driver] of this.#drivers) await this.#closing.close(`driver ${name}`, driver);
    this.#drivers.clear();
  }

  readonly #fail = (error: unknown): void => {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.stop();
    this.#options.failed(error);
  };

  #closeSeconds(startUs: number, second: number): void {
    const { clock } = this.#options;
    this.#cancelTimer = clock.after(startUs + second * 1e6 + WINDOW_CLOSE_DELAY_US - clock.nowUs(), () => {
      const nowUs = clock.nowUs();
      this.recorder.closeSeconds(nowUs);
      this.#closeSeconds(startUs, Math.floor((nowUs - startUs) / 1e6) + 1);
    });
  }

  /** @param driver its place among the plan's drivers */
  #driverContext(driver: number): DriverContext {
    const { runId, plan, baseDirectory, clock } = this.#options;
    return {
      runId,
      target: plan.plan.target ?? '',
      baseDirectory,
      nowUs: () => clock.nowUs(),
      timing: (name) => this.recorder.timing(name),
      tally: (key) => this.recorder.tally(driver, key),
    };
  }

  #takeIdleUs(): number {
    return this.#loads.reduce((sum, { scheduler }) => sum + scheduler.takeIdleSpinUs(), 0);
  }

  #scenarioWindows(): ScenarioWindow[] {
    return this.#loads.map(({ executor }, scenario) => ({
      scenario,
      vus: executor.takeVus(),
      ...executor.takeDropped(),
    }));
  }
}

/**
 * Indices over all scenarios: first those of the users that the plan may have alive, scenario after scenario. Users
 * beyond them, which only a change of the load brings, come after all of these, so that no two users are one device.
 */
function userIndices(scenarios: readonly ParsedScenario[]): (scenario: number, n: number) => number {
  const most = scenarios.map(mostVus);
  const first = most.map((_, scenario) => most.slice(0, scenario).reduce((sum, count) => sum + count, 0));
  const planned = most.reduce((sum, count) => sum + count, 0);
  return (scenario, n) => {
    const beyond = n - (most[scenario] ?? 0);
    return beyond < 0 ? (first[scenario] ?? 0) + n : planned + beyond * scenarios.length + scenario;
  };
}
