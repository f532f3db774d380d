import type { ParsedScenario } from '../../core/plan/schema.ts';
import { globalIndex, shareOf } from '../../core/plan/split.ts';
import { type Arrival, arrivals } from './arrivals.ts';
import { type Executor, type ExecutorSetup, forEachConcurrently } from './executor.ts';
import { VirtualUser } from './virtual-user.ts';

type OpenScenario = Extract<ParsedScenario, { arrivals: unknown }>;

/**
 * Open models: arrivals come when the profile says, not when earlier ones have ended. A free virtual user takes each; an
 * arrival that finds none is dropped and counted.
 */
export class OpenExecutor implements Executor {
  readonly #setup: ExecutorSetup<OpenScenario>;
  readonly #users: readonly VirtualUser[];
  /** A ring, so that all users take their turns and no connection stays idle. */
  readonly #free: VirtualUser[];
  #firstFree = 0;
  #freeCount: number;
  #mostBusy = 0;
  #retired = 0;
  readonly #arrivals: Iterator<Arrival, undefined>;
  #next: Arrival | undefined;
  #startUs = 0;
  #dropped = 0;
  #stopped = false;
  #ended: () => void = () => {};

  constructor(setup: ExecutorSetup<OpenScenario>) {
    this.#setup = setup;
    const { scenario, share, firstUser, surroundings, profile, stream } = setup;
    this.#users = Array.from(
      { length: shareOf(scenario.maxVus, share) },
      (_, n) => new VirtualUser(firstUser + globalIndex(n, share), surroundings),
    );
    this.#free = [...this.#users];
    this.#freeCount = this.#users.length;
    this.#arrivals = arrivals(profile, scenario.arrivals, surroundings.mix, share, surroundings.seed, stream);
  }

  async prepare(): Promise<void> {
    await forEachConcurrently(this.#users.length, (n) => (this.#users[n] as VirtualUser).connect());
  }

  async run(startUs: number): Promise<void> {
    this.#startUs = startUs;
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
      this.#next = this.#arrivals.next().value;
      this.#sleep();
    });
    await Promise.all(this.#users.map((user) => user.disconnect()));
  }

  stop(): void {
    this.#stopped = true;
    this.#setup.surroundings.scheduler.wakeAll();
    this.#endWhenIdle();
  }

  takeVus(): number {
    const most = this.#mostBusy;
    this.#mostBusy = this.#busy;
    return most;
  }

  get #busy(): number {
    return this.#users.length - this.#freeCount - this.#retired;
  }

  takeDroppedArrivals(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  /** Until the next arrival, or the profile's end when no more come. */
  #sleep(): void {
    const { surroundings, profile } = this.#setup;
    surroundings.scheduler.at(this.#startUs + (this.#next?.atUs ?? profile.durationUs), this.#wake);
  }

  readonly #wake = (): void => {
    if (this.#stopped) return;
    if (this.#next === undefined) {
      this.stop();
      return;
    }
    const dueUs = this.#setup.surroundings.clock.nowUs() - this.#startUs;
    while (this.#next !== undefined && this.#next.atUs <= dueUs) {
      this.#dispatch(this.#next);
      this.#next = this.#arrivals.next().value;
    }
    this.#sleep();
  };

  #dispatch({ atUs, operation }: Arrival): void {
    if (operation === undefined) return;
    if (this.#freeCount === 0) {
      this.#dropped++;
      return;
    }
    const user = this.#free[this.#firstFree] as VirtualUser;
    this.#firstFree = (this.#firstFree + 1) % this.#free.length;
    this.#freeCount--;
    this.#mostBusy = Math.max(this.#mostBusy, this.#busy);
    void user.perform(operation, this.#startUs + atUs).then(() => this.#release(user));
  }

  #release(user: VirtualUser): void {
    if (user.isFinished) {
      this.#retire();
      return;
    }
    this.#free[(this.#firstFree + this.#freeCount) % this.#free.length] = user;
    this.#freeCount++;
    this.#endWhenIdle();
  }

  /** Users whose data are used up take no more arrivals; without any user left, the load has ended. */
  #retire(): void {
    this.#retired++;
    if (this.#retired === this.#users.length) this.stop();
    else this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (this.#stopped && this.#freeCount + this.#retired === this.#users.length) this.#ended();
  }
}
