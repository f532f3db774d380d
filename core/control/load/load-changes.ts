import { type LoadChange, pausesOf } from '../../plan/load/load-change.ts';
import { takesArrivals } from '../../plan/load/load-model.ts';
import { formatDuration } from '../../text/duration.ts';
import type { RunSpec } from '../run/run-spec.ts';
import type { LoadAssignment } from './load-assignment.ts';
import { LoadChangeError, type LoadChangeRequest, requestedChange } from './load-change-request.ts';
import type { RunAgent } from './run-agent.ts';

/** A load that can be changed while it runs. */
export interface ChangeableLoad {
  readonly spec: Pick<RunSpec, 'plan' | 'plannedUs'>;
  /** The agents of the start first; others are added while the load runs. */
  readonly agents: readonly RunAgent[];
  /** The earliest time that a message sent now reaches every agent before, since the run start. */
  readonly nextUs: () => number;
  /** Puts an event into the result. @param atUs since the run start */
  readonly record: (text: string, atUs: number) => void;
}

/** What operators change of the load while it runs: its level, and whether it is paused. */
export class LoadChanges {
  readonly #load: ChangeableLoad;
  readonly #requested: LoadChange[];

  /** @param requested the changes that operators had another control process make; the agents have theirs already */
  constructor(load: ChangeableLoad, requested: readonly LoadChange[]) {
    this.#load = load;
    this.#requested = [...requested];
  }

  /** Load changes requested by operators, in order. */
  get requested(): readonly LoadChange[] {
    return this.#requested;
  }

  /**
   * Carries out what an operator asks for.
   * @returns when it takes effect, since the run start
   * @throws {LoadChangeError} when the plan's load cannot be changed like this
   */
  request(request: LoadChangeRequest): number {
    const { spec, agents, nextUs, record } = this.#load;
    const atUs = nextUs();
    if (atUs >= spec.plannedUs) throw new LoadChangeError('its load is about to end');
    const change = requestedChange(request, spec.plan, this.#requested, atUs);
    this.#requested.push(change);
    for (const agent of agents) agent.load.send(change);
    record(this.#sentenceOf(change), atUs);
    return atUs;
  }

  /** Sends an agent that is new in the run all changes from before it came. */
  sendAll(load: LoadAssignment): void {
    if (load.changes.length === 0) for (const change of this.#requested) load.send(change);
  }

  #sentenceOf(change: LoadChange): string {
    if (change.kind === 'pause') return 'the load is paused';
    if (change.kind === 'resume') {
      const pausedUs = change.atUs - (pausesOf(this.#requested).at(-1)?.fromUs ?? change.atUs);
      return `the load is resumed after ${formatDuration(Math.round(pausedUs / 1000) * 1000)}`;
    }
    const [name, scenario] = Object.entries(this.#load.spec.plan.scenarios)[change.scenario] ?? ['', undefined];
    const unit = scenario !== undefined && takesArrivals(scenario) ? 'arrivals per second' : 'virtual users';
    const within = change.rampUs === undefined ? '' : ` within ${formatDuration(change.rampUs)}`;
    return `the load of scenario ${name} goes to ${change.level} ${unit}${within}`;
  }
}
