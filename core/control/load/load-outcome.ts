import type { RunTotals } from '../../stats/merge.ts';
import type { Ending } from '../../stats/result.ts';
import type { RunContext } from '../run/run-context.ts';
import type { RunAgent } from './run-agent.ts';

/** What the load of a run came to. */
export interface LoadOutcome {
  /** The run start on control's clock. */
  readonly startUs: number;
  /** The run start on the wall clock, RFC 3339. */
  readonly startedAt: string;
  /** From the run start to the end of the load, without what was in flight then. */
  readonly loadUs: number;
  /** How long the load was to last; more than `loadUs` when no agent was there to the end. */
  readonly wantedUs: number;
  readonly ending: Ending;
  /** What the store said because of which windows are missing; undefined where it took all that came. */
  readonly storeProblem?: string;
}

/** What control knows of the load's time when it is over. */
export interface LoadSpan {
  /** The run start on control's clock. */
  readonly startUs: number;
  /** The run start on the wall clock, RFC 3339. */
  readonly startedAt: string;
  /** From the run start to the planned end of the load, or to the first stop request. */
  readonly maxUs: number;
  /** From the run start until nobody waited for agents any longer. */
  readonly overUs: number;
  readonly storeProblem: string | undefined;
}

/** What is not known of the agents' work, a sentence each. */
export function missingWindows(agents: readonly RunAgent[], totals: RunTotals): string[] {
  return agents.flatMap(({ name, index, progress }): string[] => {
    if (progress.kind === 'started') {
      const second = totals.reachedSecond(index) + 1;
      return [`agent ${name} has not reported its totals: what it did from second ${second} on is not known`];
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
 * Iterations and shapes may end long before the planned time: then the load lasted until the last agent stopped. Of an
 * agent that does not say when it stopped, Done may come late: so the load is no longer than to the end of the last second
 * with a window.
 */
export function loadOutcomeOf(
  { totals, cancellation }: Pick<RunContext, 'totals' | 'cancellation'>,
  agents: readonly RunAgent[],
  { startUs, startedAt, maxUs, overUs, storeProblem }: LoadSpan,
): LoadOutcome {
  const endsUs = agents.map(({ progress, leftUs }) =>
    'done' in progress
      ? Math.min(leftUs ?? Number.POSITIVE_INFINITY, progress.done.loadUs ?? progress.done.atUs - startUs)
      : Number.POSITIVE_INFINITY,
  );
  const lastUs = Math.min(maxUs, Math.max(...endsUs));
  const loadUs = Math.max(0, Math.min(lastUs, totals.timeline.seconds * 1e6));
  const common = { startUs, startedAt, loadUs, ...(storeProblem !== undefined && { storeProblem }) };
  const closed = agents.filter(({ progress }) => progress.kind === 'closed');
  // Where no agent said how its load ended, load was wanted for as long as the run went on, whenever the last window came.
  const untoldUs = Math.max(loadUs, Math.min(lastUs, overUs));
  if (cancellation.drain.aborted) {
    const wantedUs = closed.length === 0 ? untoldUs : loadUs;
    const { cause: by, reason } = cancellation;
    return { ...common, wantedUs, ending: { kind: 'stopped', by, reason } };
  }
  const hasStayed = closed.some(({ leftUs = maxUs }) => leftUs >= maxUs);
  if (hasStayed) return { ...common, wantedUs: loadUs, ending: { kind: 'completed' } };
  // Agents that ended by themselves have left out all the rest.
  const wantedUs = closed.length === 0 ? untoldUs : maxUs;
  const reason =
    storeProblem !== undefined
      ? 'not all that the agents reported could be stored'
      : closed.length === 0
        ? 'every agent was lost'
        : 'every agent has ended its load early or was lost';
  return { ...common, wantedUs, ending: { kind: 'stopped', by: 'failure', reason } };
}
