import { formatDuration } from '../text/duration.ts';
import type { FlowPause, ParsedFlow, ParsedStep } from './flow.ts';
import { countsIterations } from './load/load-model.ts';
import { scenarioTime } from './load/split.ts';
import type { PlanProblem } from './problem.ts';
import type { ParsedPlan } from './schema.ts';

/** Which passes through a flow are meant. In all of them, what is polled comes at once. */
interface Passes {
  /** Whether steps are done that are under a condition. */
  readonly meetConditions: boolean;
  /** What the branches of a choice come to. */
  readonly chosen: (branches: readonly { readonly weight: number; readonly us: number }[]) => number;
}

/** Those that do as little as they may. */
const SHORT: Passes = {
  meetConditions: false,
  chosen: (branches) => {
    const total = branches.reduce((sum, { weight }) => sum + weight, 0);
    return branches.reduce((sum, { weight, us }) => sum + (weight / total) * us, 0);
  },
};

/** Those that take the way with most pauses. */
const LONG: Passes = { meetConditions: true, chosen: (branches) => Math.max(...branches.map(({ us }) => us)) };

/** How long a pause is on average, in microseconds. */
export function meanPauseUs(pause: FlowPause): number {
  if (typeof pause === 'number') return pause;
  return 'uniform' in pause ? (pause.uniform[0] + pause.uniform[1]) / 2 : pause.exponential;
}

/** How long a pass pauses on average at the least, in microseconds. */
export function shortPassUs(flow: ParsedFlow): number {
  return pausesUs(flow, SHORT);
}

/**
 * Journeys whose passes pause for longer than the graceful stop, on average on their longest way: at the end of the load those
 * under way are cut off. A scenario that ends after a number of iterations ends between passes.
 */
export function longPasses(plan: ParsedPlan): PlanProblem[] {
  return Object.entries(plan.scenarios).flatMap(([name, scenario]) => {
    if (scenario.flow === undefined || countsIterations(scenario)) return [];
    const { gracefulStopUs } = scenarioTime(plan, scenario);
    const us = Math.round(pausesUs(scenario.flow, LONG));
    if (us <= gracefulStopUs) return [];
    const message = `the pauses of a pass can take ${formatDuration(us)}, and gracefulStop is ${formatDuration(gracefulStopUs)}: passes under way at the end of the load are then cut off and count as failed; give the scenario a gracefulStop longer than a pass`;
    return [{ path: `scenarios.${name}`, message }];
  });
}

function pausesUs(flow: ParsedFlow, passes: Passes): number {
  return flow
    .filter(({ when }) => passes.meetConditions || when === undefined)
    .reduce((sum, step) => sum + stepUs(step, passes), 0);
}

function stepUs(step: ParsedStep, passes: Passes): number {
  switch (step.kind) {
    case 'operation':
      return 0;
    case 'pause':
      return meanPauseUs(step.pause);
    case 'choose':
      return passes.chosen(step.branches.map(({ weight, flow }) => ({ weight, us: pausesUs(flow, passes) })));
    case 'repeat':
      return (step.until === undefined ? step.times : 1) * pausesUs(step.flow, passes);
  }
}
