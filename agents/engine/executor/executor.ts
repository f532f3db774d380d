import type { Clock } from '../../../core/clock.ts';
import type { ScenarioTime } from '../../../core/plan/load/split.ts';
import type { ParsedScenario } from '../../../core/plan/schema.ts';
import type { ScenarioWindow } from '../../../core/stats/window.ts';
import type { LoadSchedule } from '../schedule/load-schedule.ts';
import type { UserContext } from '../vu/user-context.ts';

/**
 * Executes one scenario in one agent by its load model. The caller calls `prepare`, then `run`, each once; the others at
 * any time in between. Times are microseconds.
 */
export interface Executor {
  /** Connects the virtual users that the load begins with, before any time is measured. @throws what a driver threw */
  prepare(): Promise<void>;
  /**
   * Generates the load. Resolves when the last operation has ended and every session is closed. A failure that ends the
   * load is reported at once through {@link ExecutorSetup.fail}.
   * @param startUs the scenario's start on the clock
   */
  run(startUs: number): Promise<void>;
  /**
   * Called when the schedule has changed.
   * @param fromUs when the change takes effect, since the scenario's start
   */
  revise(fromUs: number): void;
  /** Begins no new operations from now on. */
  stop(): void;
  /** Resolves when no new operation will begin: after {@link stop}, and at the end of the load. */
  readonly stopped: Promise<void>;
  /** Counts the operations in flight as failed and waits for them no longer. Called once, after {@link stop}. */
  abandon(): void;
  /** Closes the sessions that are still open, when the load was not run or not run to its end. Never rejects. */
  disconnect(): Promise<void>;
  /** The most virtual users alive (closed models) or busy (open models) at the same time since the last call. */
  takeVus(): number;
  /** Arrivals that were dropped since the last call. */
  takeDropped(): Pick<ScenarioWindow, 'droppedArrivals' | 'missedArrivals'>;
}

export interface ExecutorSetup<Scenario extends ParsedScenario = ParsedScenario> {
  readonly scenario: Scenario;
  readonly time: ScenarioTime;
  readonly schedule: LoadSchedule;
  /** The index, unique in the whole run, of the n-th virtual user of this scenario. */
  readonly userIndex: (n: number) => number;
  /** The first of two random streams that belong to the scenario and not to one of its users. */
  readonly stream: number;
  readonly context: UserContext;
  /** Called when the load cannot go on; stops the load of all scenarios. */
  readonly fail: (error: unknown) => void;
}

/** Connections opened at the same time: enough to be quick, too few to overflow a server's listen backlog. */
const MAX_CONNECTING = 100;

/**
 * Calls `act` for each of 0 … count − 1, at most {@link MAX_CONNECTING} at the same time. A driver may connect without waiting, so
 * they take turns with the rest of the process.
 * @throws what `act` threw first
 */
export async function forEachConcurrently(
  count: number,
  clock: Clock,
  act: (n: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const stretch = new Stretch(clock);
  const worker = async () => {
    while (next < count) {
      await act(next++);
      if (stretch.isLong()) await stretch.turn();
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, MAX_CONNECTING) }, worker));
}

/** How long what an executor does by itself may keep the event loop from all else, such as a signal to end. */
const MAX_TURN_US = 5_000;
/** Steps between two looks at the time. */
const LOOK_EVERY = 64;

/** Measures how long many small steps hold the event loop. */
export class Stretch {
  readonly #clock: Pick<Clock, 'nowUs' | 'soon'>;
  #fromUs: number;
  readonly #lookEvery: number;
  #steps = 0;
  #turn: Promise<void> | undefined;

  /** @param lookEvery 1 where a step may be long */
  constructor(clock: Pick<Clock, 'nowUs' | 'soon'>, lookEvery = LOOK_EVERY) {
    this.#clock = clock;
    this.#lookEvery = lookEvery;
    this.#fromUs = clock.nowUs();
  }

  /** Called after each step. @returns whether the next ones are to be done in another turn */
  isLong(): boolean {
    if (this.#turn !== undefined) return true;
    return ++this.#steps % this.#lookEvery === 0 && this.#clock.nowUs() - this.#fromUs >= MAX_TURN_US;
  }

  /** Resolves in the next turn of the event loop. */
  turn(): Promise<void> {
    this.#turn ??= new Promise((resolve) => {
      this.#clock.soon(() => {
        this.#turn = undefined;
        this.#fromUs = this.#clock.nowUs();
        resolve();
      });
    });
    return this.#turn;
  }
}
