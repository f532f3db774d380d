import type { Distribution } from '../../stats/merge-encoded.ts';
import type { SearchResult } from '../../stats/search/search-result.ts';
import { intervalRanks } from '../confidence.ts';
import { merged } from '../distribution.ts';
import { causeOf } from './cause.ts';
import { type Evidence, type Finding, finding, onlyNullDriver, shortList } from './finding.ts';

/** From this share of a core on, the single thread of an agent has no time to spare. */
const SATURATED_CORES = 0.95;
/** Fewer busy seconds in a row are a garbage collection or a compilation, not a lack of capacity. */
const SATURATED_SECONDS_IN_A_ROW = 3;
/** In less than this share of the seconds, a busy agent leaves percentiles up to p95 untouched. */
const SATURATED_TIME_SHARE = 0.05;
/** Shorter blocks of the event loop are the operating system's scheduling on a busy host. */
const LONG_BLOCK_US = 50_000;
/** A block that is longer than this share of the p99 service time shows in the response times. */
const BLOCK_SHARE_OF_SERVICE_TIME = 0.5;
/** A loop that is blocked for this share of the time shows in the slowest 5 % of the samples. */
const NOTICEABLE_BLOCKED_SHARE = 0.02;
/**
 * A loop that is blocked for this share of the time leaves no percentile that can be trusted. Of each second only the
 * longest block is known, so at least this share of the samples was delayed, and with several blocks a second many more.
 */
const BLOCKED_SHARE_LIMIT = 0.15;

/** The check needs at least this many operations; with fewer, one hiccup of the host decides. */
const MIN_OPERATIONS = 50;
/** Shorter send delays are the operating system's scheduling on a busy host, and concern few targets. */
const LONG_DELAY_US = 20_000;
/**
 * The part of the operations that may be mostly late before no figure can be trusted: with more than a quarter, the mean
 * and every percentile that anybody asks for show the generator. Below that the median is the target's, and a criterion
 * that passes has passed all the same, because lateness only makes response times longer.
 */
const LATE_SHARE_LIMIT = 0.25;
/** From this part on, p95 shows the generator: the report says so. */
const LATE_SHARE_NOTICEABLE = 0.05;
/** Lateness is noticeable from this share of the service time on. */
const NOTICEABLE_SHARE_OF_SERVICE_TIME = 0.5;

/**
 * Whether the agents had capacity to spare: a busy thread sends late and reads answers late, and the target gets the
 * blame. A run that uses only the `null` driver measures the generator itself, and is not checked.
 */
export function generatorSaturated({ draft, plan, measuredSeconds }: Evidence): Finding {
  const name = 'generator-saturated';
  const cores = measuredSeconds.map((second) => draft.timeline.agentCpuCores[second] ?? 0);
  if (cores.length === 0) return finding(name, true, 'skipped', {});
  const max = cores.reduce((most, value) => Math.max(most, value), 0);
  if (onlyNullDriver(draft, plan)) return finding(name, true, 'null', { max });
  const isSaturated = cores.map((value) => value >= SATURATED_CORES);
  const seconds = isSaturated.filter(Boolean).length;
  const longest = longestRun(isSaturated);
  const ok = longest < SATURATED_SECONDS_IN_A_ROW || seconds < SATURATED_TIME_SHARE * cores.length;
  if (ok) return finding(name, true, 'ok', { max });
  const agents = draft.agents
    .filter(({ processCpuCores }) => processCpuCores.max >= SATURATED_CORES)
    .toSorted((a, b) => b.processCpuCores.mean - a.processCpuCores.mean)
    .map((agent) => agent.name);
  const params = { limit: SATURATED_CORES, seconds, measured: cores.length, longest, agents: shortList(agents) };
  return finding(name, false, 'fail', params);
}

