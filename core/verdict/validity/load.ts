import { takesArrivals } from '../../plan/load-model.ts';
import type { ParsedPlan, ParsedScenario } from '../../plan/schema.ts';
import { type Evidence, type Finding, finding, onlyNullDriver } from './finding.ts';

/** More dropped arrivals than this, and the load was another than the planned one. */
const DROPPED_SHARE_LIMIT = 0.01;
const FULL_HOST_SHARE = 0.95;
/** Little's law is exact, what is known of both sides is not: VUs are counted once a second, think times by their mean. */
const LITTLE_TOLERANCE = 0.15;
/** Time a virtual user may spend on connecting and closing, outside its operations. */
const CONNECTING_US = 500_000;
/** A pause may end this much late and still count as a pause (agents/engine/vu/virtual-user.ts). */
const TIMER_LATENESS_US = 2_000;
/** With less time of virtual users than this, the edges outweigh the rest. */
const MIN_VU_US = 5e6;

export function samples({ draft: { operations } }: Evidence): Finding {
  const requests = operations.reduce((sum, { phases }) => sum + phases.measure.requests, 0);
  return finding('samples', requests > 0, requests > 0 ? 'ok' : 'fail', { requests });
}

/** A host with a full processor does not give an agent its time; on one that the target shares, nobody knows who waits. */
export function isHostFull({ agents }: Evidence['draft']): boolean {
  return agents.some(({ hostCpuShare }) => hostCpuShare.mean >= FULL_HOST_SHARE);
}

/**
 * Arrivals are dropped when all virtual users are busy. With a generator that keeps up, they are busy waiting for the
 * target: that is the target's failure (and the criterion `dropped_rate`), not the measurement's. Where the generator
 * did not keep up, nobody can say whose the dropped arrivals are; and without a target they are the generator's. Those
 * that an agent heard of too late are no target's.
 *
 * @param generatorKeptUp whether the generator, as far as is known, had capacity to spare
 */
export function droppedArrivals(
  { draft: { operations, scenarios, timeline } }: Evidence,
  generatorKeptUp: boolean,
): Finding {
  const name = 'dropped-arrivals';
  const dropped = sum(timeline.droppedArrivals);
  const requests = operations.reduce((all, { phases }) => all + phases.warmup.requests + phases.measure.requests, 0);
  const share = dropped === 0 ? 0 : dropped / (dropped + requests);
  const params = { dropped, share, limit: DROPPED_SHARE_LIMIT };
  if (dropped === 0) return finding(name, true, 'none', {});
  if (share <= DROPPED_SHARE_LIMIT) return finding(name, true, 'few', params);
  const missed = sum(scenarios.map(({ missedArrivals = 0 }) => missedArrivals));
  if (missed / (dropped + requests) > DROPPED_SHARE_LIMIT) return finding(name, false, 'missed', { ...params, missed });
  return generatorKeptUp ? finding(name, true, 'target', params) : finding(name, false, 'fail', params);
}

/**
 * Little's law as a balance of time: every moment that a virtual user is alive, it is in an operation or thinks.
 *
 *     time of virtual users alive = sum of response times + operations × mean think time
 *
 * The left side comes from counting virtual users, the right one from the samples: samples that are missing, doubled
 * or mistimed make the two differ. Over the whole run, since an operation's time counts where it ended. Of each second
 * the most virtual users at once are known: the lower of its count and the one before is taken for the fewest.
 * Where the idle time is not known (arrival rates, pacing), only "not more work than virtual users" can be asked; and
 * nothing of the `null` driver, whose virtual users wait for their turn at the processor.
 *
 * Source: J. D. C. Little, "A Proof for the Queuing Formula: L = λW", Operations Research 9 (1961).
 */
export function littlesLaw({ draft, plan }: Evidence): Finding {
  const name = 'littles-law';
  const { vus } = draft.timeline;
  const leastUs = 1e6 * sum(vus.map((count, second) => Math.min(count, vus[second - 1] ?? 0)));
  const mostUs = 1e6 * sum(vus.map((count, second) => Math.max(count, vus[second - 1] ?? 0)));
  const isWhole = draft.agents.every(({ closingTotals }) => closingTotals === 'agree');
  if (mostUs < MIN_VU_US || !isWhole || onlyNullDriver(draft, plan)) return finding(name, true, 'skipped', {});

  const edgesUs = CONNECTING_US * sum(draft.scenarios.map(({ maxVus }) => maxVus));
  const thinking = thinkTime(draft, plan);
  const workUs = sum(
    draft.operations.map(({ phases: { warmup, measure } }) =>
      thinking === undefined
        ? warmup.serviceTime.sumUs + measure.serviceTime.sumUs
        : warmup.responseTime.sumUs + measure.responseTime.sumUs,
    ),
  );
  const params = { aliveUs: mostUs, workUs, thinkUs: thinking?.totalUs ?? 0, tolerance: LITTLE_TOLERANCE };
  const isTooMuch = workUs + (thinking?.leastUs ?? 0) > mostUs * (1 + LITTLE_TOLERANCE) + edgesUs;
  if (isTooMuch) return finding(name, false, 'too-much', params);
  if (thinking === undefined) return finding(name, true, 'bounded', params);
  const isTooLittle = workUs + thinking.mostUs < leastUs * (1 - LITTLE_TOLERANCE) - edgesUs;
  return finding(name, !isTooLittle, isTooLittle ? 'too-little' : 'ok', params);
}

interface ThinkTime {
  readonly totalUs: number;
  readonly leastUs: number;
  readonly mostUs: number;
}

/** Of all virtual users together; undefined where the plan does not determine it. */
function thinkTime(draft: Evidence['draft'], plan: ParsedPlan): ThinkTime | undefined {
  let totalUs = 0;
  let cutOffUs = 0;
  let variance = 0;
  let pauses = 0;
  // In a pause virtual users are alive and wait.
  if (draft.loadChanges.some(({ kind }) => kind === 'pause')) return undefined;
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    const think = pauseOf(scenario);
    if (think === undefined) return undefined;
    const operations = draft.operations.filter((operation) => operation.scenario === name);
    const requests = sum(operations.map(({ phases }) => phases.warmup.requests + phases.measure.requests));
    totalUs += requests * think.meanUs;
    if (think.meanUs > 0) pauses += requests;
    variance += requests * think.deviationUs ** 2;
    // The end of the load cuts off each virtual user's last pause.
    cutOffUs += (draft.scenarios.find((result) => result.name === name)?.maxVus ?? 0) * think.meanUs;
  }
  const spreadUs = 3 * Math.sqrt(variance);
  return { totalUs, leastUs: totalUs - cutOffUs - spreadUs, mostUs: totalUs + spreadUs + pauses * TIMER_LATENESS_US };
}

/** Mean and standard deviation of the pause after an operation; undefined where the operation's own time decides. */
function pauseOf(scenario: ParsedScenario): { meanUs: number; deviationUs: number } | undefined {
  if (takesArrivals(scenario)) return undefined;
  const think = 'thinkTime' in scenario ? scenario.thinkTime : undefined;
  if (think === undefined) return { meanUs: 0, deviationUs: 0 };
  if (typeof think === 'number') return { meanUs: think, deviationUs: 0 };
  if ('exponential' in think) return { meanUs: think.exponential, deviationUs: think.exponential };
  if ('pacing' in think) return undefined;
  const [leastUs, mostUs] = think.uniform;
  return { meanUs: (leastUs + mostUs) / 2, deviationUs: (mostUs - leastUs) / Math.sqrt(12) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
