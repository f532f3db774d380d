import type { ParsedPlan, ParsedScenario } from '../schema.ts';
import { takesArrivals } from './load-model.ts';
import { type LoadProfile, levelAt, loadProfile, type Segment } from './profile.ts';
import { type Share, scenarioTime } from './split.ts';

/** A change of the load that a person ordered while it runs, for all agents together. Times count from the run's start. */
export type LoadChange =
  | LevelChange
  /** No operation begins until the load is resumed. The run still ends when it would have ended. */
  | { readonly kind: 'pause'; readonly atUs: number }
  | { readonly kind: 'resume'; readonly atUs: number };

/** The scenario goes to this level and stays there until its end. */
export interface LevelChange {
  readonly kind: 'level';
  readonly atUs: number;
  readonly scenario: number;
  readonly level: number;
  /** How long it takes to get there, in a straight line; at once without it. */
  readonly rampUs?: number | undefined;
}

/** A change as it is sent to one agent. */
export type AgentChange = LoadChange | { readonly kind: 'share'; readonly atUs: number; readonly share: Share };

/** A period without load; `toUs` is infinite until the load is resumed. */
export interface Pause {
  readonly fromUs: number;
  readonly toUs: number;
}

export function pausesOf(changes: readonly LoadChange[]): Pause[] {
  const pauses: Pause[] = [];
  for (const { kind, atUs } of changes) {
    const last = pauses.at(-1);
    const isPaused = last !== undefined && last.toUs === Number.POSITIVE_INFINITY;
    if (kind === 'pause' && !isPaused) pauses.push({ fromUs: atUs, toUs: Number.POSITIVE_INFINITY });
    if (kind === 'resume' && isPaused) pauses[pauses.length - 1] = { fromUs: last.fromUs, toUs: atUs };
  }
  return pauses;
}

/**
 * A scenario's planned load with all changes since; its duration stays the same.
 * @param startUs start of the scenario, counted from the run's start
 */
export function changedProfile(
  planned: LoadProfile,
  changes: readonly LoadChange[],
  scenario: number,
  startUs: number,
): LoadProfile {
  let segments = planned.segments;
  for (const change of changes) {
    if (change.kind !== 'level' || change.scenario !== scenario) continue;
    const { level, rampUs = 0 } = change;
    const fromUs = change.atUs - startUs;
    const from = levelAt(profileOf(segments, planned.durationUs), Math.max(0, fromUs));
    segments = replaced(segments, fromUs, fromUs + rampUs, { from, to: level });
    segments = replaced(segments, fromUs + rampUs, planned.durationUs, { from: level, to: level });
  }
  return profileOf(segments, planned.durationUs);
}

const NONE = { from: 0, to: 0 };

/** Arrivals per second, with none during the pauses. Times count from the scenario's start. */
export function withPauses(profile: LoadProfile, pauses: readonly Pause[]): LoadProfile {
  if (pauses.length === 0) return profile;
  const inOrder = pauses.toSorted((a, b) => a.fromUs - b.fromUs);
  const segments: Segment[] = [];
  let startUs = 0;
  let first = 0;
  for (const segment of profile.segments) {
    const endUs = startUs + segment.durationUs;
    while ((inOrder[first]?.toUs ?? Number.POSITIVE_INFINITY) <= startUs) first++;
    let atUs = startUs;
    for (let i = first; atUs < endUs; i++) {
      const { fromUs, toUs } = inOrder[i] ?? { fromUs: endUs, toUs: endUs };
      const pausedUs = Math.min(endUs, Math.max(atUs, fromUs));
      const resumedUs = Math.min(endUs, Math.max(pausedUs, toUs));
      const before = piece(segment, startUs, atUs, pausedUs);
      if (before !== undefined) segments.push(before);
      if (resumedUs > pausedUs) segments.push({ durationUs: resumedUs - pausedUs, ...NONE });
      atUs = resumedUs;
    }
    startUs = endUs;
  }
  return profileOf(segments, profile.durationUs);
}

/**
 * What a scenario whose load the plan knows is to have at this time: virtual users, which stay during pauses, or arrivals per second.
 * @param index of the scenario in the plan
 * @param changes since the run start, by operators
 * @param elapsedUs since the run start
 */
export function wantedLevel(
  plan: ParsedPlan,
  index: number,
  changes: readonly LoadChange[],
  elapsedUs: number,
): number {
  const scenario = Object.values(plan.scenarios)[index] as ParsedScenario;
  const { startUs, warmupUs } = scenarioTime(plan, scenario);
  const changed = changedProfile(loadProfile(scenario, warmupUs), changes, index, startUs);
  const sinceStart = pausesOf(changes).map(({ fromUs, toUs }) => ({ fromUs: fromUs - startUs, toUs: toUs - startUs }));
  return levelAt(takesArrivals(scenario) ? withPauses(changed, sinceStart) : changed, elapsedUs - startUs);
}

/** The segments with a line from one level to another between the two times. */
function replaced(
  segments: readonly Segment[],
  fromUs: number,
  toUs: number,
  { from, to }: Pick<Segment, 'from' | 'to'>,
): readonly Segment[] {
  const endUs = segments.reduce((sum, { durationUs }) => sum + durationUs, 0);
  const line = { durationUs: toUs - fromUs, from, to };
  const within = piece(line, fromUs, Math.max(0, fromUs), Math.min(toUs, endUs));
  return [...kept(segments, 0, fromUs), ...(within ? [within] : []), ...kept(segments, toUs, endUs)];
}

/** What the segments are between the two times. */
function kept(segments: readonly Segment[], fromUs: number, toUs: number): readonly Segment[] {
  let startUs = 0;
  return segments.flatMap((segment) => {
    const endUs = startUs + segment.durationUs;
    const part = piece(segment, startUs, Math.max(startUs, fromUs), Math.min(endUs, toUs));
    startUs = endUs;
    return part ? [part] : [];
  });
}

function piece({ durationUs, from, to }: Segment, startUs: number, aUs: number, bUs: number): Segment | undefined {
  if (bUs <= aUs) return undefined;
  const levelAt = (us: number) => from + ((to - from) * (us - startUs)) / durationUs;
  return { durationUs: bUs - aUs, from: levelAt(aUs), to: levelAt(bUs) };
}

function profileOf(segments: readonly Segment[], durationUs: number): LoadProfile {
  return { segments, durationUs, peak: segments.reduce((peak, { from, to }) => Math.max(peak, from, to), 0) };
}
