import type { Journey } from '../../../core/plan/journey.ts';
import type { RandomStream } from '../../../core/plan/random.ts';
import type { Outcome, Session } from '../../../core/plugin.ts';
import type { DataSource } from '../../../core/script/script-source.ts';
import { ABORTED, type Failure, outcomeOfPass } from './failure.ts';
import { START_FAILED } from './outcome.ts';
import { failedAgain, type PassRunner, type StartRetry, type Thrown } from './pass-runner.ts';
import { isUsedUp } from './script-data.ts';
import { ScriptDriver, type SharedVariables } from './script-driver.ts';
import { failureOfThrown } from './script-failure.ts';
import { ScriptPass } from './script-pass.ts';
import { ScriptRequests } from './script-requests.ts';
import type { ScriptSetup } from './script-setup.ts';
import { ScriptUser } from './script-user.ts';
import { settledOrCut } from './settled-or-cut.ts';
import type { UserContext } from './user-context.ts';

/** The virtual user whose script it is. */
export interface ScriptedUser {
  readonly index: number;
  /** In the order of the mix's drivers; others after the user has connected again. */
  readonly sessions: readonly Session[];
  readonly variables: Map<string, string>;
  /** Resolves when the load is not paused. */
  untilOpen(): Promise<void>;
}

const NO_END: Failure = {
  kind: 'script_did_not_end',
  message:
    'the script was still waiting for something long after the load had ended: have what it awaits heed user.signal',
};

/** Takes one virtual user through its script. Calls never overlap; what the script itself does may. */
export class ScriptRunner implements PassRunner {
  readonly #setup: ScriptSetup;
  readonly #journey: Journey;
  readonly #host: ScriptedUser;
  readonly #context: UserContext;
  readonly #random: RandomStream;
  readonly #pass: ScriptPass;
  readonly #drivers = new Map<string, ScriptDriver>();
  readonly #user: ScriptUser;
  #retry: StartRetry | undefined;
  #sessions: readonly Session[] | undefined;
  #hasBegun = false;
  /** Data sets that `onStart` has taken rows of. */
  #dataOfStart: Set<DataSource> | undefined;
  #startFailure = START_FAILED;
  /** The pass under way; the three fields below belong to it. */
  #isUnderWay = false;
  #intendedUs = 0;
  #startUs = 0;
  #task: string | undefined;

