import type { Clock } from '../../../core/clock.ts';
import { type RandomStream, randomStream } from '../../../core/plan/random.ts';
import type { Driver, Outcome, Session } from '../../../core/plugin.ts';
import type { Recorder } from '../recorder.ts';
import type { TimerQueue } from '../timer-queue.ts';
import type { DriverCloser } from './driver-closer.ts';
import type { EventLoopTurn } from './event-loop-turn.ts';
import type { Operation, OperationMix } from './operation-mix.ts';
import { NO_ANSWER, outcomeFrom, outcomeOfThrown } from './outcome.ts';
import type { PauseLatch } from './pause-latch.ts';
import type { NextStart } from './think-time.ts';

/**
 * How late a runtime's timers usually are, in microseconds. In a closed model, a pause that is longer by up to this much
 * counts as pause; what is beyond is the generator's delay and counts in send delay and response time.
 */
export const TIMER_RESOLUTION_US = 2_000;

/** What all virtual users of a scenario in one agent share. */
export interface UserContext {
  readonly clock: Clock;
  readonly timers: TimerQueue;
  readonly recorder: Recorder;
  readonly mix: OperationMix;
  /** The opened drivers, in the order of {@link OperationMix.drivers}. */
  readonly drivers: readonly Driver[];
  readonly seed: number;
  /** Undefined when the plan has no think time. */
  readonly nextStart: NextStart | undefined;
  /** Closed while the load is paused. */
  readonly pauseLatch: PauseLatch;
  readonly turn: EventLoopTurn;
  /** Aborted when operations in flight are to be cut off. */
  readonly cut: AbortSignal;
  readonly closer: DriverCloser;
}

/** How many operations may still begin, for one user or for several together. */
export interface IterationBudget {
  /**
   * Takes one operation from the budget. Called exactly once before each operation.
   * @param intendedUs the operation's intended start
   * @returns false when the budget is used up: the operation must not begin
   */
  take(intendedUs: number): boolean;
}

/**
 * One simulated device, with one session per driver and its own random stream. Closed models call {@link loop}, open models
 * {@link perform}; calls of either never overlap.
 */
export class VirtualUser {
  readonly #index: number;
  readonly #context: UserContext;
  readonly #random: RandomStream;
  readonly #dataRandom: RandomStream;
  #sessions: Session[] | undefined;
  #connecting: Promise<void> | undefined;
  #stopping = false;
  /** Ends the wait between two operations; without effect when the user does not wait. */
  #wake: (() => void) | undefined;
  /** The operation in flight; the two times below belong to it. */
  #inFlight: Operation | undefined;
  #inFlightIntendedUs = 0;
  #inFlightStartUs = 0;
  #isAbandoned = false;

  /** @param index unique among all agents and scenarios of the run */
  constructor(index: number, context: UserContext) {
    this.#index = index;
    this.#context = context;
    this.#random = randomStream(context.seed, 2 * index);
    this.#dataRandom = randomStream(context.seed, 2 * index + 1);
  }

  /** Opens the sessions; does nothing when they are open. @throws what a driver threw, and the reason of an abort */
  connect(): Promise<void> {
    if (this.#sessions !== undefined) return Promise.resolve();
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #open(): Promise<void> {
    const user = { index: this.#index, random: this.#dataRandom };
    const { drivers, cut } = this.#context;
    const sessions: Session[] = [];
    try {
      for (const driver of drivers) {
        sessions.push(await driver.connect(user, cut));
        // The load may have ended meanwhile, and nobody would close the next session.
        cut.throwIfAborted();
      }
    } catch (error) {
      await this.#close(sessions);
      throw error;
    }
    this.#sessions = sessions;
  }

  /** Connects as {@link connect} does; an error becomes the outcome of each operation. For users that join a running load. */
  async connectOrFail(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      const outcome = outcomeOfThrown(error);
      this.#sessions = this.#context.drivers.map(() => ({ send: () => outcome, close: () => {} }));
    }
  }

  /** Closes the sessions. Never rejects. */
  async disconnect(): Promise<void> {
    const sessions = this.#sessions ?? [];
    this.#sessions = undefined;
    await this.#close(sessions);
  }

  async #close(sessions: readonly Session[]): Promise<void> {
    const { closer, mix } = this.#context;
    for (const [i, session] of sessions.entries()) {
      await closer.close(`a session of driver ${mix.drivers[i]}`, session);
    }
  }

