import type { Message } from '../../text/message.ts';

/** What is compared of each operation, by the names that criteria have for it. */
export const FIGURES = ['rps', 'error_rate', 'p50', 'p95', 'p99', 'avg'] as const;
/** What is compared of a ratio: hits as a share of attempts. */
export const RATIO = 'ratio';
export type Figure = (typeof FIGURES)[number] | typeof RATIO;

/** What can be said of a figure that can be compared. `within`: there is a change, smaller than the tolerance. `same`: no change was found. */
export const TOLD_WORDS = ['better', 'worse', 'within', 'same'] as const;
export type Word = (typeof TOLD_WORDS)[number] | 'incomparable';

/**
 * What a comparison came to, in one word; what is worse counts more than what is better. `invalid`: a run of it cannot be
 * trusted, and says nothing about the target. `incomparable`: nothing could be compared.
 */
export const COMPARISON_OUTCOMES = [...TOLD_WORDS, 'incomparable', 'invalid'] as const;
export type ComparisonOutcome = (typeof COMPARISON_OUTCOMES)[number];

/** Where the error of a change is taken from: how stretches of time in one run differ, or how runs do. */
export const METHODS = ['stretches', 'runs'] as const;

/** Two sides of one plan, each of one run or several, figure by figure. Plain data for JSON. */
export interface RunComparison {
  /** The name of the plan. */
  readonly name: string;
  /** The run start of the first run after, in RFC 3339, and the host of its control. */
  readonly startedAt: string;
  readonly host: string;
  readonly outcome: ComparisonOutcome;
  /** Ids of runs. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly method: (typeof METHODS)[number];
  /** The smallest change that matters, as a share of the value before. */
  readonly tolerance: number;
  /** What differs beside what was measured. */
  readonly circumstances: readonly Message[];
  /** All operations together, then each one, then ratios. */
  readonly rows: readonly ComparedRow[];
  /** How the figures were compared, and how far that can be trusted. */
  readonly notes: readonly Message[];
}

/**
 * What a row is about: an operation, which a step of a flow is too, the passes through a scenario's flow or script, or the spans that
 * a script measured under a name.
 */
export interface ComparedOperation {
  readonly scenario: string;
  readonly name: string;
  readonly isJourney?: boolean | undefined;
  readonly isSpan?: boolean | undefined;
}

export interface ComparedRow {
  /** Undefined for all operations together, and for a ratio. */
  readonly operation?: ComparedOperation | undefined;
  /** The name of the ratio that the row is about, if it is about one. */
  readonly ratio?: string | undefined;
  readonly figures: readonly ComparedFigure[];
}

export type ComparedFigure = { readonly figure: Figure } & (
  | ({ readonly word: Exclude<Word, 'incomparable'> } & Change)
  | { readonly word: 'incomparable'; readonly reason: Message }
);

/** Values in microseconds, a share or per second; of several runs their geometric mean, of shares their mean. */
export interface Change {
  readonly before: number;
  readonly after: number;
  /** As a share of the value before; for `error_rate` and `ratio` the difference of the two shares. */
  readonly change: number;
  /** The intervals of a comparison hold together: see `discoveries`. */
  readonly interval: { readonly low: number; readonly high: number };
  /** How likely a change at least as great is when nothing has changed, taken by itself. */
  readonly pValue: number;
  /** How many times as wide as with independent samples the interval is; not for `rps`, nor between runs. */
  readonly widening?: number | undefined;
}
