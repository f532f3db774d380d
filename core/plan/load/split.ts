import type { ParsedPlan, ParsedScenario } from '../schema.ts';
import { highestLevel } from './load-model.ts';
import { loadProfile } from './profile.ts';

/**
 * An agent's share of a run: the virtual users and arrivals whose index modulo `of` is one of `slots`. The shares of all
 * agents interleave exactly and add up to the whole, whatever the number of agents, and a slot can move from one agent to
 * another while all others keep theirs.
 */
export interface Share {
  /** How many slots there are in the whole run. */
  readonly of: number;
  /** In rising order; an agent without slots has no load. */
  readonly slots: readonly number[];
}

/** The share of agent `index`, if all agents have equal shares. */
export function equalShare(index: number, agents: number): Share {
  return { of: agents, slots: [index] };
}

/** All scenarios of a run have the same share. */
const ownerships = new WeakMap<Share, (index: number) => boolean>();

/** Returns a function that tells whether an index belongs to the share. */
export function ownership(share: Share): (index: number) => boolean {
  const owns = ownerships.get(share) ?? ownershipOf(share);
  ownerships.set(share, owns);
  return owns;
}

function ownershipOf({ of, slots }: Share): (index: number) => boolean {
  if (slots.length === 0) return () => false;
  if (slots.length === of) return () => true;
  if (slots.length === 1) return (index) => index % of === slots[0];
  const owned = new Uint8Array(of);
  for (const slot of slots) owned[slot] = 1;
  return (index) => owned[index % of] === 1;
}

/** How many of the indices 0 … total − 1 belong to this share. */
export function ownedCount(total: number, { of, slots }: Share): number {
  return slots.reduce((sum, slot) => sum + Math.max(0, Math.ceil((total - slot) / of)), 0);
}

/** The indices among 0 … total − 1 that belong to this share, in rising order. */
export function ownedBelow(total: number, share: Share): number[] {
  const owned: number[] = [];
  for (let base = 0; base < total; base += share.of) {
    for (const slot of share.slots) if (base + slot < total) owned.push(base + slot);
  }
  return owned;
}

/** The highest number of virtual users that a scenario may have at the same time, on all agents together. */
export function mostVus(scenario: ParsedScenario): number {
  if (scenario.executor === 'find-max' && scenario.of === 'vus') return highestLevel(scenario);
  if ('maxVus' in scenario) return scenario.maxVus;
  return 'vus' in scenario ? scenario.vus : Math.ceil(loadProfile(scenario, 0).peak);
}

/** When a scenario's load begins and ends, in microseconds from the run's start. The graceful stop follows its end. */
export interface ScenarioTime {
  /** When the load begins, with the warm-up if there is one. */
  readonly startUs: number;
  /** 0 when the scenario does not take part in the warm-up. */
  readonly warmupUs: number;
  readonly endUs: number;
  readonly gracefulStopUs: number;
}

const DEFAULT_GRACEFUL_STOP_US = 30e6;

/** A scenario that starts with the run takes part in the warm-up; one with an offset starts that long after it. */
export function scenarioTime(plan: ParsedPlan, scenario: ParsedScenario): ScenarioTime {
  const offsetUs = scenario.startTime ?? 0;
  const planWarmupUs = plan.warmup ?? 0;
  const warmupUs = offsetUs === 0 ? planWarmupUs : 0;
  const startUs = offsetUs === 0 ? 0 : planWarmupUs + offsetUs;
  return {
    startUs,
    warmupUs,
    endUs: startUs + loadProfile(scenario, warmupUs).durationUs,
    gracefulStopUs: scenario.gracefulStop ?? DEFAULT_GRACEFUL_STOP_US,
  };
}

/** When the last scenario's load ends, in microseconds from the run's start. */
export function plannedDurationUs(plan: ParsedPlan): number {
  return Math.max(...Object.values(plan.scenarios).map((scenario) => scenarioTime(plan, scenario).endUs));
}