  /** True when one of the sessions has nothing more to send. */
  get isFinished(): boolean {
    for (const session of this.#sessions ?? []) if (session.finished) return true;
    return false;
  }

  /** Begins no operation after the one in flight, and ends a pause or think time at once. */
  stop(): void {
    this.#stopping = true;
    this.#wake?.();
  }

  /**
   * Performs one operation after the other, each when the one before has ended and the think time is over. Resolves when
   * the user was stopped, the budget is used up, or a session has nothing more to send.
   */
  async loop(budget: IterationBudget): Promise<void> {
    const { clock, recorder, mix, nextStart, pauseLatch, turn, cut } = this.#context;
    this.#stopping = false;
    let startUs = clock.nowUs();
    let intendedUs = startUs;
    let dueUs = startUs;
    for (;;) {
      if (pauseLatch.isClosed && !this.#stopping) {
        await this.#untilOpen();
        startUs = clock.nowUs();
        intendedUs = startUs;
        dueUs = startUs;
      }
      if (this.#stopping || this.isFinished || !budget.take(intendedUs)) return;
      const operation = mix.draw(this.#random);
      let outcome: Outcome;
      let waits = false;
      try {
        const sent = (this.#sessions as Session[])[operation.driver]?.send(operation.name, cut) as
          | Outcome
          | Promise<Outcome>;
        waits = sent instanceof Promise;
        if (waits) this.#begun(operation, intendedUs, startUs);
        outcome = outcomeFrom(sent instanceof Promise ? await sent : sent);
      } catch (error) {
        outcome = outcomeOfThrown(error);
      }
      if (this.#isAbandoned) return;
      if (waits) this.#inFlight = undefined;
      const endUs = clock.nowUs();
      recorder.record(operation.index, intendedUs, startUs, endUs, outcome);
      const pausedUntilUs = nextStart === undefined ? endUs : Math.round(nextStart(dueUs, endUs, this.#random));
      startUs = endUs;
      intendedUs = endUs;
      dueUs = endUs;
      if (pausedUntilUs > endUs) {
        if (this.#stopping) return;
        await this.#sleepUntil(pausedUntilUs);
        startUs = clock.nowUs();
        intendedUs = Math.min(startUs, pausedUntilUs + TIMER_RESOLUTION_US);
        dueUs = pausedUntilUs;
      } else if (turn.isOver(endUs)) {
        await turn.next;
        startUs = clock.nowUs();
        intendedUs = startUs;
        dueUs = startUs;
      }
    }
  }

  /** This and the next method are not inlined in the loop, because a closure there would allocate in every iteration. */
  #untilOpen(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#context.pauseLatch.whenOpen(resolve);
    });
  }

  #sleepUntil(atUs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#context.timers.at(atUs, resolve);
    });
  }

  /** Performs one operation whose intended start was set by the load model. Resolves when it was recorded. */
  async perform(operation: Operation, intendedUs: number): Promise<void> {
    const { clock, recorder, cut } = this.#context;
    const startUs = clock.nowUs();
    this.#begun(operation, intendedUs, startUs);
    let outcome: Outcome;
    try {
      outcome = outcomeFrom(
        await ((this.#sessions as Session[])[operation.driver] as Session).send(operation.name, cut),
      );
    } catch (error) {
      outcome = outcomeOfThrown(error);
    }
    if (this.#isAbandoned) return;
    this.#inFlight = undefined;
    recorder.record(operation.index, intendedUs, startUs, clock.nowUs(), outcome);
  }

  /** Records the operation in flight as failed. An outcome that still comes is not counted. */
  abandon(): void {
    this.#isAbandoned = true;
    if (this.#inFlight === undefined) return;
    const { clock, recorder } = this.#context;
    recorder.record(this.#inFlight.index, this.#inFlightIntendedUs, this.#inFlightStartUs, clock.nowUs(), NO_ANSWER);
  }

  #begun(operation: Operation, intendedUs: number, startUs: number): void {
    this.#inFlight = operation;
    this.#inFlightIntendedUs = intendedUs;
    this.#inFlightStartUs = startUs;
  }
}
