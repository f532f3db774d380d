import { type RandomStream, randomStream } from '../../../core/plan/random.ts';
import type { Outcome, Session } from '../../../core/plugin.ts';
import type { Operation } from './operation-mix.ts';
import { NO_ANSWER, outcomeFrom, outcomeOfThrown, START_FAILED } from './outcome.ts';
import { failedAgain, type PassRunner, type StartRetry, type Thrown } from './pass-runner.ts';
import { ScriptRunner } from './script-runner.ts';
import { settledOrCut } from './settled-or-cut.ts';
import { StepRunner } from './step-runner.ts';
import { TIMER_RESOLUTION_US, type UserContext } from './user-context.ts';

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
 * {@link serve}; calls of either never overlap.
 */
export class VirtualUser {
  readonly index: number;
  readonly #context: UserContext;
  readonly #random: RandomStream;
  readonly #dataRandom: RandomStream;
  #sessions: Session[] | undefined;
  /** Why the user could not connect; undefined when it could. */
  #notConnected: Outcome | undefined;
  /** Undefined while the user is connected. */
  #reconnecting: StartRetry | undefined;
  #connecting: Promise<void> | undefined;
  #stopping = false;
  /** Ends the wait between two operations; without effect when the user does not wait. */
  #wake: (() => void) | undefined;
  /** The operation in flight; the two times below belong to it. */
  #inFlight: Operation | undefined;
  #inFlightIntendedUs = 0;
  #inFlightStartUs = 0;
  #isAbandoned = false;
  readonly #steps: PassRunner | undefined;
  readonly variables = new Map<string, string>();
  #nextPass = 1;

  /** @param index unique among all agents and scenarios of the run */
  constructor(index: number, context: UserContext) {
    this.index = index;
    this.#context = context;
    this.#random = randomStream(context.seed, 2 * index);
    this.#dataRandom = randomStream(context.seed, 2 * index + 1);
    this.#steps = this.#passRunner(context);
  }

