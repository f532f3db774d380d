import type { RunTotals } from '../../stats/merge.ts';
import type { Ending } from '../../stats/result.ts';
import type { RunCancellation } from '../run/run-cancellation.ts';
import type { RunAgent } from './run-agent.ts';

/** What the load came to. */
export interface LoadOutcome {
  /** Second 0 on control's clock. */
  readonly startUs: number;
  /** The same on the wall clock, RFC 3339. */
  readonly startedAt: string;
  /** From second 0 to the end of the load, without what was in flight then. */
  readonly loadUs: number;
  /** How long it was to last; more than `loadUs` when no agent was there to the end. */
  readonly wantedUs: number;
  readonly ending: Ending;
}

/** What is not known of the agents' work, a sentence each. */
export function missingWindows(agents: readonly RunAgent[], totals: RunTotals): string[] {
  return agents.flatMap(({ name, index, progress }): string[] => {
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

export interface LoadSpan {
  readonly agents: readonly RunAgent[];
  readonly totals: RunTotals;
  readonly stop: RunCancellation;
  readonly startUs: number;
  readonly startedAt: string;
  /** The plan's, or until it was stopped. */
  readonly longestUs: number;
  /** When nobody waited for the agents any longer, since second 0. */
  readonly overUs: number;
}

/**
 * Iterations and shapes may end long before what is planned: then the load lasted until that of the last agent stopped. From
 * one that does not say when, Done may come late: so no longer than to the end of the last second with a window.
 */
export function loadOutcomeOf(span: LoadSpan): LoadOutcome {
  const { agents, totals, stop, startUs, startedAt, longestUs, overUs } = span;
  const endsUs = agents.map(({ progress, leftUs }) =>
    'done' in progress
      ? Math.min(leftUs ?? Number.POSITIVE_INFINITY, progress.done.loadUs ?? progress.done.atUs - startUs)
      : Number.POSITIVE_INFINITY,
  );
  const lastUs = Math.min(longestUs, Math.max(...endsUs));
  const loadUs = Math.max(0, Math.min(lastUs, totals.timeline.seconds * 1e6));
  const common = { startUs, startedAt, loadUs };
  const closed = agents.filter(({ progress }) => progress.kind === 'closed');
  // Where nobody says how the load ended, it was wanted for as long as the run went on, whenever the last window came.
  const untoldUs = Math.max(loadUs, Math.min(lastUs, overUs));
  if (stop.drain.aborted) {
    const wantedUs = closed.length === 0 ? untoldUs : loadUs;
    return { ...common, wantedUs, ending: { kind: 'stopped', by: stop.cause, reason: stop.reason } };
  }
  const stayed = closed.some(({ leftUs = longestUs }) => leftUs >= longestUs);
  if (stayed) return { ...common, wantedUs: loadUs, ending: { kind: 'completed' } };
  // Of those that ended it themselves it is known what they left out: all the rest.
  const wantedUs = closed.length === 0 ? untoldUs : longestUs;
  const reason = closed.length === 0 ? 'every agent was lost' : 'every agent has ended its load early or was lost';
  return { ...common, wantedUs, ending: { kind: 'stopped', by: 'failure', reason } };
}
