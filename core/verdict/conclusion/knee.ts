import type { Message } from '../../text/message.ts';
import type { Level, Levels } from './levels.ts';

/** Throughput that grows by less than this factor does not grow. */
const FLAT = 1.05;
/** Exponents of the load: throughput that hardly grows takes at most the one, and the p95, by which users wait, at least the other. */
const [HARDLY, WAITING] = [1 / 4, 1 / 2];
/** A p95 that is this many times higher than at the knee shows that requests queue. */
const SLOWER = 1.5;
/** Fewer levels do not show how throughput and latency develop. */
const MIN_LEVELS = 3;
/** A target that answers less than this share of the offered rate falls behind. */
const KEPT_UP = 0.97;
/** A p95 that is this many times that of the calmest level, under a rate that is kept, shows a target at its limit. */
const AT_LIMIT = 3;
/** A p95 that rises by less than this is calm: quick targets double it without any reason. */
const CALM_US = 5_000;

/**
 * Where the limit of the target is: its {@link kneeOf}. Without a knee: whether a target under arrival rates fell behind or
 * became slow at the highest level, or whether its limit was not reached. Says nothing where none of these is clear.
 */
export function knee({ of, levels }: Levels): Message[] {
  if (levels.length < MIN_LEVELS) return [];
  const highest = levels.at(-1) as Level;
  const level = kneeOf({ of, levels });
  if (level === undefined) return of === 'rate' ? limitOfRate(levels) : limitOfUsers(levels);
  const grew = levels.some(({ load, perSecond }) => load > level.load && perSecond > FLAT * level.perSecond);
  const messages: Message[] = [
    {
      id: `conclusion.knee-${grew ? 'slow-' : ''}${of}`,
      params: {
        load: level.load,
        perSecond: level.perSecond,
        p95Us: level.p95Us,
        beyondLoad: highest.load,
        beyondPerSecond: highest.perSecond,
        beyondP95Us: highest.p95Us,
      },
    },
  ];
  if (failMore(highest, level)) {
    const params = { errorShare: level.errorShare, beyondErrorShare: highest.errorShare };
    messages.push({ id: 'conclusion.knee-failures', params });
  }
  return messages;
}

/** The knee (docs/capacity.md): the first level beyond which throughput stops growing; of users, or else hardly grows. */
export function kneeOf({ of, levels }: Levels): Level | undefined {
  if (levels.length < MIN_LEVELS) return undefined;
  const first = (isKnee: (level: Level, beyond: readonly Level[]) => boolean) =>
    levels.find((level, i) => level.perSecond > 0 && i < levels.length - 1 && isKnee(level, levels.slice(i + 1)));
  return first(stopsGrowing) ?? (of === 'vus' ? first(hardlyGrows) : undefined);
}

/** More users bring more throughput until the limit; short of it, throughput grows at least half as much as the users do. */
function limitOfUsers(levels: readonly Level[]): Message[] {
  const [before, highest] = levels.slice(-2) as [Level, Level];
  const growth = succeeded(highest) / succeeded(before);
  const isGrowing = growth > FLAT && growth - 1 >= (highest.load / before.load - 1) / 2;
  if (!isGrowing || failMore(highest, before)) return [];
  const params = { load: highest.load, perSecond: highest.perSecond, p95Us: highest.p95Us };
  return [{ id: 'conclusion.no-knee-vus', params }];
}

/** Throughput under arrival rates is what is offered, so a limit shows in what is not answered and in the latency. */
function limitOfRate(levels: readonly Level[]): Message[] {
  const highest = levels.at(-1) as Level;
  const lower = levels.slice(0, -1);
  const calmestUs = lower.reduce((least, { p95Us }) => Math.min(least, p95Us), Number.POSITIVE_INFINITY);
  const isCalm = ({ p95Us }: Level) => p95Us <= Math.max(SLOWER * calmestUs, calmestUs + CALM_US);
  const good = lower.findLast((level) => keepsUp(level) && isCalm(level));
  const params = { load: highest.load, perSecond: highest.perSecond, p95Us: highest.p95Us };
  const goodParams = good && { ...params, goodLoad: good.load, goodP95Us: good.p95Us };
  if (!keepsUp(highest)) {
    if (goodParams !== undefined) return [{ id: 'conclusion.limit-behind', params: goodParams }];
    const [lowest] = levels as [Level];
    const { load, perSecond, p95Us } = lowest;
    return keepsUp(lowest) ? [] : [{ id: 'conclusion.limit-never', params: { load, perSecond, p95Us } }];
  }
  if (!isCalm(highest)) {
    const isSlow = highest.p95Us >= AT_LIMIT * calmestUs;
    return isSlow && goodParams !== undefined ? [{ id: 'conclusion.limit-slower', params: goodParams }] : [];
  }
  return lower.some((level) => failMore(highest, level)) ? [] : [{ id: 'conclusion.no-knee-rate', params }];
}

/**
 * Whether a level of arrival rates was answered as fast as it came.
 * Random arrivals miss their rate by chance, three standard deviations of a Poisson process at most.
 */
export function keepsUp({ load, perSecond, seconds }: Pick<Level, 'load' | 'perSecond' | 'seconds'>): boolean {
  return load - perSecond <= Math.max((1 - KEPT_UP) * load, 3 * Math.sqrt(load / seconds));
}

/** Requests that fail quickly are not throughput, and a share of failures that is high already cannot rise much. */
function succeeded({ perSecond, errorShare }: Level): number {
  return perSecond * (1 - errorShare);
}

function failMore(beyond: Level, level: Level): boolean {
  return beyond.errorShare > 2 * level.errorShare && beyond.errorShare >= 0.001;
}

function stopsGrowing(level: Level, beyond: readonly Level[]): boolean {
  return beyond.every(({ perSecond }) => perSecond <= FLAT * level.perSecond) && slower(level, beyond) >= SLOWER;
}

function hardlyGrows(level: Level, beyond: readonly Level[]): boolean {
  const loads = ({ load }: Level) => load / level.load;
  const most = (one: Level) => level.perSecond * Math.max(FLAT, loads(one) ** HARDLY);
  const waits = Math.max(SLOWER, loads(beyond.at(-1) as Level) ** WAITING);
  return beyond.every((one) => one.perSecond <= most(one)) && slower(level, beyond) >= waits;
}

/** How many times the p95 of the highest level is that of this one. */
function slower({ p95Us }: Level, beyond: readonly Level[]): number {
  return (beyond.at(-1) as Level).p95Us / p95Us;
}
