import { countsIterations } from '../../../core/plan/load-model.ts';
import { levelAt } from '../../../core/plan/profile.ts';
import type { ParsedScenario } from '../../../core/plan/schema.ts';
import { GrowingProfile } from '../../../core/plan/shape.ts';
import { ownedBelow, ownedCount, type Share } from '../../../core/plan/split.ts';
import type { DatedShare } from '../schedule/load-schedule.ts';
import { type Permission, VirtualUser } from '../vu/virtual-user.ts';
import { type Executor, type ExecutorSetup, forEachConcurrently } from './executor.ts';

/** How often the number of users is brought to what the profile says. */
const TICK_US = 10_000;

/**
 * Closed models: each virtual user begins an operation when its last has ended. `constant-vus` and `ramping-vus` keep as
 * many users as the profile says; the iteration models keep all of theirs until the iterations are used up.
 */
export class ClosedExecutor implements Executor {
  readonly #setup: ExecutorSetup;
  /** By their number in the scenario. */
  readonly #users = new Map<number, VirtualUser>();
  /** Loops that have not ended, by user; a user that is to stop may still be in its last operation. */
  readonly #loops = new Map<VirtualUser, Promise<void>>();
  readonly #permissionOf: () => Permission;
  /** Users that are to be alive. */
  readonly #alive = new Set<number>();
  /** What the users alive were made by. */
  #level = 0;
  #share: DatedShare;
  #mostAlive = 0;
  #startUs = 0;
  #isRunning = false;
  #isStopped = false;
  readonly #stopped = Promise.withResolvers<void>();

  constructor(setup: ExecutorSetup) {
    this.#setup = setup;
    this.#share = setup.course.sharesFrom(0)[0] as DatedShare;
    this.#permissionOf = permissions(setup.scenario, this.#share.share, () => this.#startUs + setup.time.warmupUs);
  }

  async prepare(): Promise<void> {
    await this.#connect(0, this.#share.share);
  }

