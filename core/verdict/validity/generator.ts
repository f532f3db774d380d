import { merged } from '../distribution.ts';
import { type Evidence, type Finding, finding, onlyNullDriver } from './finding.ts';

/** From this share of a core on, an agent's single thread has no time to spare. */
const SATURATED_CORES = 0.95;
/** Fewer seconds in a row are a garbage collection or a compilation, not a lack of capacity. */
const SATURATED_SECONDS_IN_A_ROW = 3;
/** Shorter stalls and delays than this are the operating system's scheduling on a busy host. */
const LONG_STALL_US = 50_000;
const LONG_DELAY_US = 20_000;
/** A loop that stands still for longer than this part of the service time's p99 shapes the figures. */
const STALL_SHARE_OF_SERVICE_TIME = 0.5;
/** Percentiles up to p95 are untouched by what concerns fewer samples than this. */
const SATURATED_TIME_SHARE = 0.05;
const STALLED_TIME_SHARE = 0.02;

/**
 * Whether the agents had capacity to spare: a busy thread sends late and reads answers late, and the target gets the
 * blame. Not asked of a run of the `null` driver alone, which measures the generator itself.
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

/** Whether the agents' event loops stood still for a share of the time that the percentiles would show. */
export function generatorLag({ draft, measuredSeconds }: Evidence): Finding {
  const name = 'generator-lag';
  const lags = measuredSeconds.map((second) => draft.timeline.loopLagUs[second] ?? 0);
  if (lags.length === 0) return finding(name, true, 'skipped', {});
  const maxUs = lags.reduce((most, lag) => Math.max(most, lag), 0);
  const limitUs = Math.max(LONG_STALL_US, STALL_SHARE_OF_SERVICE_TIME * p99Us(draft, 'serviceTime'));
  const stalledUs = lags.reduce((sum, lag) => sum + (lag > limitUs ? lag : 0), 0);
  const share = stalledUs / (lags.length * 1e6);
  if (share <= STALLED_TIME_SHARE) return finding(name, true, 'ok', { maxUs, share, limitUs });
  return finding(name, false, 'fail', { maxUs, share: Math.min(1, share), limitUs, limit: STALLED_TIME_SHARE });
}

/**
 * Whether operations began when the load model said so. When the p99 of the delay passes that of the service time, the
 * slow response times are more the generator's doing than the target's.
 */
export function sendDelay({ draft }: Evidence): Finding {
  const delayUs = p99Us(draft, 'sendDelay');
  const serviceUs = p99Us(draft, 'serviceTime');
  const limitUs = Math.max(LONG_DELAY_US, serviceUs);
  const ok = delayUs <= limitUs;
  return finding('send-delay', ok, ok ? 'ok' : 'fail', { delayUs, serviceUs, limitUs });
}

function p99Us(draft: Evidence['draft'], which: 'serviceTime' | 'sendDelay'): number {
  return merged(draft.operations.map(({ phases }) => phases.measure[which])).valueAtQuantileUs(0.99);
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

/** At most five names: a sentence is no table. */
export function shortList(names: readonly string[]): string[] {
  return names.length <= 5 ? [...names] : [...names.slice(0, 5), `+${names.length - 5}`];
}
