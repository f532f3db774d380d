import { countsIterations } from '../../../core/plan/load/load-model.ts';
import { levelAt } from '../../../core/plan/load/profile.ts';
import { GrowingProfile } from '../../../core/plan/load/shape.ts';
import { ownedBelow, ownedCount, type Share } from '../../../core/plan/load/split.ts';
import type { ParsedScenario } from '../../../core/plan/schema.ts';
import type { DatedShare } from '../schedule/load-schedule.ts';
import { type IterationBudget, VirtualUser } from '../vu/virtual-user.ts';
import { type Executor, type ExecutorSetup, forEachConcurrently, Stretch } from './executor.ts';

/** Interval at which the number of users is adjusted to the profile. */
const TICK_US = 10_000;

/**
 * The closed load models: each virtual user begins its next operation when the previous one has ended. `constant-vus` and
 * `ramping-vus` keep as many users alive as the profile says; the iteration models keep all their users alive until the
 * iterations are used up.
 */
export class ClosedExecutor implements Executor {
  readonly #setup: ExecutorSetup;
  /** All users so far, by their number in the scenario. */
  readonly #users = new Map<number, VirtualUser>();
  /** Loops that have not ended yet, by user: a user that was told to stop may still be in its last operation. */
  readonly #loops = new Map<VirtualUser, Promise<void>>();
  readonly #budgetForUser: () => IterationBudget;
  /** Numbers of the users that the schedule wants alive. */
  readonly #alive = new Set<number>();
  /** The level and the share that {@link #alive} was last adjusted to. */
  #level = 0;
  #share: DatedShare;
  #maxAlive = 0;
  #startUs = 0;
  #isRunning = false;
  #isStopped = false;
  readonly #stopped = Promise.withResolvers<void>();