  async run(startUs: number): Promise<void> {
    this.#startUs = startUs;
    this.#isRunning = true;
    const { course, surroundings } = this.#setup;
    const { clock, scheduler } = surroundings;
    if (!this.#isStopped) await scheduler.sleepUntil(startUs);
    // An agent that takes part later begins where the load is by then.
    const beganUs = Math.max(0, clock.nowUs() - startUs);
    for (let tickUs = beganUs > TICK_US ? beganUs : 0; !this.#isStopped && tickUs < course.profile.durationUs; ) {
      if (course.profile instanceof GrowingProfile) course.profile.hold(tickUs + 1);
      this.#pass(tickUs);
      this.#adjust(tickUs);
      if (this.#loops.size === 0 && this.#isComplete()) break;
      // From an absolute schedule: a late tick does not delay the ones after it.
      tickUs = Math.min(course.profile.durationUs, Math.max(tickUs + TICK_US, clock.nowUs() - startUs));
      await scheduler.sleepUntil(startUs + tickUs);
    }
    this.stop();
    await Promise.all(this.#loops.values());
    await this.disconnect();
  }

  /** Users that are to come are connected by the time that they do. */
  revise(fromUs: number): void {
    const share = this.#setup.course.sharesFrom(fromUs)[0] as DatedShare;
    if (!this.#isFinite && !this.#isStopped) void this.#connect(fromUs, share.share);
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#stopped.resolve();
    for (const user of this.#users.values()) user.stop();
    this.#alive.clear();
    this.#setup.surroundings.scheduler.wakeAll();
  }

  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  giveUp(): void {
    for (const user of this.#users.values()) user.giveUp();
  }

  async disconnect(): Promise<void> {
    await Promise.all([...this.#users.values()].map((user) => user.disconnect()));
  }

  takeVus(): number {
    const most = this.#mostAlive;
    this.#mostAlive = this.#loops.size;
    return most;
  }

  takeDropped(): ReturnType<Executor['takeDropped']> {
    return { droppedArrivals: 0, missedArrivals: 0 };
  }

  /** When all users of the plan have begun and no loop is left, they are through with their iterations or their data. */
  #isComplete(): boolean {
    if (this.#isFinite) return true;
    return this.#alive.size > 0 && this.#level === Math.round(this.#setup.course.profile.peak);
  }

  get #isFinite(): boolean {
    return countsIterations(this.#setup.scenario);
  }

  #levelAt(elapsedUs: number): number {
    return Math.round(levelAt(this.#setup.course.profile, elapsedUs));
  }

  /** @throws before the start, when a user cannot connect; later an error is the outcome of its operations */
  async #connect(atUs: number, share: Share): Promise<void> {
    const users = ownedBelow(this.#levelAt(atUs), share).filter((n) => !this.#alive.has(n));
    await forEachConcurrently(users.length, (i) => {
      const user = this.#user(users[i] as number);
      return this.#isRunning ? user.connectOrFail() : user.connect();
    });
  }

  #user(n: number): VirtualUser {
    const { userIndex, surroundings } = this.#setup;
    let user = this.#users.get(n);
    if (user === undefined) {
      user = new VirtualUser(userIndex(n), surroundings);
      this.#users.set(n, user);
    }
    return user;
  }

  #pass(elapsedUs: number): void {
    const { gate } = this.#setup.surroundings;
    if (this.#setup.course.isPausedAt(elapsedUs)) gate.close();
    else gate.open();
  }

  /** Brings the users alive to the level and the share of this time. */
  #adjust(elapsedUs: number): void {
    const level = this.#levelAt(elapsedUs);
    const share = this.#setup.course.sharesFrom(elapsedUs)[0] as DatedShare;
    const isFirst = this.#alive.size === 0 && this.#level === 0;
    if ((level === this.#level && share === this.#share) || (this.#isFinite && !isFirst)) return;
    // A change at the begin of a second must not show in the second before.
    this.#setup.surroundings.recorder.closeSeconds(this.#setup.surroundings.clock.nowUs());
    // One window more than the agent can keep ends its load.
    if (this.#isStopped) return;
    const before = this.#share;
    this.#share = share;
    if (share !== before) {
      for (let n = 0; n < Math.min(level, this.#level); n++) {
        if (before.owns(n) && !share.owns(n)) this.#end(n);
        if (!before.owns(n) && share.owns(n)) this.#begin(n);
      }
    }
    for (let n = this.#level - 1; n >= level; n--) this.#end(n);
    for (let n = this.#level; n < level; n++) if (share.owns(n)) this.#begin(n);
    this.#level = level;
    // Those that went count with the agent that has them now, and the most of all agents together is not both's.
    if (share !== before) this.#mostAlive = this.#alive.size;
  }

  #end(n: number): void {
    if (this.#alive.delete(n)) this.#user(n).stop();
  }

  #begin(n: number): void {
    this.#alive.add(n);
    const user = this.#user(n);
    const before = this.#loops.get(user) ?? Promise.resolve();
    const loop = before
      .then(async () => {
        // It may be stopped before it is connected, or before it has begun to be.
        if (this.#alive.has(n)) await user.connectOrFail();
        if (this.#alive.has(n)) await user.loop(this.#permissionOf());
        if (!this.#isStopped) await user.disconnect();
      })
      .catch(this.#setup.fail)
      .finally(() => {
        if (this.#loops.get(user) === loop) this.#loops.delete(user);
      });
    this.#loops.set(user, loop);
    this.#mostAlive = Math.max(this.#mostAlive, this.#loops.size);
  }
}

/**
 * What the iteration models allow; warm-up operations do not count. The others allow everything.
 */
function permissions(scenario: ParsedScenario, share: Share, measureFromUs: () => number): () => Permission {
  if (scenario.executor === 'shared-iterations') {
    // With fewer users than slots, those without a user would leave their iterations undone.
    const of = Math.min(share.of, scenario.vus);
    const slots = share.slots.filter((slot) => slot < of);
    const shared = countdown(ownedCount(scenario.iterations, { of, slots }), measureFromUs);
    return () => shared;
  }
  if (scenario.executor === 'per-vu-iterations') return () => countdown(scenario.iterations, measureFromUs);
  return () => () => true;
}

function countdown(iterations: number, measureFromUs: () => number): Permission {
  let left = iterations;
  return (intendedUs) => intendedUs < measureFromUs() || left-- > 0;
}
