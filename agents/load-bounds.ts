import { MAX_DURATION_US, MAX_RATE_PER_SECOND, MAX_VUS } from '../core/agent-limits.ts';
import type { Clock } from '../core/clock.ts';
import type { AgentChange } from '../core/plan/load/load-change.ts';
import { takesArrivals } from '../core/plan/load/load-model.ts';
import { mostVus, ownedCount, plannedDurationUs, type Share } from '../core/plan/load/split.ts';
import type { ParsedPlan, ParsedScenario } from '../core/plan/schema.ts';
import type { LoadLevel } from '../proto/gen/bench/v1/agent_pb.ts';
import { WireError } from '../proto/window-codec.ts';
import { Stretch } from './engine/executor/executor.ts';

/** Control gives the start some seconds before it, or to an agent that comes later, while the load lasts. */
const START_MARGIN_US = 3600e6;

/**
 * What control may ask of an agent in one run, by its plan. A control that asks for more is not an honest one, or has a fault: the
 * agent then says so, and does not run out of memory or time. Each method throws a {@link WireError} for it.
 */
export class LoadBounds {
  readonly #plan: ParsedPlan;
  readonly #scenarios: readonly ParsedScenario[];
  /** By scenario, the most virtual users so far, of all agents together. */
  readonly #mostVus: number[];
  #share: Share;

  constructor(plan: ParsedPlan, share: Share) {
    this.#plan = plan;
    this.#scenarios = Object.values(plan.scenarios);
    this.#mostVus = this.#scenarios.map(mostVus);
    this.#share = share;
    this.#checkVus();
  }

  /** How many virtual users the agent may have at the same time. */
  get vus(): number {
    return this.#mostVus.reduce((sum, most) => sum + ownedCount(most, this.#share), 0);
  }

  /** @param lateUs how long ago the start is, in microseconds; negative when it is still to come */
  checkStart(lateUs: number): void {
    const lastsUs = Math.min(MAX_DURATION_US, plannedDurationUs(this.#plan));
    if (lateUs >= -START_MARGIN_US && lateUs <= lastsUs + START_MARGIN_US) return;
    const seconds = Math.round(Math.abs(lateUs) / 1e6);
    throw new WireError(
      lateUs < 0
        ? `start.at_agent_us is in ${seconds} s`
        : `start.at_agent_us is ${seconds} s ago, and the load lasts ${Math.round(lastsUs / 1e6)} s`,
    );
  }

  checkLevel({ scenario, from, to }: Pick<LoadLevel, 'scenario' | 'from' | 'to'>): void {
    this.#checkScenario(scenario, Math.max(from, to));
  }

  checkChange(change: AgentChange): void {
    if (change.kind === 'share') this.#share = change.share;
    else if (change.kind === 'level') {
      const { scenario, level } = change;
      this.#checkScenario(scenario, level);
      if (!takesArrivals(this.#scenarios[scenario] as ParsedScenario))
        this.#mostVus[scenario] = Math.max(this.#mostVus[scenario] as number, level);
    }
    this.#checkVus();
  }

  /** Checks those that have come, and those that come meanwhile. With many scenarios each takes a while, so others have turns. */
  async checkChanges(changes: Iterable<AgentChange>, clock: Clock): Promise<void> {
    const stretch = new Stretch(clock, 1);
    for (const change of changes) {
      this.checkChange(change);
      if (stretch.isLong()) await stretch.turn();
    }
  }

  #checkScenario(index: number, level: number): void {
    const scenario = this.#scenarios[index];
    if (scenario === undefined)
      throw new WireError(`there is a level of scenario ${index}, but the plan has ${this.#scenarios.length}`);
    const most = takesArrivals(scenario) ? MAX_RATE_PER_SECOND : MAX_VUS;
    if (level > most) throw new WireError(`the level of scenario ${index} is ${level}: it must be at most ${most}`);
  }

  #checkVus(): void {
    const { vus } = this;
    if (vus <= MAX_VUS) return;
    throw new WireError(
      `this agent is to have ${vus} virtual users, and one agent has at most ${MAX_VUS}: use more agents`,
    );
  }
}
