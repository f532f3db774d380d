import type { Condition, FlowPause } from '../../../core/plan/flow.ts';
import type { FlowWork, Journey, JourneyBranch, JourneyStep } from '../../../core/plan/journey.ts';
import type { RandomStream } from '../../../core/plan/random.ts';
import type { Outcome } from '../../../core/plugin.ts';
import { ABORTED, type Failure, outcomeOfPass } from './failure.ts';
import type { Operation } from './operation-mix.ts';
import { outcomeFrom, outcomeOfThrown, START_FAILED } from './outcome.ts';
import { failedAgain, type PassRunner, type StartRetry, type Thrown } from './pass-runner.ts';
import { drawPauseUs, sleepThrough } from './pause.ts';
import { type ScenarioSteps, TIMER_RESOLUTION_US, type UserContext } from './user-context.ts';

const DATA_EXHAUSTED: Failure = {
  kind: 'data_exhausted',
  message: 'the data file had no row left for the rest of the pass',
};

/** All users share these: thousands of empty maps and lists would take memory too. */
const NO_VARIABLES: ReadonlyMap<string, string> = new Map();
const NO_ROWS: readonly number[] = [];

/** The virtual user whose steps these are. */
export interface StepUser {
  /** Sends one operation, now. @throws what its driver throws */
  begin(operation: Operation, intendedUs: number, startUs: number): Outcome | Promise<Outcome>;
  /** Records the outcome of one that has ended. @returns when it ended; undefined when nobody waits for it any longer */
  finish(operation: Operation, intendedUs: number, startUs: number, outcome: Outcome): number | undefined;
  /** Resolves when the load is not paused. */
  untilOpen(): Promise<void>;
  /** Whether its data are used up; a promise where it is to be asked again. */
  readonly isFinished: boolean | Promise<unknown>;
  /** The same for what one operation needs. */
  isFinishedFor(operation: Operation): boolean | Promise<unknown>;
  /** Waits until that may be known. @returns false when the load is cut off */
  untilKnown(finished: Promise<unknown>): Promise<boolean>;
  readonly variables: Map<string, string>;
}

/**
 * Takes one virtual user through its steps: those at its start and at its end, and the passes between them. Calls never
 * overlap. Each step is due when the one before it has ended, and the first one when the pass is.
 */
export class StepRunner implements PassRunner {
  readonly #steps: ScenarioSteps;
  readonly #user: StepUser;
  readonly #context: UserContext;
  readonly #random: RandomStream;
  /** What the steps at the start have set; each pass begins with it. */
  #kept: ReadonlyMap<string, string> | undefined;
  #retry: StartRetry | undefined;
  /** When the next step is due. */
  #dueUs = 0;
  /** When the step before it ended: it is read from the clock no more often than something has waited. */
  #nowUs = 0;
  #pausedUs = 0;
  #failure: Failure | undefined;
  /** Whether a pass is under way; the two times below are its. */
  #isUnderWay = false;
  #intendedUs = 0;
  #startUs = 0;

  constructor(steps: ScenarioSteps, user: StepUser, context: UserContext, random: RandomStream) {
    this.#steps = steps;
    this.#user = user;
    this.#context = context;
    this.#random = random;
  }

  get retryAtUs(): number {
    return this.#retry?.atUs ?? 0;
  }

  get startFailure(): Outcome {
    return START_FAILED;
  }

  /** Its operations are the virtual user's. */
  get rowsInFlight(): readonly number[] {
    return NO_ROWS;
  }

  get hasBegun(): boolean {
    return this.#kept !== undefined;
  }

  /** The sessions know what data they have. */
  get isFinished(): boolean {
    return false;
  }