/** Whether the agents' event loops were blocked for so long that the percentiles show it. */
export function generatorLag({ draft, measuredSeconds }: Evidence): Finding {
  const name = 'generator-lag';
  const lags = measuredSeconds.map((second) => draft.timeline.loopLagUs[second] ?? 0);
  if (lags.length === 0) return finding(name, true, 'skipped', {});
  const maxUs = lags.reduce((most, lag) => Math.max(most, lag), 0);
  const serviceTime = measured(draft, 'serviceTime');
  const limitUs = Math.max(LONG_BLOCK_US, BLOCK_SHARE_OF_SERVICE_TIME * serviceTime.valueAtQuantileUs(0.99));
  const blockedUs = lags.reduce((sum, lag) => sum + (lag > limitUs ? lag : 0), 0);
  // A block may be longer than its second, and than the measured phase.
  const share = Math.min(1, blockedUs / (lags.length * 1e6));
  if (share <= NOTICEABLE_BLOCKED_SHARE) return finding(name, true, 'ok', { maxUs, share, limitUs });
  const params = { maxUs, share, limitUs, limit: BLOCKED_SHARE_LIMIT, ...causeOf(draft) };
  const ok = share <= BLOCKED_SHARE_LIMIT;
  return finding(name, ok, ok ? 'some' : 'fail', params);
}

/**
 * Whether operations started when the load model said so. The response time is the send delay plus the service time, so
 * the question is which of the two most of it is. It is asked at the quantile that {@link LATE_SHARE_LIMIT} gives: is the
 * delay of the latest quarter longer than what a quarter of the operations take in the target? The delay is taken at the
 * lower end of its 95 % confidence interval (`confidence.ts`), so that a few late operations of a small run do not decide.
 */
export function sendDelay({ draft }: Evidence): Finding {
  const name = 'send-delay';
  const delays = measured(draft, 'sendDelay');
  const serviceTime = measured(draft, 'serviceTime');
  if (delays.count < MIN_OPERATIONS) {
    return finding(name, true, 'few', { samples: delays.count, least: MIN_OPERATIONS });
  }
  const late = lateness(delays, serviceTime, LATE_SHARE_LIMIT, 1);
  if (late.isLong) return finding(name, false, 'fail', { ...late.params, ...causeOf(draft) });
  const noticed = lateness(delays, serviceTime, LATE_SHARE_NOTICEABLE, NOTICEABLE_SHARE_OF_SERVICE_TIME);
  if (noticed.isLong) return finding(name, true, 'some', { ...noticed.params, ...causeOf(draft) });
  return finding(name, true, 'ok', { delayUs: delays.valueAtQuantileUs(0.99) });
}

/** The least delay of the latest operations, and whether it is longer than this share of what the target takes. */
function lateness(delays: Distribution, serviceTime: Distribution, share: number, shareOfServiceTime: number) {
  const { low } = intervalRanks(delays.count, 1 - share);
  const serviceUs = serviceTime.valueAtQuantileUs(1 - share);
  const limitUs = Math.max(LONG_DELAY_US, shareOfServiceTime * serviceUs);
  const isLong = low >= 1 && delays.valueAtRankUs(low) > limitUs;
  return { isLong, params: { delayUs: delays.valueAtQuantileUs(1 - share), serviceUs, limitUs } };
}

function measured(draft: Evidence['draft'], which: 'serviceTime' | 'sendDelay'): Distribution {
  return merged(draft.operations.map(({ phases }) => phases.measure[which]));
}

function longestRun(flags: readonly boolean[]): number {
  let longest = 0;
  let current = 0;
  for (const flag of flags) {
    current = flag ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}

/**
 * Whether the generator kept up with a search. That is asked of each level, because a search may go beyond what the generator can
 * offer as it goes beyond what the target takes; only a search without any level that could be judged says nothing.
 */
export function levelsJudged({ levels: held }: SearchResult): Finding {
  const name = 'levels-judged';
  const levels = held.filter(({ outcome }) => outcome !== 'cut-short');
  const unclear = levels.filter(({ outcome }) => outcome === 'unclear').length;
  const params = { levels: levels.length, unclear };
  if (levels.length === 0) return finding(name, false, 'none', {});
  if (levels.length === unclear) return finding(name, false, 'fail', params);
  return finding(name, true, unclear === 0 ? 'ok' : 'some', params);
}
