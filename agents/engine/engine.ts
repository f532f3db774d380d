import type { Clock } from '../../core/clock.ts';
import { type Journey, type OnceSteps, operationsIn } from '../../core/plan/journey.ts';
import type { AgentChange } from '../../core/plan/load/load-change.ts';
import { highestLevel, isLive, takesArrivals } from '../../core/plan/load/load-model.ts';
import { loadProfile } from '../../core/plan/load/profile.ts';
import { GrowingProfile } from '../../core/plan/load/shape.ts';
import { mostVus, ownedCount, type Share, scenarioTime } from '../../core/plan/load/split.ts';
import type { ResolvedPlan } from '../../core/plan/resolve.ts';
import type { ParsedScenario } from '../../core/plan/schema.ts';
import { type DealIndices, dealAllHere } from '../../core/script/dealt-indices.ts';
import type { ScriptSource } from '../../core/script/script-source.ts';
import type { User } from '../../core/script/user.ts';
import type { HostSample, ScenarioWindow, Window } from '../../core/stats/window.ts';
import type { StallWatch } from '../host/stall-watch.ts';
import { RunDrivers } from './drivers/run-drivers.ts';
import { ClosedExecutor } from './executor/closed-executor.ts';
import { type ExecutorSetup, Stretch } from './executor/executor.ts';
import { OpenExecutor } from './executor/open-executor.ts';
import { ScenarioRunner } from './executor/scenario-runner.ts';
import { FailureSamples, type HideSecrets } from './failure-samples.ts';
import { Recorder } from './recorder.ts';
import { LoadSchedule } from './schedule/load-schedule.ts';
import { Scripts } from './scripts.ts';
import { asksForTraces, SlowestRecorder } from './slowest-recorder.ts';
import { TimerQueue } from './timer-queue.ts';
import { type TraceMode, Tracer, TracingRecorder, tracedRows } from './tracer.ts';
import { EventLoopTurn } from './vu/event-loop-turn.ts';
import { OperationMix } from './vu/operation-mix.ts';
import { PauseLatch } from './vu/pause-latch.ts';
import { nextStart } from './vu/think-time.ts';
import type { ScenarioSteps } from './vu/user-context.ts';

/** How long before an arrival the event loop is polled: a runtime's timers fire up to 2 ms late. */
const ARRIVAL_SPIN_US = 2_000;
/** Delay from the end of a second to the closing of its window, because a runtime's timer may fire a little early. */
const WINDOW_CLOSE_DELAY_US = 2_000;

export interface EngineOptions {
  readonly runId: string;
  readonly plan: ResolvedPlan;
  /** The share at the start of the run; it has no slots for an agent that joins the load later. */
  readonly share: Share;
  readonly baseDirectory: string;
  /** What all virtual users of the run use up together. Default: all of it is here. */
  readonly deal?: DealIndices;
  /** For scripts. Undefined where plans have none. */
  readonly openData?: ScriptSource['openData'] | undefined;
  /** The values of the plan's parameters, for scripts. */
  readonly params?: User['params'];
  readonly clock: Clock;
  /** Called once per window. @param idleUs processor time, in microseconds, that was spent polling since the last call */
  readonly host: (idleUs: number) => HostSample;
  /** Called about once per second, with windows in ascending order of their second. */
  readonly emit: (window: Window) => void;
  /** Called for texts of a target that are kept. */
  readonly hide: HideSecrets;
  /** Called with operations in full, each as lines of text; undefined where nobody asked for it. */
  readonly trace?: { readonly mode: TraceMode; readonly tell: (text: string) => void } | undefined;
  /** Called with one sentence about the measurement, for whoever reads the result. */
  readonly warn: (text: string) => void;
  /** Called with one line for the log. */
  readonly log: (text: string) => void;
  /** Watches whether the code of others blocks the event loop. Undefined where nobody does. */
  readonly stallWatch?: StallWatch | undefined;
  /** Called at most once, when the load cannot go on; the engine then stops as if {@link Engine.stop} had been called. */
  readonly failed: (error: unknown) => void;
}

