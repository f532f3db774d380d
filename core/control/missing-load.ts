import type { AgentChange } from '../plan/load-change.ts';
import type { Share } from '../plan/split.ts';
import type { MissingLoad } from '../stats/result.ts';
import { partOf } from './shares.ts';

/**
 * The seconds in which an agent had a share of the load and nothing is known to have been done of it.
 * @param first its share at the start
 * @param fromUs from when on nothing is known of it, since second 0
 * @param toUs the end of the load
 */
export function missingLoad(
  first: Share,
  changes: readonly AgentChange[],
  fromUs: number,
  toUs: number,
): MissingLoad[] {
  const missing: MissingLoad[] = [];
  let share = first;
  let sinceUs = fromUs;
  const add = (untilUs: number) => {
    const endUs = Math.min(untilUs, toUs);
    if (endUs > sinceUs && share.slots.length > 0) {
      missing.push({ fromSecond: sinceUs / 1e6, toSecond: endUs / 1e6, share: partOf(share) });
    }
    sinceUs = Math.max(sinceUs, untilUs);
  };
  for (const change of changes) {
    if (change.kind !== 'share') continue;
    add(change.atUs);
    share = change.share;
  }
  add(Number.POSITIVE_INFINITY);
  return missing;
}
