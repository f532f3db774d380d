import type { Message } from '../../text/message.ts';

/**
 * Why a level is held: to find the limit; to see whether the target is itself again after a level that broke it; or to make sure
 * of the answer.
 */
export type Purpose = 'search' | 'recover' | 'confirm';

/**
 * `unclear`: the load generator or its host, and not the target, decided what was measured. `cut-short`: the run ended before it
 * could be judged, or could not offer the load any more.
 */
export type LevelOutcome = 'holds' | 'breaks' | 'unclear' | 'cut-short';

/** The levels that a run went through to find out how much its target takes. */
export interface SearchResult {
  /** The scenario whose load was searched. */
  readonly scenario: string;
  readonly of: 'vus' | 'rate';
  /** What each level was judged by, as written; criteria that apply by default are among them. */
  readonly criteria: readonly string[];
  /** In the order in which they were held. */
  readonly levels: readonly SearchedLevel[];
  /** False where the run ended before there was nothing more to try. */
  readonly isComplete: boolean;
}

export interface SearchedLevel {
  /** Virtual users, or arrivals per second. */
  readonly level: number;
  readonly purpose: Purpose;
  readonly outcome: LevelOutcome;
  /** Arrivals came faster than the target answered them: it breaks for sure, and not by a disturbance. */
  readonly isOverloaded: boolean;
  /** Why it breaks, or is unclear. */
  readonly reasons: readonly Message[];
  /** Since the run start; the level ends before `toSecond`. */
  readonly fromSecond: number;
  readonly toSecond: number;
  /** How many of these seconds it is judged by: not by those in which the load changed, settled, or the generator stalled. */
  readonly seconds: number;
  /** Whether throughput and p95 kept their level in them. */
  readonly isSettled: boolean;
  /** All requests of the scenario. */
  readonly perSecond: number;
  readonly errorShare: number;
  readonly p50Us: number;
  readonly p95Us: number;
  readonly p99Us: number;
}
