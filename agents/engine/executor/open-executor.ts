import type { ArrivalScenario } from '../../../core/plan/load/load-model.ts';
import { ownedBelow } from '../../../core/plan/load/split.ts';
import { type Arrival, Arrivals, SEARCH_ON } from '../schedule/arrivals.ts';
import type { DatedShare } from '../schedule/load-schedule.ts';
import type { Operation } from '../vu/operation-mix.ts';
import { VirtualUser } from '../vu/virtual-user.ts';
import { type Executor, type ExecutorSetup, forEachConcurrently, Stretch } from './executor.ts';

interface AddedUser {
  /** The user's number in the scenario. */
  readonly n: number;
  readonly user: VirtualUser;
}

/**
 * A start that is late by up to this much is put down to the event loop: arrivals keep their intended starts. When the
 * start is later than this, the agent heard of it too late, and the arrivals until then count as missed.
 */
const LATE_START_US = 10_000;

/**
 * The open load models: arrivals come when the profile says, whether or not earlier operations have ended. Each arrival is
 * served by a free virtual user; an arrival that finds none is dropped and counted.
 */
export class OpenExecutor implements Executor {
  readonly #setup: ExecutorSetup<ArrivalScenario>;
  /** Users that are connected or being connected, by their number in the scenario. */
  readonly #users = new Map<number, VirtualUser>();
  /** Users that now belong to another agent, until they have done what they do at their end. */
  readonly #leaving = new Map<VirtualUser, Promise<void>>();
  /** Numbers of the free users. They take turns, so that no connection stays idle. */
  readonly #free = new Ring<number>();
  #busy = 0;
  #maxBusy = 0;
  /** How many users have used up their data and take no more arrivals. */
  #exhausted = 0;
  readonly #arrivals: Arrivals;
  #startUs = 0;
  #sleepsUntilUs = Number.POSITIVE_INFINITY;
  #dropped = 0;
  #isStopped = false;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();

  constructor(setup: ExecutorSetup<ArrivalScenario>) {
    this.#setup = setup;
    const { schedule, scenario, stream, context } = setup;
    const { mix, seed } = context;
    this.#arrivals = new Arrivals({ schedule, spacing: scenario.arrivals, mix, seed, stream });
  }