  constructor(setup: ScriptSetup, journey: Journey, host: ScriptedUser, context: UserContext, random: RandomStream) {
    this.#setup = setup;
    this.#journey = journey;
    this.#host = host;
    this.#context = context;
    this.#random = random;
    this.#pass = new ScriptPass(context, () => host.untilOpen());
    this.#user = new ScriptUser(host.index, this.#pass, setup, context, random, this.#drivers, (source) =>
      this.#asked(source),
    );
  }

  get retryAtUs(): number {
    return this.#retry?.atUs ?? 0;
  }

  get startFailure(): Outcome {
    return this.#startFailure;
  }

  get rowsInFlight(): readonly number[] {
    return [...this.#drivers.values()].flatMap(({ rowInFlight }) => rowInFlight ?? []);
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get isFinished(): boolean | Promise<unknown> {
    return this.#setup.data.size > 0 && isUsedUp(this.#setup.data, this.#host.index, this.#hasEnough);
  }

  /** A user that takes its row once, to sign in, goes on when no other is left. What passes take is known once one has. */
  readonly #hasEnough = (source: DataSource): boolean =>
    this.#dataOfStart?.has(source) === true && !this.#setup.dataOfPasses.has(source);

  #asked(source: DataSource): void {
    if (this.#isUnderWay) this.#setup.dataOfPasses.add(source);
    else if (!this.#hasBegun) this.#dataOfStart = (this.#dataOfStart ?? new Set()).add(source);
  }

  async begin(dueUs: number): Promise<boolean> {
    if (this.#hasBegun) return true;
    const { clock, cut } = this.#context;
    if (clock.nowUs() < this.retryAtUs) return false;
    const { definition } = this.#setup;
    // What it takes at once is here then.
    for (let used = this.isFinished; used instanceof Promise; used = this.isFinished) {
      if (cut.aborted) return false;
      await settledOrCut(used, cut);
    }
    const failure = await this.#run(dueUs, 'onStart', (user) => definition.onStart?.(user));
    this.#hasBegun = failure === undefined;
    if (failure === undefined) return true;
    this.#dataOfStart = undefined;
    this.#retry = failedAgain(this.#retry, clock.nowUs());
    this.#startFailure = { ...START_FAILED, message: `onStart failed: ${failure.message}` };
    return false;
  }

  pass(intendedUs: number, startUs: number): unknown {
    this.#intendedUs = intendedUs;
    this.#startUs = startUs;
    this.#isUnderWay = true;
    const { task, run } = this.#setup.passes.draw(this.#random);
    this.#task = task;
    this.#prepare(intendedUs);
    return run(this.#user);
  }

  passEnded(thrown: Thrown | undefined): number {
    this.#user.iteration += 1;
    const failure = thrown && failureOfThrown(thrown.error, this.#setup.file, this.#task);
    return this.#record(this.#pass.wasCut ? ABORTED : failure);
  }

  #record(failure: Failure | undefined): number {
    this.#isUnderWay = false;
    const { clock, recorder } = this.#context;
    const nowUs = clock.nowUs();
    const pausedUs = this.#pass.pausedUs(nowUs);
    recorder.record(this.#journey.index, this.#intendedUs, this.#startUs, nowUs, outcomeOfPass(failure), pausedUs);
    return nowUs;
  }

  async end(): Promise<void> {
    const { definition, log } = this.#setup;
    if (!this.#hasBegun || definition.onStop === undefined || this.#context.cut.aborted) return;
    this.#hasBegun = false;
    const failure = await this.#run(this.#context.clock.nowUs(), 'onStop', (user) => definition.onStop?.(user));
    if (failure !== undefined) log(`onStop of user ${this.#host.index} failed: ${failure.message}`);
  }

  abandon(): void {
    for (const driver of this.#drivers.values()) driver.abandon();
    this.#pass.abandon();
    if (this.#isUnderWay) this.#record(NO_END);
  }

  /** Never rejects. @returns why it failed */
  async #run(
    dueUs: number,
    task: string | undefined,
    run: (user: ScriptUser) => void | Promise<void>,
  ): Promise<Failure | undefined> {
    this.#prepare(dueUs);
    let failure: Failure | undefined;
    try {
      const running = run(this.#user);
      if (running !== undefined) await running;
    } catch (error) {
      failure = failureOfThrown(error, this.#setup.file, task);
    }
    // What a script throws after its requests were refused says nothing of the target.
    return this.#pass.wasCut ? ABORTED : failure;
  }

  #prepare(dueUs: number): void {
    const { sessions } = this.#host;
    this.#pass.begin(dueUs);
    if (sessions !== this.#sessions) this.#useSessions(sessions);
    this.#user.passDueUs = dueUs;
  }

  #useSessions(sessions: readonly Session[]): void {
    this.#sessions = sessions;
    this.#drivers.clear();
    sessions.forEach((session, i) => {
      const { scenario, operations, rows, tags } = this.#setup;
      const name = this.#context.mix.drivers[i] as string;
      const requests = new ScriptRequests(
        this.#pass,
        this.#context,
        scenario,
        name,
        rows[i] as (typeof rows)[number],
        tags,
      );
      this.#drivers.set(name, new ScriptDriver(name, session, operations[i] ?? [], requests, this.#variables));
    });
  }

  readonly #variables: SharedVariables = {
    give: () => {
      const { variables } = this.#host;
      for (const [name, value] of Object.entries(this.#user.vars)) {
        if (typeof value === 'string') variables.set(name, value);
        else if (typeof value === 'number' || typeof value === 'boolean') variables.set(name, String(value));
        else variables.delete(name);
      }
    },
    take: (names) => {
      for (const name of names) {
        const value = this.#host.variables.get(name);
        if (value !== undefined) this.#user.vars[name] = value;
      }
    },
  };
}