  #passRunner(context: UserContext): PassRunner | undefined {
    if (context.steps === undefined) return undefined;
    const { script, journey } = context.steps;
    if (script === undefined || journey === undefined)
      return new StepRunner(context.steps, this, context, this.#random);
    return new ScriptRunner(script, journey, this, context, this.#random);
  }

  /** The open sessions, in the order of the drivers of the mix. */
  get sessions(): readonly Session[] {
    return this.#sessions ?? [];
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
    const { drivers, mix, cut } = this.#context;
    const ofPass = () => (this.#steps?.hasBegun === false ? 0 : this.#nextPass);
    const user = {
      index: this.index,
      random: this.#dataRandom,
      variables: this.variables,
      wantsDetail: (errorKind: string) => this.#wantsDetail(errorKind),
      get pass() {
        return ofPass();
      },
    };
    const sessions: Session[] = [];
    try {
      for (const [i, driver] of drivers.entries()) {
        sessions.push(await driver.connect(user, cut, mix.sendable[i]));
        // The load may have ended meanwhile, and nobody would close the next session.
        cut.throwIfAborted();
      }
    } catch (error) {
      await this.#close(sessions);
      throw error;
    }
    this.#sessions = sessions;
    if (this.#notConnected === undefined) return;
    this.#notConnected = undefined;
    this.#reconnecting = undefined;
  }

  /** Where operations of several drivers are under way, it cannot be told which of them asks. */
  #wantsDetail(errorKind: string): boolean {
    const { recorder } = this.#context;
    if (this.#inFlight !== undefined) return recorder.wantsDetail(this.#inFlight.index, errorKind);
    const rows = this.#steps?.rowsInFlight ?? [];
    if (rows.length === 0) return recorder.wantsDetail(undefined, errorKind);
    return rows.some((row) => recorder.wantsDetail(row, errorKind));
  }

  /**
   * Connects as {@link connect} does; an error becomes the outcome of each operation. A user with steps does none of them
   * then, and tries again to connect. For users that join a running load.
   */
  async connectOrFail(): Promise<void> {
    try {
      await this.connect();
    } catch (error) {
      const outcome = outcomeOfThrown(error);
      this.#notConnected = outcome;
      this.#reconnecting = failedAgain(this.#reconnecting, this.#context.clock.nowUs());
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
      await closer.closeSession(mix.drivers[i] as string, session);
    }
  }

  /** Whether one of the sessions has nothing more to send. A promise where it is to be asked again when that resolves. */
  get isFinished(): boolean | Promise<unknown> {
    for (const session of this.#sessions ?? []) {
      const { finished } = session;
      if (finished === undefined || finished === false) continue;
      return this.#steps?.hasBegun ? this.#isFinishedForPasses(finished) : finished;
    }
    return this.#steps?.isFinished ?? false;
  }

  /** What only the steps at the start have needed is needed no more. */
  #isFinishedForPasses(finished: boolean | Promise<unknown>): boolean | Promise<unknown> {
    const { mix, steps } = this.#context;
    if (steps?.ofPasses === undefined) return finished;
    for (const index of steps.ofPasses) {
      const lacks = this.isFinishedFor(mix.at(index));
      if (lacks !== false) return lacks;
    }
    return false;
  }

  isFinishedFor({ driver, name }: Operation): boolean | Promise<unknown> {
    const session = (this.#sessions as Session[])[driver] as Session;
    return (session.finishedFor === undefined ? session.finished : session.finishedFor(name)) ?? false;
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
    this.#stopping = false;
    if (this.#steps === undefined || (await this.#hasBegun(this.#steps))) await this.#loop(budget);
    // A user that is stopped while it begins has begun all the same.
    await this.#steps?.end();
  }

  /** Tries the steps at the start until they succeed, or the user is stopped. */
  async #hasBegun(steps: PassRunner): Promise<boolean> {
    const { clock } = this.#context;
    while (!(await this.#begins(steps, clock.nowUs()))) {
      if (this.#stopping || this.isFinished === true) return false;
      this.#recordFailedStart(this.#startFailure(steps));
      await this.#sleepUntil(this.#reconnecting === undefined ? steps.retryAtUs : this.#reconnecting.atUs);
      if (this.#stopping) return false;
    }
    return !this.#stopping;
  }

  /** Does the steps at the start, once the user is connected. */
  async #begins(steps: PassRunner, dueUs: number): Promise<boolean> {
    if (this.#notConnected !== undefined) {
      if (this.#context.clock.nowUs() < (this.#reconnecting?.atUs ?? 0)) return false;
      this.#sessions = undefined;
      await this.connectOrFail();
    }
    return this.#notConnected === undefined && steps.begin(dueUs);
  }

  #startFailure(steps: PassRunner): Outcome {
    if (this.#notConnected === undefined) return steps.startFailure;
    return { ...START_FAILED, message: `the virtual user could not connect: ${this.#notConnected.message}` };
  }

  /** A user that cannot begin must be seen where its passes would be. */
  #recordFailedStart(outcome: Outcome): void {
    const { clock, recorder, steps } = this.#context;
    const nowUs = clock.nowUs();
    if (steps?.journey !== undefined) recorder.record(steps.journey.index, nowUs, nowUs, nowUs, outcome);
  }

  async #loop(budget: IterationBudget): Promise<void> {
    const { clock, mix, nextStart, pauseLatch, turn } = this.#context;
    const hasJourney = this.#context.steps?.journey !== undefined;
    let startUs = clock.nowUs();
    let intendedUs = startUs;
    let dueUs = startUs;
    for (;;) {
      if (pauseLatch.isClosed && !this.#stopping) {
        await this.untilOpen();
        startUs = clock.nowUs();
        intendedUs = startUs;
        dueUs = startUs;
      }
      for (let finished = this.isFinished; finished !== false; finished = this.isFinished) {
        if (finished === true || !(await this.untilKnown(finished))) return;
        // The operation is due when it was: what the user has waited for is a delay.
        startUs = clock.nowUs();
      }
      if (this.#stopping || !budget.take(intendedUs)) return;
      let endUs: number;
      if (hasJourney) {
        const steps = this.#steps as PassRunner;
        let thrown: Thrown | undefined;
        try {
          await steps.pass(intendedUs, startUs);
        } catch (error) {
          thrown = { error };
        }
        if (this.#isAbandoned) return;
        endUs = steps.passEnded(thrown);
      } else {
        const operation = mix.draw(this.#random);
        let outcome: Outcome;
        try {
          const sent = this.begin(operation, intendedUs, startUs);
          outcome = outcomeFrom(sent instanceof Promise ? await sent : sent);
        } catch (error) {
          outcome = outcomeOfThrown(error);
        }
        const finishedUs = this.finish(operation, intendedUs, startUs, outcome);
        if (finishedUs === undefined) return;
        endUs = finishedUs;
      }
      this.#nextPass += 1;
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

  /**
   * Resolves when the load goes on after a pause, or the user is stopped. This and the next method are not inlined in the
   * loop, because a closure there would allocate in every iteration.
   */
  untilOpen(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#context.pauseLatch.whenOpen(resolve);
    });
  }

  /**
   * Waits until {@link isFinished} may be known. It is to be asked again then, at once before the data are taken: others wait too.
   * @returns false when the load is cut off
   */
  async untilKnown(finished: Promise<unknown>): Promise<boolean> {
    const { cut } = this.#context;
    if (!cut.aborted) await settledOrCut(finished, cut);
    return !cut.aborted;
  }

  #sleepUntil(atUs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#context.timers.at(atUs, resolve);
    });
  }

  /**
   * Serves one arrival of an open load model: a pass through the flow, or the operation that was drawn. A user that has
   * steps at its start does them first, and the arrival is due when they have ended.
   */
  async serve(operation: Operation, intendedUs: number): Promise<void> {
    const { clock, recorder, steps } = this.#context;
    if (this.#steps === undefined) {
      // Where the load is cut off, what is sent says that it was not sent.
      for (let finished = this.isFinished; finished !== false; finished = this.isFinished) {
        if (finished === true) return;
        if (!(await this.untilKnown(finished))) break;
      }
      return this.#perform(operation, intendedUs, clock.nowUs());
    }
    const begunUs = clock.nowUs();
    if (!(await this.#begins(this.#steps, intendedUs))) {
      const outcome = this.#startFailure(this.#steps);
      recorder.record(steps?.journey?.index ?? operation.index, intendedUs, begunUs, clock.nowUs(), outcome);
      return;
    }
    const dueUs = intendedUs + (clock.nowUs() - begunUs);
    for (let finished = this.isFinished; finished !== false; finished = this.isFinished) {
      if (finished === true) return;
      if (!(await this.untilKnown(finished))) break;
    }
    const nowUs = clock.nowUs();
    if (steps?.journey === undefined) await this.#perform(operation, dueUs, nowUs);
    else await this.#pass(this.#steps, dueUs, nowUs);
  }

  async #pass(steps: PassRunner, intendedUs: number, startUs: number): Promise<void> {
    let thrown: Thrown | undefined;
    try {
      await steps.pass(intendedUs, startUs);
    } catch (error) {
      thrown = { error };
    }
    this.#nextPass += 1;
    if (!this.#isAbandoned) steps.passEnded(thrown);
  }

  /** Does the steps at the end. For open load models, whose users have no loop that does. Never rejects. */
  async end(): Promise<void> {
    await this.#steps?.end();
  }

  /** Performs one operation, now, that is due at a given time. */
  async #perform(operation: Operation, intendedUs: number, startUs: number): Promise<void> {
    let outcome: Outcome;
    try {
      outcome = outcomeFrom(await this.begin(operation, intendedUs, startUs));
    } catch (error) {
      outcome = outcomeOfThrown(error);
    }
    this.#nextPass += 1;
    this.finish(operation, intendedUs, startUs, outcome);
  }

  begin(operation: Operation, intendedUs: number, startUs: number): Outcome | Promise<Outcome> {
    const session = (this.#sessions as Session[])[operation.driver] as Session;
    const sent = session.send(operation.name, this.#context.cut);
    // Where the outcome is there at once, nothing is in flight.
    if (sent instanceof Promise) {
      this.#inFlight = operation;
      this.#inFlightIntendedUs = intendedUs;
      this.#inFlightStartUs = startUs;
    }
    return sent;
  }

  finish(operation: Operation, intendedUs: number, startUs: number, outcome: Outcome): number | undefined {
    if (this.#isAbandoned) return undefined;
    const endUs = this.#context.clock.nowUs();
    this.#inFlight = undefined;
    this.#context.recorder.record(operation.index, intendedUs, startUs, endUs, outcome);
    return endUs;
  }

  /** Records the operation in flight as failed. An outcome that still comes is not counted. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#steps?.abandon();
    if (this.#inFlight === undefined) return;
    const { clock, recorder } = this.#context;
    recorder.record(this.#inFlight.index, this.#inFlightIntendedUs, this.#inFlightStartUs, clock.nowUs(), NO_ANSWER);
  }
}
