import { takesArrivals } from '../../plan/load/load-model.ts';
import type { ParsedPlan, ParsedScenario } from '../../plan/schema.ts';
import { iterationRows } from '../measured.ts';
import { agentHosts, FULL_HOST_SHARE } from './cause.ts';
import { type Evidence, type Finding, finding, onlyNullDriver } from './finding.ts';

/** With more dropped arrivals than this, the load was not the planned one. */
const DROPPED_SHARE_LIMIT = 0.01;
/** Little's law is exact, but its two sides are estimated: VUs once a second, think times by their mean. */
const LITTLE_TOLERANCE = 0.15;
/** Time that a virtual user may spend outside its operations, to connect and to close. */
const CONNECTING_US = 500_000;
/** A pause may end this much late and still count as a pause (agents/engine/vu/virtual-user.ts). */
const TIMER_LATENESS_US = 2_000;
/** With less time of virtual users than this, start and end outweigh the rest. */
const MIN_VU_US = 5e6;

export function samples({ draft: { operations } }: Evidence): Finding {
  const requests = operations.reduce((sum, { phases }) => sum + phases.measure.requests, 0);
  return finding('samples', requests > 0, requests > 0 ? 'ok' : 'fail', { requests });
}

/**
 * Whether an agent's host had no CPU time left, over at least two samples. The agent then does not get its time, and if the
 * target runs there too, nobody can tell which of the two waits.
 */
export function isHostFull({ draft: { agents }, measuredSeconds }: Evidence): boolean {
  return measuredSeconds.length > 1 && agentHosts(agents).some(({ hostShare }) => hostShare >= FULL_HOST_SHARE);
}

/**
 * Arrivals are dropped when all virtual users are busy. If the generator keeps up, they are busy waiting for the target:
 * that is a failure of the target (and of the criterion `dropped_rate`), not of the measurement. If the generator did not
 * keep up, nobody can say who caused it, and without a target it was the generator. Arrivals that an agent heard of too late
 * are never the target's.
 *
 * @param generatorKeptUp whether the generator had capacity to spare, as far as is known
 */
export function droppedArrivals({ draft }: Evidence, generatorKeptUp: boolean): Finding {
  const name = 'dropped-arrivals';
  const { scenarios, timeline } = draft;
  const dropped = sum(timeline.droppedArrivals);
  const requests = sum(iterationRows(draft).map(({ phases }) => phases.warmup.requests + phases.measure.requests));
  const share = dropped === 0 ? 0 : dropped / (dropped + requests);
  const params = { dropped, share, limit: DROPPED_SHARE_LIMIT };
  if (dropped === 0) return finding(name, true, 'none', {});
  if (share <= DROPPED_SHARE_LIMIT) return finding(name, true, 'few', params);
  const missed = sum(scenarios.map(({ missedArrivals = 0 }) => missedArrivals));
  if (missed / (dropped + requests) > DROPPED_SHARE_LIMIT) return finding(name, false, 'missed', { ...params, missed });
  return generatorKeptUp ? finding(name, true, 'target', params) : finding(name, false, 'fail', params);
}

/**
 * Little's law as a balance of time: at every moment, a virtual user that is alive is in an operation or thinks.
 *
 *     time of virtual users alive = sum of response times + operations × mean think time
 *
 * The left side comes from counting virtual users, the right side from the samples, so samples that are missing, counted
 * twice or timed wrongly make the two differ. The balance is taken over the whole run, because the time of an operation
 * counts where it ended. Only the highest number of virtual users of each second is known; the smaller of that of a second
 * and of the one before is taken as the lowest. Where the idle time is unknown (arrival rates, pacing), the check only asks
 * that there is not more work than time. The `null` driver is not checked: its virtual users wait for their turn at the CPU.
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
    iterationRows(draft).map(({ phases: { warmup, measure } }) =>
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

/** The think time of all virtual users together; undefined where the plan does not determine it. */
function thinkTime(draft: Evidence['draft'], plan: ParsedPlan): ThinkTime | undefined {
  let totalUs = 0;
  let cutOffUs = 0;
  let variance = 0;
  let pauses = 0;
  // During a pause virtual users are alive and wait, for an unknown time.
  if (draft.loadChanges.some(({ kind }) => kind === 'pause')) return undefined;
  for (const [name, scenario] of Object.entries(plan.scenarios)) {
    // Steps at the start and at the end take time that no iteration has.
    if (scenario.onStart !== undefined || scenario.onStop !== undefined) return undefined;
    const think = pauseOf(scenario);
    if (think === undefined) return undefined;
    const rows = iterationRows(draft).filter(({ scenario }) => scenario === name);
    const requests = sum(rows.map(({ phases }) => phases.warmup.requests + phases.measure.requests));
    totalUs += requests * think.meanUs;
    if (think.meanUs > 0) pauses += requests;
    variance += requests * think.deviationUs ** 2;
    // The end of the load cuts off the last pause of each virtual user.
    cutOffUs += (draft.scenarios.find((result) => result.name === name)?.maxVus ?? 0) * think.meanUs;
  }
  const spreadUs = 3 * Math.sqrt(variance);
  return { totalUs, leastUs: totalUs - cutOffUs - spreadUs, mostUs: totalUs + spreadUs + pauses * TIMER_LATENESS_US };
}

/** Mean and standard deviation of the pause after an operation; undefined where it depends on the operation's time. */
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