/**
 * Generates one agent's share of the load of one run: owns its drivers, executors and recorder. The caller uses it in this
 * order: {@link prepare}, {@link run}, {@link close}; the other methods may be called in between, from any callback.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly recorder: Recorder;
  readonly #drivers: RunDrivers;
  readonly #turn: EventLoopTurn;
  readonly #scripts: Scripts;
  #runners: ScenarioRunner[] = [];
  #stopRequested = false;
  /** Those that have not been applied to all scenarios yet. */
  readonly #changes: AgentChange[] = [];
  readonly #cut = new AbortController();
  #hasFailed = false;
  /** The most sessions of each driver that may be in use at once. */
  readonly #sessions = new Map<string, number>();
  #cancelTimer: (() => void) | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#turn = new EventLoopTurn(options.clock);
    const deal = options.deal ?? dealAllHere;
    this.#scripts = new Scripts({ ...options, deal });
    const sources = { scenarios: () => this.#scenarioWindows(), host: () => options.host(this.#takeIdleUs()) };
    const { operations, journeys, plan } = options.plan;
    const samples = plan.samples === 'off' ? undefined : new FailureSamples(options.hide);
    const recorded = [operations.length + journeys.length, sources, options.emit, samples] as const;
    const { trace } = options;
    this.recorder =
      trace === undefined
        ? new (asksForTraces(plan) ? SlowestRecorder : Recorder)(...recorded)
        : new TracingRecorder(new Tracer(trace.mode, tracedRows(options.plan), options.hide, trace.tell), ...recorded);
    this.#drivers = new RunDrivers({ ...options, deal }, this.recorder);
  }

  /**
   * Opens the drivers and connects the virtual users that the load begins with. Called once, before {@link run}.
   * @throws what a driver threw while it was opened or connected, and the abort reason when {@link abort} was called
   */
  async prepare(): Promise<void> {
    const { plan } = this.#options.plan;
    await this.#drivers.open(this.#cut.signal);
    const scenarios = Object.values(plan.scenarios);
    const indexOf = userIndices(scenarios);
    for (const [index, scenario] of scenarios.entries()) {
      const steps = await this.#stepsOf(index);
      this.#cut.signal.throwIfAborted();
      const mix = this.#mixOf(index);
      const time = scenarioTime(plan, scenario);
      const planned = loadProfile(scenario, time.warmupUs);
      const profile = isLive(scenario) ? new GrowingProfile(highestLevel(scenario), planned.durationUs) : planned;
      const schedule = new LoadSchedule(profile, index, time.startUs, this.#options.share);
      const cut = new AbortController();
      const timers = new TimerQueue(this.#options.clock, takesArrivals(scenario) ? ARRIVAL_SPIN_US : 0);
      const setup: ExecutorSetup = {
        scenario,
        time,
        schedule,
        userIndex: (n) => indexOf(index, n),
        // Random streams of virtual users count up from 0; those of scenarios count down from the top, two per scenario.
        stream: 0xffffffff - 2 * index - 1,
        context: {
          clock: this.#options.clock,
          timers,
          recorder: this.recorder,
          mix,
          drivers: mix.drivers.map((name) => this.#drivers.get(name)),
          seed: plan.seed,
          nextStart: 'thinkTime' in scenario ? nextStart(scenario.thinkTime) : undefined,
          pauseLatch: new PauseLatch(),
          turn: this.#turn,
          cut: cut.signal,
          closer: this.#drivers.closer,
          steps,
        },
        fail: this.#fail,
      };
      const executor = takesArrivals(scenario) ? new OpenExecutor({ ...setup, scenario }) : new ClosedExecutor(setup);
      this.#runners.push(new ScenarioRunner({ clock: this.#options.clock, executor, time, schedule, timers, cut }));
      const users = ownedCount(mostVus(scenario), this.#options.share);
      for (const name of mix.drivers) this.#sessions.set(name, (this.#sessions.get(name) ?? 0) + users);
    }
    for (const { executor } of this.#runners) await executor.prepare();
  }

  get #hasCodeOfOthers(): boolean {
    return this.#drivers.areLimited || this.#options.plan.journeys.some(({ work }) => work.kind === 'script');
  }

  async #stepsOf(scenario: number): Promise<ScenarioSteps | undefined> {
    const { journeys, once } = this.#options.plan;
    const journey = journeys.find((one) => one.scenario === scenario);
    const steps = once[scenario] as OnceSteps;
    const hasOnce = steps.start.length + steps.stop.length > 0;
    if (journey === undefined && !hasOnce) return undefined;
    const ofPasses = hasOnce ? this.#ofPasses(scenario, journey) : undefined;
    return { journey, once: steps, ofPasses, script: journey && (await this.#scripts.setup(journey)) };
  }

  #ofPasses(scenario: number, journey: Journey | undefined): readonly number[] | undefined {
    if (journey !== undefined) return journey.work.kind === 'flow' ? operationsIn(journey.work.flow) : undefined;
    const { operations } = this.#options.plan;
    return operations.flatMap(({ index, weight, ...of }) => (of.scenario === scenario && weight > 0 ? [index] : []));
  }

  #mixOf(scenario: number): OperationMix {
    const { operations, journeys } = this.#options.plan;
    const journey = journeys.find((one) => one.scenario === scenario);
    if (journey?.work.kind !== 'script') {
      return new OperationMix(operations.filter((operation) => operation.scenario === scenario));
    }
    // An arrival is a pass: what stands for it is the journey itself.
    const { index, name } = journey;
    const pass = {
      index,
      scenario,
      scenarioName: name,
      name,
      type: '',
      driver: '',
      driverOperation: '',
      weight: 1,
      tags: {},
    };
    return new OperationMix([pass], journey.work.drivers);
  }

  /** The most sessions that this agent may have open at once. Valid after {@link prepare}. */
  get sessions(): number {
    return [...this.#sessions.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * Generates the load until the plan, {@link stop} or a failure ends it. Called once, after {@link prepare}. Resolves, and
   * never rejects, when every operation has ended and the last window has been emitted.
   * @param startUs start of the run on the engine's clock, in microseconds; may be in the future or in the past
   * @returns microseconds from the run's start until no new operation began
   */
  async run(startUs: number): Promise<number> {
    this.recorder.start(startUs, this.#options.plan.plan.warmup ?? 0, this.#options.clock.nowUs());
    this.#closeSeconds(startUs, 1);
    this.#drivers.startLimits();
    if (this.#hasCodeOfOthers) this.#options.stallWatch?.start();
    const ends = this.#runners.map((runner) => runner.run(startUs).catch(this.#fail));
    if (this.#stopRequested) this.stop();
    await Promise.all(this.#runners.map(({ executor }) => executor.stopped));
    const loadUs = Math.max(0, this.#options.clock.nowUs() - startUs);
    await Promise.all(ends);
    this.#drivers.stopLimits();
    this.#options.stallWatch?.stop();
    this.#drivers.closer.tellLeft(this.#sessions);
    this.#cancelTimer?.();
    this.recorder.finish();
    return loadUs;
  }

  /**
   * Sets the load of one second of a scenario with a shape or a search; ignored for other scenarios.
   * @param scenario index in the plan
   * @param second whole seconds since the scenario's start
   * @param level virtual users or arrivals per second, of all agents together, at the second's begin and end; `undefined`
   *   ends the load at the begin of that second
   */
  setLevel(scenario: number, second: number, level: { from: number; to: number } | undefined): void {
    const profile = this.#runners[scenario]?.schedule.profile;
    if (!(profile instanceof GrowingProfile)) return;
    if (level === undefined) profile.end(second);
    else profile.set(second, level.from, level.to);
  }

  /**
   * Changes the load while it runs. Called only after {@link run}. A change whose time has passed takes effect at once; many of
   * them, or many scenarios, take turns with the rest of the process.
   */
  change(change: AgentChange): void {
    if (this.#changes.push(change) === 1) void this.#applyChanges().catch(this.#fail);
  }

  async #applyChanges(): Promise<void> {
    const stretch = new Stretch(this.#options.clock, 1);
    for (const change of this.#changes) {
      for (const { schedule, executor } of this.#runners) {
        executor.revise(
          change.kind === 'share' ? schedule.changeShare(change.share, change.atUs) : schedule.change(change),
        );
        if (stretch.isLong()) await stretch.turn();
        if (this.#stopRequested) return;
      }
    }
    this.#changes.length = 0;
  }

  /** Begins no new operations. Those in flight may take their scenario's graceful stop. May be called before {@link run}. */
  stop(): void {
    this.#stopRequested = true;
    for (const runner of this.#runners) runner.stop();
  }

  /** Begins no new operations and connections, and aborts those in flight. May be called at any time. */
  abort(): void {
    this.#stopRequested = true;
    this.#cut.abort();
    for (const runner of this.#runners) runner.abort();
  }

  /** Closes every session and driver. Called once, after {@link run} has resolved or instead of it. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.close()));
    await this.#drivers.close();
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

  #takeIdleUs(): number {
    return this.#runners.reduce((sum, { timers }) => sum + timers.takeIdleSpinUs(), 0);
  }

  #scenarioWindows(): ScenarioWindow[] {
    return this.#runners.map(({ executor }, scenario) => ({
      scenario,
      vus: executor.takeVus(),
      ...executor.takeDropped(),
    }));
  }
}

/**
 * Numbers the virtual users of all scenarios, so that no two users are the same device. The users that the plan allows
 * come first, scenario by scenario; users beyond them, which only a change of the load adds, come after all of these.
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