  async begin(dueUs: number): Promise<boolean> {
    if (this.#kept !== undefined) return true;
    const nowUs = this.#context.clock.nowUs();
    if (nowUs < this.retryAtUs) return false;
    this.#reset(dueUs, nowUs);
    // A user without a row does nothing, however little these steps need one.
    if (this.#user.isFinished === true) this.#fail(DATA_EXHAUSTED, true);
    else await this.#run(this.#steps.once.start, true);
    if (this.#failure === undefined) {
      const { variables } = this.#user;
      this.#kept = variables.size === 0 ? NO_VARIABLES : new Map(variables);
      return true;
    }
    this.#retry = failedAgain(this.#retry, this.#context.clock.nowUs());
    return false;
  }

  async end(): Promise<void> {
    if (this.#kept === undefined || this.#steps.once.stop.length === 0) return;
    const nowUs = this.#context.clock.nowUs();
    this.#reset(nowUs, nowUs);
    await this.#run(this.#steps.once.stop, true);
    this.#kept = undefined;
  }

  pass(intendedUs: number, startUs: number): Promise<unknown> {
    const { flow, stopsAtFailure } = (this.#steps.journey as Journey).work as FlowWork;
    this.#reset(intendedUs, startUs);
    this.#forgetPass();
    this.#isUnderWay = true;
    this.#intendedUs = intendedUs;
    this.#startUs = startUs;
    return this.#run(flow, stopsAtFailure);
  }

  passEnded(thrown: Thrown | undefined): number {
    // Whatever a step throws is its outcome: this is a fault of the engine.
    if (thrown !== undefined) throw thrown.error;
    // A pass that has waited for nothing has taken time all the same.
    if (this.#nowUs === this.#startUs) this.#nowUs = this.#context.clock.nowUs();
    this.#record(this.#nowUs, this.#failure);
    return this.#nowUs;
  }

  abandon(): void {
    if (this.#isUnderWay) this.#record(this.#context.clock.nowUs(), ABORTED);
  }

  #record(endUs: number, failure: Failure | undefined): void {
    this.#isUnderWay = false;
    const { index } = this.#steps.journey as Journey;
    const outcome = outcomeOfPass(failure);
    this.#context.recorder.record(index, this.#intendedUs, this.#startUs, endUs, outcome, this.#pausedUs);
  }

  #reset(dueUs: number, nowUs: number): void {
    this.#dueUs = dueUs;
    this.#nowUs = nowUs;
    this.#pausedUs = 0;
    this.#failure = undefined;
  }

  /** An answer of this pass must not be made of values of the one before. */
  #forgetPass(): void {
    const { variables } = this.#user;
    if (variables.size === 0) return;
    variables.clear();
    for (const [name, value] of this.#kept ?? []) variables.set(name, value);
  }

  /**
   * An operation is awaited here, not in a function of its own, which would cost as much as all else that it does.
   * @returns whether what comes after these steps is to be done
   */
  async #run(flow: readonly JourneyStep[], stopsAtFailure: boolean): Promise<boolean> {
    const { cut, mix, pauseLatch, turn } = this.#context;
    const user = this.#user;
    for (const step of flow) {
      if (cut.aborted) return this.#fail(ABORTED, true);
      if (step.when !== undefined && !this.#holds(step.when)) continue;
      if (step.kind !== 'operation') {
        if (!(await this.#do(step, stopsAtFailure))) return false;
        continue;
      }
      if (pauseLatch.isClosed) await this.#untilOpen();
      const operation = mix.at(step.operation);
      let finished = user.isFinishedFor(operation);
      for (; finished !== false; finished = user.isFinishedFor(operation)) {
        if (finished === true) return this.#fail(DATA_EXHAUSTED, true);
        if (!(await user.untilKnown(finished))) return this.#fail(ABORTED, true);
        // The step stays due when it was: what the user has waited for is a delay.
        this.#nowUs = this.#context.clock.nowUs();
      }
      const dueUs = this.#dueUs;
      const startUs = this.#nowUs;
      let outcome: Outcome;
      try {
        outcome = outcomeFrom(await user.begin(operation, dueUs, startUs));
      } catch (error) {
        outcome = outcomeOfThrown(error);
      }
      const endUs = user.finish(operation, dueUs, startUs, outcome);
      if (endUs === undefined) return false;
      this.#dueAt(endUs);
      if (!outcome.ok) {
        const { errorKind, message } = outcome;
        if (!this.#fail({ kind: `${operation.row}: ${errorKind}`, message }, stopsAtFailure)) return false;
      } else if (turn.isOver(this.#nowUs)) {
        await turn.next;
        this.#dueAt(this.#context.clock.nowUs());
      }
    }
    return true;
  }

  #do(step: Exclude<JourneyStep, { kind: 'operation' }>, stopsAtFailure: boolean): Promise<boolean> {
    switch (step.kind) {
      case 'pause':
        return this.#wait(step.pause);
      case 'choose':
        return this.#run(this.#chosen(step.branches), stopsAtFailure);
      case 'repeat':
        return this.#repeat(step, stopsAtFailure);
    }
  }

  /** The next step is due now. */
  #dueAt(nowUs: number): void {
    this.#dueUs = nowUs;
    this.#nowUs = nowUs;
  }

  async #untilOpen(): Promise<void> {
    const { clock } = this.#context;
    const closedUs = clock.nowUs();
    await this.#user.untilOpen();
    this.#dueAt(clock.nowUs());
    this.#pausedUs += this.#nowUs - closedUs;
  }

  /** @returns whether what comes after it is to be done */
  #fail(failure: Failure, stopsAtFailure: boolean): boolean {
    this.#failure ??= failure;
    return !stopsAtFailure;
  }

  async #wait(pause: FlowPause): Promise<boolean> {
    const { clock } = this.#context;
    const fromUs = clock.nowUs();
    const untilUs = this.#dueUs + drawPauseUs(pause, this.#random);
    await sleepThrough(untilUs, this.#context);
    const nowUs = clock.nowUs();
    this.#pausedUs += nowUs - fromUs;
    this.#nowUs = nowUs;
    this.#dueUs = Math.min(nowUs, untilUs + TIMER_RESOLUTION_US);
    return true;
  }

  async #repeat(step: Extract<JourneyStep, { kind: 'repeat' }>, stopsAtFailure: boolean): Promise<boolean> {
    const { times, until, flow } = step;
    const { clock, cut, turn } = this.#context;
    for (let i = 0; i < times; i++) {
      const roundUs = this.#nowUs;
      if (!(await this.#run(flow, stopsAtFailure))) return false;
      // Rounds without a request must not keep the process from all else.
      if (this.#nowUs === roundUs) {
        if (cut.aborted) return this.#fail(ABORTED, true);
        this.#dueAt(clock.nowUs());
        if (turn.isOver(this.#nowUs)) await turn.next;
      }
      if (until !== undefined && this.#holds(until)) return true;
    }
    if (until === undefined) return true;
    const message = `after ${times} rounds the variable ${until.variable} was ${this.#user.variables.get(until.variable) ?? 'not set'}`;
    return this.#fail({ kind: 'until_not_met', message }, stopsAtFailure);
  }

  #chosen(branches: readonly JourneyBranch[]): readonly JourneyStep[] {
    const total = branches.reduce((sum, { weight }) => sum + weight, 0);
    let point = this.#random.next() * total;
    for (const { weight, flow } of branches) {
      if (point < weight) return flow;
      point -= weight;
    }
    return branches.findLast(({ weight }) => weight > 0)?.flow ?? [];
  }

  #holds(condition: Condition): boolean {
    const value = this.#user.variables.get(condition.variable);
    if (condition.kind === 'exists') return (value !== undefined) === condition.wanted;
    if (value === undefined) return false;
    return condition.kind === 'equals' ? value === condition.value : condition.pattern.test(value);
  }
}
