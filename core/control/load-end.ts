import type { RunTotals } from '../stats/merge.ts';
import type { Ending } from '../stats/result.ts';
import type { Participant } from './participant.ts';
import type { RunStop } from './run-stop.ts';

/** What the load came to. */
export interface LoadEnd {
  /** Second 0 on control's clock. */
  readonly startUs: number;
  /** The same on the wall clock, RFC 3339. */
  readonly startedAt: string;
  /** From second 0 to the end of the load, without what was in flight then. */
  readonly loadUs: number;
  readonly ending: Ending;
}

/** What is not known of the agents' work, a sentence each. */
export function missingWindows(participants: readonly Participant[], totals: RunTotals): string[] {
  return participants.flatMap(({ name, index, progress }): string[] => {
    if (progress.kind === 'started') {
      const second = totals.reachedSecond(index) + 1;
      return [
        `agent ${name} has not said what its windows add up to: what it did from second ${second} on is not known`,
      ];
    }
    if (progress.kind === 'closing') {
      const counted = progress.done.totals.reduce((sum, { count }) => sum + count, 0);
      const merged = totals.agent(index).figures().requests;
      return [`windows of agent ${name} are missing: it counted ${counted} operations, control has ${merged}`];
    }
    if (progress.kind === 'closed' && progress.differences.length > 0) {
      return [`agent ${name} and control do not agree: ${progress.differences.slice(0, 3).join('; ')}`];
    }
    return [];
  });
}

/**
 * How long the load lasted, in microseconds. Iterations may end long before what is planned: then until the last agent
 * said Done. From one that was away Done comes late, so no longer than to the end of the last second with a window.
 * @param plannedUs or until it was stopped
 * @param startUs second 0 on control's clock
 */
export function loadDurationUs(
  participants: readonly Participant[],
  totals: RunTotals,
  plannedUs: number,
  startUs: number,
): number {
  const doneUs = participants.map(({ progress }) =>
    'done' in progress ? progress.done.atUs : Number.POSITIVE_INFINITY,
  );
  return Math.max(0, Math.min(plannedUs, Math.max(...doneUs) - startUs, totals.timeline.seconds * 1e6));
}

export function endingOf(stop: RunStop, participants: readonly Participant[]): Ending {
  if (stop.drain.aborted) return { kind: 'stopped', by: stop.cause, reason: stop.reason };
  if (participants.every(({ progress }) => progress.kind !== 'closed')) {
    return { kind: 'stopped', by: 'failure', reason: 'every agent was lost' };
  }
  return { kind: 'completed' };
}
