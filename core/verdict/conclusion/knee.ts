import type { Message } from '../../stats/result.ts';
import type { Level, Levels } from './levels.ts';

/** Growth of throughput that counts as none. */
const FLAT = 1.05;
/** Growth of the p95 from the knee to the highest level that shows that requests queue. */
const SLOWER = 1.5;
/** Fewer levels show no course. */
const MIN_LEVELS = 3;

/**
 * The knee: the first level beyond which throughput grows by less than 5 %, however high the load goes, while the p95
 * grows by half or more. Where what succeeds grew to the end, and failures did not, that is said instead.
 */
export function knee({ of, levels }: Levels): Message[] {
  if (levels.length < MIN_LEVELS) return [];
  const highest = levels.at(-1) as Level;
  const at = levels.findIndex((level, i) => i < levels.length - 1 && isKnee(level, levels.slice(i + 1)));
  const level = levels[at];
  if (level === undefined) {
    const before = levels.at(-2) as Level;
    const isStillGrowing = succeeded(highest) > FLAT * succeeded(before) && !failMore(highest, before);
    const params = { load: highest.load, perSecond: highest.perSecond, p95Us: highest.p95Us };
    return isStillGrowing ? [{ id: `conclusion.no-knee-${of}`, params }] : [];
  }
  const messages: Message[] = [
    {
      id: `conclusion.knee-${of}`,
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

/** What fails quickly is no throughput, and a share of failures that is high already cannot rise much. */
function succeeded({ perSecond, errorShare }: Level): number {
  return perSecond * (1 - errorShare);
}

function failMore(beyond: Level, level: Level): boolean {
  return beyond.errorShare > 2 * level.errorShare && beyond.errorShare >= 0.001;
}

function isKnee(level: Level, beyond: readonly Level[]): boolean {
  const highest = beyond.at(-1) as Level;
  const isFlat = beyond.every(({ perSecond }) => perSecond <= FLAT * level.perSecond);
  return level.perSecond > 0 && isFlat && highest.p95Us >= SLOWER * level.p95Us;
}
