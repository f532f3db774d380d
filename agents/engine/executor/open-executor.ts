import type { ArrivalScenario } from '../../../core/plan/load-model.ts';
import { ownedBelow } from '../../../core/plan/split.ts';
import { type Arrival, Arrivals } from '../schedule/arrivals.ts';
import type { DatedShare } from '../schedule/load-schedule.ts';
import type { Operation } from '../vu/operation-mix.ts';
import { VirtualUser } from '../vu/virtual-user.ts';
import { type Executor, type ExecutorSetup, forEachConcurrently } from './executor.ts';
import { Ring } from './ring.ts';

interface Added {
  /** Its number in the scenario. */
  readonly n: number;
  readonly user: VirtualUser;
}

/**
 * A start that comes up to this much after its time is the event loop's delay: arrivals keep their intended starts. One
 * that comes later was heard late, and the arrivals before it are missed.
 */
const LATE_START_US = 10_000;

/**
 * Open models: arrivals come when the profile says, not when earlier ones have ended. A free virtual user takes each; an
 * arrival that finds none is dropped and counted.
 */
export class OpenExecutor implements Executor {
  readonly #setup: ExecutorSetup<ArrivalScenario>;
  /** By their number in the scenario: those that are connected, and those that connect. */
  readonly #users = new Map<number, VirtualUser>();
  /** All users take their turns, so that no connection stays idle. */
  readonly #free = new Ring<number>();
  #busy = 0;
  #mostBusy = 0;
  /** Users that have used up their data: they take no more arrivals. */
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
    const { course, scenario, stream, surroundings } = setup;
    const { mix, seed } = surroundings;
    this.#arrivals = new Arrivals({ course, spacing: scenario.arrivals, mix, seed, stream });
  }

  async prepare(): Promise<void> {
    const added = this.#add(this.#setup.course.sharesFrom(0)[0] as DatedShare);
    await forEachConcurrently(added.length, (i) => (added[i] as Added).user.connect());
    for (const { n } of added) this.#free.push(n);
  }

  async run(startUs: number): Promise<void> {
    this.#startUs = startUs;
    const lateUs = this.#setup.surroundings.clock.nowUs() - startUs;
    if (lateUs > LATE_START_US) this.#arrivals.revise(0, lateUs);
    this.#sleep();
    await this.#over.promise;
    await this.disconnect();
  }

  revise(fromUs: number): void {
    if (this.#isStopped) return;
    const { clock, scheduler } = this.#setup.surroundings;
    const share = this.#setup.course.sharesFrom(fromUs)[0] as DatedShare;
    void this.#take(share);
    scheduler.at(this.#startUs + fromUs, () => this.#giveUp());
    this.#arrivals.revise(fromUs, clock.nowUs() - this.#startUs);
    this.#sleep();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopped.resolve();
    this.#setup.surroundings.scheduler.wakeAll();
    this.#endWhenIdle();
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
    const most = this.#mostBusy;
    this.#mostBusy = this.#busy;
    return most;
  }

  takeDropped(): ReturnType<Executor['takeDropped']> {
    const missedArrivals = this.#arrivals.takeMissed();
    const droppedArrivals = this.#dropped + missedArrivals;
    this.#dropped = 0;
    return { droppedArrivals, missedArrivals };
  }

  /** The share's users that are not here yet. */
  #add({ share }: DatedShare): readonly Added[] {
    const { scenario, userIndex, surroundings } = this.#setup;
    const missing = ownedBelow(scenario.maxVus, share).filter((n) => !this.#users.has(n));
    const added = missing.map((n) => ({ n, user: new VirtualUser(userIndex(n), surroundings) }));
    for (const { n, user } of added) this.#users.set(n, user);
    return added;
  }

  /** Each serves as soon as it is connected: one that takes long keeps no other from it. */
  async #take(share: DatedShare): Promise<void> {
    const added = this.#add(share);
    await forEachConcurrently(added.length, async (i) => {
      if (this.#isStopped) return;
      const { n, user } = added[i] as Added;
      await user.connectOrFail();
      if (this.#isStopped) await user.disconnect();
      else this.#admit(n);
    });
  }

  #admit(n: number): void {
    if (this.#isOwned(n)) this.#free.push(n);
    else this.#dismiss(n);
  }

  /** Free users of the share of another agent go; the busy ones do when they are free. */
  #giveUp(): void {
    for (let left = this.#free.length; left > 0; left--) this.#admit(this.#free.shift() as number);
  }

  #isOwned(n: number): boolean {
    const { course, surroundings } = this.#setup;
    return course.ownsFrom(surroundings.clock.nowUs() - this.#startUs, n);
  }

  #dismiss(n: number): void {
    const user = this.#users.get(n) as VirtualUser;
    this.#users.delete(n);
    void user.disconnect();
  }

  /** Until the next arrival, or the profile's end when no more come. */
  #sleep(): void {
    const { surroundings, course } = this.#setup;
    const untilUs = this.#startUs + (this.#arrivals.next?.atUs ?? course.profile.durationUs);
    if (this.#sleepsUntilUs <= untilUs) return;
    this.#sleepsUntilUs = untilUs;
    surroundings.scheduler.at(untilUs, this.#wake);
  }

  readonly #wake = (): void => {
    try {
      if (!this.#isStopped) this.#dispatchDue();
    } catch (error) {
      this.#setup.fail(error);
    }
  };

  #dispatchDue(): void {
    const { surroundings, course } = this.#setup;
    const nowUs = surroundings.clock.nowUs();
    // Since then an earlier one was wanted, and has gone on.
    if (nowUs < this.#sleepsUntilUs) return;
    this.#sleepsUntilUs = Number.POSITIVE_INFINITY;
    const dueUs = nowUs - this.#startUs;
    for (let next = this.#arrivals.next; next !== undefined && next.atUs <= dueUs; next = this.#arrivals.next) {
      this.#dispatch(next);
      if (this.#isStopped) return;
      this.#arrivals.take();
    }
    if (this.#arrivals.next === undefined && dueUs >= course.profile.durationUs) this.stop();
    else this.#sleep();
  }

  #dispatch({ atUs, operation }: Arrival): void {
    if (operation === undefined) return;
    const n = this.#takeFree();
    if (n === undefined) {
      if (this.#isExhausted) this.stop();
      else this.#dropped++;
      return;
    }
    this.#busy++;
    this.#mostBusy = Math.max(this.#mostBusy, this.#busy);
    void this.#serve(n, operation, this.#startUs + atUs);
  }

  async #serve(n: number, operation: Operation, intendedUs: number): Promise<void> {
    const user = this.#users.get(n) as VirtualUser;
    try {
      await user.perform(operation, intendedUs);
      this.#release(n, user);
    } catch (error) {
      this.#setup.fail(error);
    } finally {
      this.#busy--;
      this.#endWhenIdle();
    }
  }

  /** Free users may be at the end of their data before their first arrival: others may have taken all rows. */
  #takeFree(): number | undefined {
    for (let n = this.#free.shift(); n !== undefined; n = this.#free.shift()) {
      if (!(this.#users.get(n) as VirtualUser).isFinished) return n;
      this.#exhausted++;
    }
    return undefined;
  }

  /** Without any user left, the load has ended. */
  get #isExhausted(): boolean {
    return this.#exhausted > 0 && this.#exhausted === this.#users.size;
  }

  #release(n: number, user: VirtualUser): void {
    if (user.isFinished) this.#exhausted++;
    else this.#admit(n);
    if (this.#isExhausted) this.stop();
  }

  #endWhenIdle(): void {
    if (this.#isStopped && this.#busy === 0) this.#over.resolve();
  }
}
