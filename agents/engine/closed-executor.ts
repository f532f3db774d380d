import { levelAt } from '../../core/plan/profile.ts';
import type { ParsedScenario } from '../../core/plan/schema.ts';
import { GrowingProfile } from '../../core/plan/shape.ts';
import { globalIndex, shareOf } from '../../core/plan/split.ts';
import { type Executor, type ExecutorSetup, forEachConcurrently } from './executor.ts';
import { type Permission, VirtualUser } from './virtual-user.ts';

/** How often the number of users is brought to what the profile says. */
const TICK_US = 10_000;

/**
 * Closed models: each virtual user begins an operation when its last has ended. `constant-vus` and `ramping-vus` keep as
 * many users as the profile says; the iteration models keep all of theirs until the iterations are used up.
 */
export class ClosedExecutor implements Executor {
  readonly #setup: ExecutorSetup;
  readonly #users: VirtualUser[] = [];
  /** Loops that have not ended, by user; a user that is to stop may still be in its last operation. */
  readonly #loops = new Map<VirtualUser, Promise<void>>();
  readonly #permissionOf: (user: number) => Permission;
  /** Users that are to be alive. */
  #alive = 0;
  #mostAlive = 0;
  #startUs = 0;
  #stopped = false;

  constructor(setup: ExecutorSetup) {
    this.#setup = setup;
    this.#permissionOf = permissions(setup, () => this.#startUs + setup.time.warmupUs);
  }

  async prepare(): Promise<void> {
    await forEachConcurrently(this.#wanted(0), (n) => this.#user(n).connect());
  }

  async run(startUs: number): Promise<void> {
    this.#startUs = startUs;
    const { clock, scheduler } = this.#setup.surroundings;
    const { profile } = this.#setup;
    await scheduler.sleepUntil(startUs);
    for (let tickUs = 0; !this.#stopped && tickUs < profile.durationUs; ) {
      if (profile instanceof GrowingProfile) profile.hold(tickUs + 1);
      this.#adjust(tickUs);
      if (this.#loops.size === 0 && this.#isComplete()) break;
      // From an absolute schedule: a late tick does not delay the ones after it.
      tickUs = Math.min(profile.durationUs, Math.max(tickUs + TICK_US, clock.nowUs() - startUs));
      await scheduler.sleepUntil(startUs + tickUs);
    }
    this.stop();
    await Promise.all(this.#loops.values());
    await Promise.all(this.#users.map((user) => user.disconnect()));
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const user of this.#users) user.stop();
    this.#alive = 0;
    this.#setup.surroundings.scheduler.wakeAll();
  }

  takeVus(): number {
    const most = this.#mostAlive;
    this.#mostAlive = this.#loops.size;
    return most;
  }

  takeDroppedArrivals(): number {
    return 0;
  }

  /** All users of the plan have begun: when no loop is left, they are through with their iterations or their data. */
  #isComplete(): boolean {
    const { profile, share } = this.#setup;
    return this.#alive === shareOf(Math.round(profile.peak), share);
  }

  #finite(): boolean {
    return 'iterations' in this.#setup.scenario;
  }

  /** Users of this share that the profile wants alive. */
  #wanted(elapsedUs: number): number {
    const { profile, share } = this.#setup;
    return shareOf(Math.round(levelAt(profile, elapsedUs)), share);
  }

  #user(n: number): VirtualUser {
    const { firstUser, share, surroundings } = this.#setup;
    let user = this.#users[n];
    if (user === undefined) {
      user = new VirtualUser(firstUser + globalIndex(n, share), surroundings);
      this.#users[n] = user;
    }
    return user;
  }

  #adjust(elapsedUs: number): void {
    const wanted = this.#wanted(elapsedUs);
    if (wanted === this.#alive || (this.#finite() && elapsedUs > 0)) return;
    // A change at the begin of a second must not show in the second before.
    this.#setup.surroundings.recorder.closeSeconds(this.#setup.surroundings.clock.nowUs());
    while (this.#alive > wanted) this.#user(--this.#alive).stop();
    while (this.#alive < wanted) this.#begin(this.#alive++);
  }

  #begin(n: number): void {
    const user = this.#user(n);
    const before = this.#loops.get(user) ?? Promise.resolve();
    const loop = before.then(async () => {
      await user.connectOrFail();
      if (this.#stopped || (n >= this.#alive && !this.#finite())) return;
      await user.loop(this.#permissionOf(n));
      if (!this.#stopped) await user.disconnect();
    });
    this.#loops.set(user, loop);
    this.#mostAlive = Math.max(this.#mostAlive, this.#loops.size);
    void loop.then(() => {
      if (this.#loops.get(user) === loop) this.#loops.delete(user);
    });
  }
}

/** What the iteration models allow; warm-up operations do not count. The others allow everything. */
function permissions(setup: ExecutorSetup, measureFromUs: () => number): (user: number) => Permission {
  const scenario: ParsedScenario = setup.scenario;
  if (scenario.executor === 'shared-iterations') {
    const shared = countdown(shareOf(scenario.iterations, setup.share), measureFromUs);
    return () => shared;
  }
  if (scenario.executor === 'per-vu-iterations') return () => countdown(scenario.iterations, measureFromUs);
  return () => () => true;
}

function countdown(iterations: number, measureFromUs: () => number): Permission {
  let left = iterations;
  return (intendedUs) => intendedUs < measureFromUs() || left-- > 0;
}
