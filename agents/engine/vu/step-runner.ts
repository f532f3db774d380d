import type { Condition, FlowPause } from '../../../core/plan/flow.ts';
import type { FlowWork, Journey, JourneyBranch, JourneyStep } from '../../../core/plan/journey.ts';
import type { RandomStream } from '../../../core/plan/random.ts';
import type { Outcome } from '../../../core/plugin.ts';
import { ABORTED, type Failure, outcomeOfPass } from './failure.ts';
import type { Operation } from './operation-mix.ts';
import { START_FAILED } from './outcome.ts';
import { type PassRunner, StartRetry } from './pass-runner.ts';
import { drawPauseUs, sleepThrough } from './pause.ts';
import { type ScenarioSteps, TIMER_RESOLUTION_US, type UserContext } from './user-context.ts';

/** The virtual user whose steps these are. */
export interface StepUser {
  /** Sends one operation and records it. Undefined: nobody waits for it any longer. */
  perform(operation: Operation, intendedUs: number): Promise<Outcome | undefined>;
  /** Resolves when the load is not paused. */
  untilOpen(): Promise<void>;
  readonly isFinished: boolean;
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
  readonly #retry = new StartRetry();
  #dueUs = 0;
  #pausedUs = 0;
  #failure: Failure | undefined;
  /** The pass under way. */
  #pass: { readonly intendedUs: number; readonly startUs: number } | undefined;

  constructor(steps: ScenarioSteps, user: StepUser, context: UserContext, random: RandomStream) {
    this.#steps = steps;
    this.#user = user;
    this.#context = context;
    this.#random = random;
  }

  get retryAtUs(): number {
    return this.#retry.atUs;
  }

  get startFailure(): Outcome {
    return START_FAILED;
  }

  /** The sessions know what data they have. */
  get isFinished(): boolean {
    return false;
  }

  async begin(dueUs: number): Promise<boolean> {
    if (this.#kept !== undefined) return true;
    if (this.#context.clock.nowUs() < this.#retry.atUs) return false;
    this.#reset(dueUs);
    await this.#run(this.#steps.once.start, true);
    if (this.#failure === undefined) {
      this.#kept = new Map(this.#user.variables);
      return true;
    }
    this.#retry.failed(this.#context.clock.nowUs());
    return false;
  }

  async end(): Promise<void> {
    if (this.#kept === undefined || this.#steps.once.stop.length === 0) return;
    this.#reset(this.#context.clock.nowUs());
    await this.#run(this.#steps.once.stop, true);
    this.#kept = undefined;
  }

  async pass(intendedUs: number): Promise<void> {
    const { clock, recorder } = this.#context;
    const { index, work } = this.#steps.journey as Journey;
    const { flow, stopsAtFailure } = work as FlowWork;
    const startUs = clock.nowUs();
    this.#reset(intendedUs);
    this.#forgetPass();
    this.#pass = { intendedUs, startUs };
    await this.#run(flow, stopsAtFailure);
    if (this.#pass === undefined) return;
    this.#pass = undefined;
    recorder.record(index, intendedUs, startUs, clock.nowUs(), outcomeOfPass(this.#failure), this.#pausedUs);
  }

  abandon(): void {
    const { clock, recorder } = this.#context;
    const { journey } = this.#steps;
    if (this.#pass === undefined || journey === undefined) return;
    const { intendedUs, startUs } = this.#pass;
    this.#pass = undefined;
    recorder.record(journey.index, intendedUs, startUs, clock.nowUs(), outcomeOfPass(ABORTED), this.#pausedUs);
  }

  #reset(dueUs: number): void {
    this.#dueUs = dueUs;
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

  /** @returns whether what comes after these steps is to be done */
  async #run(flow: readonly JourneyStep[], stopsAtFailure: boolean): Promise<boolean> {
    for (const step of flow) {
      if (this.#context.cut.aborted) return this.#fail(ABORTED, true);
      if (step.when !== undefined && !this.#holds(step.when)) continue;
      if (!(await this.#do(step, stopsAtFailure))) return false;
    }
    return true;
  }

  #do(step: JourneyStep, stopsAtFailure: boolean): Promise<boolean> {
    switch (step.kind) {
      case 'operation':
        return this.#operation(step.operation, stopsAtFailure);
      case 'pause':
        return this.#wait(step.pause);
      case 'choose':
        return this.#run(this.#chosen(step.branches), stopsAtFailure);
      case 'repeat':
        return this.#repeat(step, stopsAtFailure);
    }
  }

  async #operation(index: number, stopsAtFailure: boolean): Promise<boolean> {
    const { clock, mix, pauseLatch, turn } = this.#context;
    if (pauseLatch.isClosed) {
      const closedUs = clock.nowUs();
      await this.#user.untilOpen();
      this.#dueUs = clock.nowUs();
      this.#pausedUs += this.#dueUs - closedUs;
    }
    if (this.#user.isFinished) {
      return this.#fail(
        { kind: 'data_exhausted', message: 'the data file had no row left for the rest of the pass' },
        true,
      );
    }
    const operation = mix.at(index);
    const outcome = await this.#user.perform(operation, this.#dueUs);
    if (outcome === undefined) return false;
    this.#dueUs = clock.nowUs();
    if (!outcome.ok) {
      const { errorKind, message } = outcome;
      return this.#fail({ kind: `${operation.row}: ${errorKind}`, message }, stopsAtFailure);
    }
    if (turn.isOver(this.#dueUs)) {
      await turn.next;
      this.#dueUs = clock.nowUs();
    }
    return true;
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
    this.#dueUs = Math.min(nowUs, untilUs + TIMER_RESOLUTION_US);
    return true;
  }

  async #repeat(step: Extract<JourneyStep, { kind: 'repeat' }>, stopsAtFailure: boolean): Promise<boolean> {
    const { times, until, flow } = step;
    for (let i = 0; i < times; i++) {
      if (!(await this.#run(flow, stopsAtFailure))) return false;
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
