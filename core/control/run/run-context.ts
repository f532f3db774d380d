import type { Clock } from '../../clock.ts';
import type { RunTotals } from '../../stats/merge.ts';
import type { MaxSearch } from '../../verdict/capacity/max-search.ts';
import type { AgentPolicy } from './checkpoint.ts';
import type { RunCancellation } from './run-cancellation.ts';
import type { RunEvents } from './run-events.ts';
import type { RunSecrets } from './run-secrets.ts';
import type { RunSpec } from './run-spec.ts';

/**
 * What all parts of one run share. It is made once per run, and handed down whole. Whatever belongs to one part alone
 * (its agents, its load, its windows) is not in it.
 */
export interface RunContext {
  readonly runId: string;
  readonly spec: RunSpec;
  readonly policy: AgentPolicy;
  readonly totals: RunTotals;
  /** Only of a plan with find-max. */
  readonly search: MaxSearch | undefined;
  readonly clock: Clock;
  readonly cancellation: RunCancellation;
  readonly events: RunEvents;
  readonly secrets: RunSecrets;
  /**
   * Resolves when all that is settled by now is stored, for another control process that may have to go on with the run.
   * A store that is away or slow is not waited for longer than this many microseconds.
   */
  saved(withinUs: number): Promise<void>;
}