  async prepare(): Promise<void> {
    const added = await this.#add(this.#setup.schedule.sharesFrom(0)[0] as DatedShare);
    await forEachConcurrently(added.length, this.#setup.context.clock, (i) => (added[i] as AddedUser).user.connect());
    for (const { n } of added) this.#free.push(n);
  }

  async run(startUs: number): Promise<void> {
    this.#startUs = startUs;
    const lateUs = this.#setup.context.clock.nowUs() - startUs;
    if (lateUs > LATE_START_US) this.#arrivals.revise(0, lateUs);
    this.#sleep();
    await this.#over.promise;
    await Promise.all([...this.#users.values()].map((user) => user.end()).concat([...this.#leaving.values()]));
    await this.disconnect();
  }

  revise(fromUs: number): void {
    if (this.#isStopped) return;
    const { clock, timers } = this.#setup.context;
    const share = this.#setup.schedule.sharesFrom(fromUs)[0] as DatedShare;
    void this.#connectUsers(share);
    timers.at(this.#startUs + fromUs, () => this.#dismissUsers());
    this.#arrivals.revise(fromUs, clock.nowUs() - this.#startUs);
    this.#sleep();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopped.resolve();
    this.#setup.context.timers.wakeAll();
    this.#endWhenIdle();
  }

  get stopped(): Promise<void> {
    return this.#stopped.promise;
  }

  abandon(): void {
    for (const user of [...this.#users.values(), ...this.#leaving.keys()]) user.abandon();
  }

  async disconnect(): Promise<void> {
    await Promise.all([...this.#users.values(), ...this.#leaving.keys()].map((user) => user.disconnect()));
  }

  takeVus(): number {
    const max = this.#maxBusy;
    this.#maxBusy = this.#busy;
    return max;
  }

  takeDropped(): ReturnType<Executor['takeDropped']> {
    const missedArrivals = this.#arrivals.takeMissed();
    const droppedArrivals = this.#dropped + missedArrivals;
    this.#dropped = 0;
    return { droppedArrivals, missedArrivals };
  }

  /** Adds the users of the share that do not exist yet, without connecting them. */
  async #add({ share }: DatedShare): Promise<readonly AddedUser[]> {
    const { scenario, userIndex, context } = this.#setup;
    const added: AddedUser[] = [];
    const stretch = new Stretch(context.clock);
    for (const n of ownedBelow(scenario.maxVus, share)) {
      if (this.#users.has(n)) continue;
      const user = new VirtualUser(userIndex(n), context);
      this.#users.set(n, user);
      added.push({ n, user });
      if (stretch.isLong()) await stretch.turn();
    }
    return added;
  }

  /** Connects users of a new share. Each serves as soon as it is connected and does not wait for the others. */
  async #connectUsers(share: DatedShare): Promise<void> {
    const added = await this.#add(share);
    await forEachConcurrently(added.length, this.#setup.context.clock, async (i) => {
      if (this.#isStopped) return;
      const { n, user } = added[i] as AddedUser;
      await user.connectOrFail();
      if (this.#isStopped) await user.disconnect();
      else this.#admit(n);
    });
  }

  #admit(n: number): void {
    if (this.#isOwned(n)) this.#free.push(n);
    else this.#dismiss(n);
  }

  /** Dismisses the free users that now belong to another agent; busy ones are dismissed when they become free. */
  #dismissUsers(): void {
    for (let left = this.#free.length; left > 0; left--) this.#admit(this.#free.shift() as number);
  }

  #isOwned(n: number): boolean {
    const { schedule, context } = this.#setup;
    return schedule.ownsFrom(context.clock.nowUs() - this.#startUs, n);
  }

  #dismiss(n: number): void {
    const user = this.#users.get(n) as VirtualUser;
    this.#users.delete(n);
    const left = user
      .end()
      .then(() => user.disconnect())
      .finally(() => this.#leaving.delete(user));
    this.#leaving.set(user, left);
  }

  /**
   * Sleeps until the next arrival, or until the profile's end when no more arrivals come.
   * @param leastUs the earliest time to wake: one that has not come yet is in another turn of the event loop
   */
  #sleep(leastUs = Number.NEGATIVE_INFINITY): void {
    const { context, schedule } = this.#setup;
    const { next } = this.#arrivals;
    const dueUs = this.#startUs + (next?.atUs ?? schedule.profile.durationUs);
    const untilUs = Math.max(dueUs, next === SEARCH_ON ? context.clock.nowUs() + 1 : leastUs);
    if (this.#sleepsUntilUs <= untilUs) return;
    this.#sleepsUntilUs = untilUs;
    context.timers.at(untilUs, this.#wake);
  }

  readonly #wake = (): void => {
    try {
      if (!this.#isStopped) this.#dispatchDue();
    } catch (error) {
      this.#setup.fail(error);
    }
  };

  #dispatchDue(): void {
    const { context, schedule } = this.#setup;
    const nowUs = context.clock.nowUs();
    // This wake-up was replaced by an earlier one.
    if (nowUs < this.#sleepsUntilUs) return;
    this.#sleepsUntilUs = Number.POSITIVE_INFINITY;
    const dueUs = nowUs - this.#startUs;
    const stretch = new Stretch(context.clock);
    for (let next = this.#arrivals.next; next !== undefined && next.atUs <= dueUs; next = this.#arrivals.next) {
      this.#dispatch(next);
      if (this.#isStopped) return;
      this.#arrivals.take();
      if (next === SEARCH_ON || stretch.isLong()) {
        this.#sleep(context.clock.nowUs() + 1);
        return;
      }
    }
    if (this.#arrivals.next === undefined && dueUs >= schedule.profile.durationUs) this.stop();
    else this.#sleep();
  }

  #dispatch({ atUs, operation }: Arrival): void {
    if (operation === undefined) return;
    const n = this.#takeFree();
    if (n === undefined) {
      if (this.#isExhausted || this.#areDataUsedUp()) this.stop();
      else this.#dropped++;
      return;
    }
    this.#busy++;
    this.#maxBusy = Math.max(this.#maxBusy, this.#busy);
    void this.#serve(n, operation, this.#startUs + atUs);
  }

  async #serve(n: number, operation: Operation, intendedUs: number): Promise<void> {
    const user = this.#users.get(n) as VirtualUser;
    try {
      await user.serve(operation, intendedUs);
      this.#release(n, user);
    } catch (error) {
      this.#setup.fail(error);
    } finally {
      this.#busy--;
      this.#endWhenIdle();
    }
  }

  /** Skips users without data: others may have taken all rows before a user's first arrival. */
  #takeFree(): number | undefined {
    for (let n = this.#free.shift(); n !== undefined; n = this.#free.shift()) {
      if ((this.#users.get(n) as VirtualUser).isFinished !== true) return n;
      this.#exhausted++;
    }
    return undefined;
  }

  /** True when every user has used up its data: the load then ends. */
  get #isExhausted(): boolean {
    return this.#exhausted > 0 && this.#exhausted === this.#users.size;
  }

  /** True when no user, not even a busy one, will have anything more to send. Asked only where an arrival found no user. */
  #areDataUsedUp(): boolean {
    if (this.#exhausted === 0) return false;
    for (const user of this.#users.values()) if (user.isFinished !== true) return false;
    return true;
  }

  #release(n: number, user: VirtualUser): void {
    if (user.isFinished === true) this.#exhausted++;
    else this.#admit(n);
    if (this.#isExhausted) this.stop();
  }

  #endWhenIdle(): void {
    if (this.#isStopped && this.#busy === 0) this.#over.resolve();
  }
}

/** A first-in, first-out queue in a ring buffer. It allocates only when it holds more items than ever before. */
class Ring<T> {
  #places: (T | undefined)[] = new Array(16);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length === this.#places.length) this.#grow();
    this.#places[(this.#first + this.#length++) % this.#places.length] = item;
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#places[this.#first];
    this.#places[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#places.length;
    this.#length--;
    return item;
  }

  #grow(): void {
    const size = this.#places.length;
    const inOrder = [...this.#places.slice(this.#first), ...this.#places.slice(0, this.#first)];
    this.#places = inOrder.concat(new Array(size));
    this.#first = 0;
  }
}
