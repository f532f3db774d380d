import type { Clock } from '../../../core/clock.ts';
import { type RandomStream, randomStream } from '../../../core/plan/random.ts';
import type { Driver, Outcome, Session } from '../../../core/plugin.ts';
import type { Recorder } from '../recorder.ts';
import type { Scheduler } from '../timer-queue.ts';
import type { Closing } from './driver-closer.ts';
import type { Operation, OperationMix } from './operation-mix.ts';
import { NO_ANSWER, outcomeFrom, outcomeOfThrown } from './outcome.ts';
import type { Gate } from './pause-latch.ts';
import type { NextStart } from './think-time.ts';

/**
 * A timer's ordinary lateness. In a closed model a pause that ends this much later is part of the pause; what is beyond
 * is the generator's fault, and counts in send delay and response time.
 */
export const TIMER_RESOLUTION_US = 2_000;

/**
 * A driver that answers without waiting would keep the event loop to itself: after this many operations others get it.
 * A promise does not tell whether anything was waited for, so every operation counts.
 */
const MOST_OPERATIONS_A_TURN = 128;

/** What all virtual users of a scenario share. */
export interface Surroundings {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly recorder: Recorder;
  readonly mix: OperationMix;
  /** As {@link OperationMix.drivers}. */
  readonly drivers: readonly Driver[];
  readonly seed: number;
  readonly nextStart: NextStart | undefined;
  /** Closed while the load is paused. */
  readonly gate: Gate;
  /** Aborted to cut off operations in flight. */
  readonly cut: AbortSignal;
  readonly closing: Closing;
}

/** Says whether one more operation may begin, given its intended start; asked once for each. */
export type Permission = (intendedUs: number) => boolean;

/** One simulated device: a session per driver and a random stream of its own. */
export class VirtualUser {
  readonly #index: number;
  readonly #around: Surroundings;
  readonly #random: RandomStream;
  readonly #dataRandom: RandomStream;
  #sessions: Session[] | undefined;
  #connecting: Promise<void> | undefined;
  #stopping = false;
  /** Ends what it waits for between operations; without effect when that has ended. */
  #wake: (() => void) | undefined;
  /** The operation that the user waits for; its times are meaningless without it. */
  #inFlight: Operation | undefined;
  #inFlightIntendedUs = 0;
  #inFlightStartUs = 0;
  #givenUp = false;

  /** @param index unique over all agents and scenarios of the run */
  constructor(index: number, around: Surroundings) {
    this.#index = index;
    this.#around = around;
    this.#random = randomStream(around.seed, 2 * index);
    this.#dataRandom = randomStream(around.seed, 2 * index + 1);
  }

  connect(): Promise<void> {
    if (this.#sessions !== undefined) return Promise.resolve();
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #open(): Promise<void> {
    const user = { index: this.#index, random: this.#dataRandom };
    const { drivers, cut } = this.#around;
    const sessions: Session[] = [];
    try {
      for (const driver of drivers) {
        sessions.push(await driver.connect(user, cut));
        // The load may have ended meanwhile, and nobody would close what comes after.
        cut.throwIfAborted();
      }
    } catch (error) {
      await this.#close(sessions);
      throw error;
    }
    this.#sessions = sessions;
  }

  /** As {@link connect}, but an error becomes the outcome of each operation: for users that join a running load. */
  async connectOrFail(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      const outcome = outcomeOfThrown(error);
      this.#sessions = this.#around.drivers.map(() => ({ send: () => outcome, close: () => {} }));
    }
  }

  /** Never throws. */
  async disconnect(): Promise<void> {
    const sessions = this.#sessions ?? [];
    this.#sessions = undefined;
    await this.#close(sessions);
  }

  async #close(sessions: readonly Session[]): Promise<void> {
    const { closing, mix } = this.#around;
    for (const [i, session] of sessions.entries()) {
      await closing.close(`a session of driver ${mix.drivers[i]}`, session);
    }
  }

  /** One of its sessions has nothing more to send. */
  get isFinished(): boolean {
    for (const session of this.#sessions ?? []) if (session.finished) return true;
    return false;
  }

  /** No operation after the one in flight; a pause or a think time is over at once. */
  stop(): void {
    this.#stopping = true;
    this.#wake?.();
  }

  /** Operation after operation, each when the one before has ended and the pause is over, until stopped or not permitted. */
  async loop(permission: Permission): Promise<void> {
    const { clock, recorder, mix, nextStart, gate, cut } = this.#around;
    this.#stopping = false;
    let startUs = clock.nowUs();
    let intendedUs = startUs;
    let dueUs = startUs;
    let turn = 0;
    for (;;) {
      if (gate.isClosed && !this.#stopping) {
        await this.#untilOpen();
        startUs = clock.nowUs();
        intendedUs = startUs;
        dueUs = startUs;
      }
      if (this.#stopping || this.isFinished || !permission(intendedUs)) return;
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
      if (this.#givenUp) return;
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
        turn = 0;
      } else if (++turn === MOST_OPERATIONS_A_TURN) {
        await new Promise<void>((resolve) => clock.soon(resolve));
        startUs = clock.nowUs();
        intendedUs = startUs;
        dueUs = startUs;
        turn = 0;
      }
    }
  }

  /** These are apart from the loop because a closure in it would cost an allocation in each of its rounds. */
  #untilOpen(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#around.gate.whenOpen(resolve);
    });
  }

  #sleepUntil(atUs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#around.scheduler.at(atUs, resolve);
    });
  }

  /** One operation whose intended start the load model has set. Never overlaps another of the same user. */
  async perform(operation: Operation, intendedUs: number): Promise<void> {
    const { clock, recorder, cut } = this.#around;
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
    if (this.#givenUp) return;
    this.#inFlight = undefined;
    recorder.record(operation.index, intendedUs, startUs, clock.nowUs(), outcome);
  }

  /** Nobody waits for it any longer: its operation in flight has failed, and an answer that still comes counts nowhere. */
  giveUp(): void {
    this.#givenUp = true;
    if (this.#inFlight === undefined) return;
    const { clock, recorder } = this.#around;
    recorder.record(this.#inFlight.index, this.#inFlightIntendedUs, this.#inFlightStartUs, clock.nowUs(), NO_ANSWER);
  }

  #begun(operation: Operation, intendedUs: number, startUs: number): void {
    this.#inFlight = operation;
    this.#inFlightIntendedUs = intendedUs;
    this.#inFlightStartUs = startUs;
  }
}