  constructor(setup: ExecutorSetup) {
    this.#setup = setup;
    this.#share = setup.schedule.sharesFrom(0)[0] as DatedShare;
    this.#budgetForUser = iterationBudgets(
      setup.scenario,
      this.#share.share,
      () => this.#startUs + setup.time.warmupUs,
    );
  }

  async prepare(): Promise<void> {
    await this.#connect(0, this.#share.share);
  }

  async run(startUs: number): Promise<void> {
    this.#startUs = startUs;
    this.#isRunning = true;
    const { schedule, context } = this.#setup;
    const { clock, timers } = context;
    if (!this.#isStopped) await timers.sleepUntil(startUs);
    // An agent that joins a running load begins with the level of that moment.
    const beganUs = Math.max(0, clock.nowUs() - startUs);
    for (let tickUs = beganUs > TICK_US ? beganUs : 0; !this.#isStopped && tickUs < schedule.profile.durationUs; ) {
      if (schedule.profile instanceof GrowingProfile) schedule.profile.hold(tickUs + 1);
      this.#applyPause(tickUs);
      if (this.#isOffAt(tickUs)) await this.#adjust(tickUs);
      if (this.#loops.size === 0 && this.#isComplete()) break;
      // Ticks follow an absolute schedule, so a late tick does not delay the ones after it.
      tickUs = Math.min(schedule.profile.durationUs, Math.max(tickUs + TICK_US, clock.nowUs() - startUs));
      await timers.sleepUntil(startUs + tickUs);
    }
    this.stop();
    await Promise.all(this.#loops.values());
    await this.disconnect();
  }

  /** Connects the users that the change will add before they are needed. */
  revise(fromUs: number): void {
    const share = this.#setup.schedule.sharesFrom(fromUs)[0] as DatedShare;
    if (!this.#isFinite && !this.#isStopped) void this.#connect(fromUs, share.share);
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#stopped.resolve();
    for (const user of this.#users.values()) user.stop();
    this.#alive.clear();
    const { pauseLatch, timers } = this.#setup.context;
    // A pass that a pause holds up ends like any other that is under way: within the graceful stop, or it is cut off.
    pauseLatch.open();
    timers.wakeAll();
  }

  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  abandon(): void {
    for (const user of this.#users.values()) user.abandon();
  }

  async disconnect(): Promise<void> {
    await Promise.all([...this.#users.values()].map((user) => user.disconnect()));
  }

  takeVus(): number {
    const max = this.#maxAlive;
    this.#maxAlive = this.#loops.size;
    return max;
  }

  takeDropped(): ReturnType<Executor['takeDropped']> {
    return { droppedArrivals: 0, missedArrivals: 0 };
  }

  /** Called when no loop is left. True when the users have used up their iterations, or every user its data. */
  #isComplete(): boolean {
    if (this.#isFinite) return true;
    return this.#alive.size > 0 && this.#level === Math.round(this.#setup.schedule.profile.peak);
  }

  get #isFinite(): boolean {
    return countsIterations(this.#setup.scenario);
  }

  #levelAt(elapsedUs: number): number {
    return Math.round(levelAt(this.#setup.schedule.profile, elapsedUs));
  }

  /** @throws when a user cannot connect before the start of the load; later, the error is the outcome of its operations */
  async #connect(atUs: number, share: Share): Promise<void> {
    const users = ownedBelow(this.#levelAt(atUs), share).filter((n) => !this.#alive.has(n));
    await forEachConcurrently(users.length, this.#setup.context.clock, (i) => {
      const user = this.#user(users[i] as number);
      return this.#isRunning ? user.connectOrFail() : user.connect();
    });
  }

  #user(n: number): VirtualUser {
    const { userIndex, context } = this.#setup;
    let user = this.#users.get(n);
    if (user === undefined) {
      user = new VirtualUser(userIndex(n), context);
      this.#users.set(n, user);
    }
    return user;
  }

  #applyPause(elapsedUs: number): void {
    const { pauseLatch } = this.#setup.context;
    if (this.#setup.schedule.isPausedAt(elapsedUs)) pauseLatch.close();
    else pauseLatch.open();
  }

  /** Whether the users alive do not match the level and the share at this time. */
  #isOffAt(elapsedUs: number): boolean {
    if (this.#levelAt(elapsedUs) === this.#level && this.#shareAt(elapsedUs) === this.#share) return false;
    const isFirst = this.#alive.size === 0 && this.#level === 0;
    return !this.#isFinite || isFirst;
  }

  #shareAt(elapsedUs: number): DatedShare {
    return this.#setup.schedule.sharesFrom(elapsedUs)[0] as DatedShare;
  }

  /** Begins and ends users, so that those alive match the level and the share at this time. */
  async #adjust(elapsedUs: number): Promise<void> {
    const level = this.#levelAt(elapsedUs);
    const share = this.#shareAt(elapsedUs);
    // A change at the begin of a second must not be counted in the second before it.
    this.#setup.context.recorder.closeSeconds(this.#setup.context.clock.nowUs());
    // Closing a window stops the load when the agent can keep no more windows.
    if (this.#isStopped) return;
    const before = this.#share;
    const levelBefore = this.#level;
    this.#share = share;
    this.#level = level;
    const stretch = new Stretch(this.#setup.context.clock);
    for (let n = share === before ? levelBefore : 0; n < level; n++) {
      const isAlive = n < levelBefore && before.owns(n);
      if (isAlive && !share.owns(n)) this.#end(n);
      if (!isAlive && share.owns(n)) this.#begin(n);
      if (!stretch.isLong()) continue;
      await stretch.turn();
      if (this.#isStopped) return;
    }
    for (let n = levelBefore - 1; n >= level; n--) this.#end(n);
    // Users that moved to another agent are counted there; counting them here too would inflate the sum of all agents.
    if (share !== before) this.#maxAlive = this.#alive.size;
  }

  #end(n: number): void {
    if (this.#alive.delete(n)) this.#user(n).stop();
  }

  #begin(n: number): void {
    this.#alive.add(n);
    const user = this.#user(n);
    const loop = this.#live(n, user, this.#loops.get(user)).then(() => {
      if (this.#loops.get(user) === loop) this.#loops.delete(user);
    });
    this.#loops.set(user, loop);
    this.#maxAlive = Math.max(this.#maxAlive, this.#loops.size);
  }

  /** Connects the user, once its loop before this one has ended, and has it loop. Never rejects. */
  async #live(n: number, user: VirtualUser, before: Promise<void> | undefined): Promise<void> {
    try {
      await before;
      // The user may be ended while it connects, or before that.
      if (this.#alive.has(n)) await user.connectOrFail();
      if (this.#alive.has(n)) await user.loop(this.#budgetForUser());
      if (!this.#isStopped) await user.disconnect();
    } catch (error) {
      this.#setup.fail(error);
    }
  }
}

/** @returns the budget for one more user: shared by all users, one per user, or unlimited; see {@link IterationBudget} */
function iterationBudgets(scenario: ParsedScenario, share: Share, measureFromUs: () => number): () => IterationBudget {
  if (scenario.executor === 'shared-iterations') {
    // With fewer users than slots, the iterations of a slot without a user would never be done.
    const of = Math.min(share.of, scenario.vus);
    const slots = share.slots.filter((slot) => slot < of);
    const shared = countdown(ownedCount(scenario.iterations, { of, slots }), measureFromUs);
    return () => shared;
  }
  if (scenario.executor === 'per-vu-iterations') return () => countdown(scenario.iterations, measureFromUs);
  return () => UNLIMITED;
}

const UNLIMITED: IterationBudget = { take: () => true };

/** Operations of the warm-up take nothing from the budget. */
function countdown(iterations: number, measureFromUs: () => number): IterationBudget {
  let left = iterations;
  return { take: (intendedUs) => intendedUs < measureFromUs() || left-- > 0 };
}
