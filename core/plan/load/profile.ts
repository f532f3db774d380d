import type { ParsedScenario } from '../schema.ts';
import { highestLevel } from './load-model.ts';

/** The level (virtual users, or arrivals per second) changes evenly from `from` to `to`. */
export interface Segment {
  readonly durationUs: number;
  readonly from: number;
  readonly to: number;
}

/** A piecewise linear level over time, counted from the scenario's start. */
export interface LoadProfile {
  readonly segments: readonly Segment[];
  readonly durationUs: number;
  /** The highest level in the profile. */
  readonly peak: number;
}

/**
 * The load that a scenario asks for, as virtual users or arrivals per second.
 * A warm-up precedes the load's own time and runs at its starting level. The load of a shape or of a search is known only while it runs;
 * for these this is the highest load that it may reach.
 *
 * @param warmupUs 0 when the scenario has none
 */
export function loadProfile(scenario: ParsedScenario, warmupUs: number): LoadProfile {
  switch (scenario.executor) {
    case 'constant-vus': {
      const totalUs = warmupUs + scenario.duration;
      return profileOf(
        scenario.spawnRate === undefined
          ? [hold(scenario.vus, totalUs)]
          : reach(0, scenario.vus, scenario.spawnRate, totalUs),
      );
    }
    case 'ramping-vus':
      return profileOf([
        hold(scenario.startVus, warmupUs),
        ...ramp(scenario.startVus, scenario.stages, (from, stage) =>
          stage.spawnRate === undefined
            ? [{ durationUs: stage.duration, from, to: stage.target }]
            : reach(from, stage.target, stage.spawnRate, stage.duration),
        ),
      ]);
    case 'constant-arrival-rate':
      return profileOf([hold(scenario.rate, warmupUs + scenario.duration)]);
    case 'ramping-arrival-rate':
      return profileOf([
        hold(scenario.startRate, warmupUs),
        ...ramp(scenario.startRate, scenario.stages, (from, stage) => [
          { durationUs: stage.duration, from, to: stage.target },
        ]),
      ]);
    case 'shape':
      return profileOf([hold(scenario.maxVus, warmupUs + (scenario.maxDuration ?? DEFAULT_MAX_DURATION_US))]);
    case 'find-max': {
      const longestUs = warmupUs + (scenario.maxDuration ?? DEFAULT_SEARCH_US);
      return profileOf([hold(highestLevel(scenario), longestUs)]);
    }
    case 'shared-iterations':
    case 'per-vu-iterations':
      return profileOf([hold(scenario.vus, warmupUs + (scenario.maxDuration ?? DEFAULT_MAX_DURATION_US))]);
  }
}

const DEFAULT_MAX_DURATION_US = 600e6;
/** How long a search may take where the plan does not say. */
export const DEFAULT_SEARCH_US = 3600e6;

/** The level at this time: 0 before the start and after the end, and at a jump the level after it. */
export function levelAt(profile: LoadProfile, elapsedUs: number): number {
  if (elapsedUs < 0 || elapsedUs >= profile.durationUs) return 0;
  let startUs = 0;
  for (const { durationUs, from, to } of profile.segments) {
    if (elapsedUs < startUs + durationUs) return from + ((to - from) * (elapsedUs - startUs)) / durationUs;
    startUs += durationUs;
  }
  return 0;
}

/**
 * The times of a profile's arrivals. The returned function tells when the number of arrivals, which is the integral of the
 * rate and a real number, reaches a given number: in microseconds from the scenario's start, or undefined when the profile
 * ends before. The number must not fall from call to call; so a long profile costs no more than a short one, and a profile
 * that grows may be asked again.
 */
export function arrivalTimes(profile: LoadProfile): (arrivals: number) => number | undefined {
  let at = 0;
  let startUs = 0;
  let before = 0;
  return (arrivals) => {
    for (; at < profile.segments.length; at++) {
      const { durationUs, from, to } = profile.segments[at] as Segment;
      const inSegment = ((from + to) / 2) * (durationUs / 1e6);
      const rest = arrivals - before;
      if (rest < inSegment) {
        // This solves from·t + slope·t²/2 = rest in the form that stays exact for a small slope.
        const slope = (to - from) / (durationUs / 1e6);
        const root = Math.sqrt(Math.max(0, from * from + 2 * slope * rest));
        return startUs + (rest === 0 && from === 0 ? 0 : (2 * rest) / (from + root)) * 1e6;
      }
      before += inSegment;
      startUs += durationUs;
    }
    return undefined;
  };
}

/** The number of arrivals before this time: the integral of the rate, a real number. */
export function arrivalsBefore(profile: LoadProfile, elapsedUs: number): number {
  let arrivals = 0;
  let leftUs = elapsedUs;
  for (const { durationUs, from, to } of profile.segments) {
    if (leftUs <= 0) break;
    const us = Math.min(leftUs, durationUs);
    const reached = from + ((to - from) * us) / durationUs;
    arrivals += ((from + reached) / 2) * (us / 1e6);
    leftUs -= durationUs;
  }
  return arrivals;
}

function hold(level: number, durationUs: number): Segment {
  return { durationUs, from: level, to: level };
}

/** Moves towards a level at a given speed and then holds it, like Locust's spawn rate. */
function reach(from: number, to: number, perSecond: number, durationUs: number): Segment[] {
  const neededUs = (Math.abs(to - from) / perSecond) * 1e6;
  if (neededUs <= durationUs) return [{ durationUs: neededUs, from, to }, hold(to, durationUs - neededUs)];
  const reached = from + Math.sign(to - from) * perSecond * (durationUs / 1e6);
  return [{ durationUs, from, to: reached }];
}

function ramp<Stage extends { target: number; duration: number }>(
  start: number,
  stages: readonly Stage[],
  segmentsOf: (from: number, stage: Stage) => Segment[],
): Segment[] {
  const segments: Segment[] = [];
  let level = start;
  for (const stage of stages) {
    const added = segmentsOf(level, stage);
    segments.push(...added);
    level = added.at(-1)?.to ?? level;
  }
  return segments;
}

/** Drops segments without duration: they are jumps, and the next segment starts at their end. */
function profileOf(segments: readonly Segment[]): LoadProfile {
  const lasting = segments.filter(({ durationUs }) => durationUs > 0);
  return {
    segments: lasting,
    durationUs: lasting.reduce((sum, { durationUs }) => sum + durationUs, 0),
    peak: lasting.reduce((peak, { from, to }) => Math.max(peak, from, to), 0),
  };
}
