import { firstSamples } from './kept-sample.ts';
import type { ErrorKind } from './result.ts';
import type { ErrorCount } from './window.ts';

/**
 * A driver with more kinds than this puts ids into them. The rest is counted as {@link OTHER_ERROR_KIND}, in each second of an
 * agent and in the whole run.
 */
export const MAX_ERROR_KINDS = 50;
/** The same for all rows of a run together: each kind has texts that stay in control's memory. */
export const MAX_RUN_ERROR_KINDS = 20_000;
export const OTHER_ERROR_KIND = 'other';
const TIMEOUT_KINDS: ReadonlySet<string> = new Set(['timeout', 'connect_timeout', 'operation_timeout']);

/**
 * Whether the load generator's own clock decides such failures: one that stands still finds its limits passed when it goes on.
 * The kind of a pass names the step that failed before it, as in `list: timeout`.
 */
export function isTimeout(kind: string): boolean {
  const step = kind.lastIndexOf(': ');
  return TIMEOUT_KINDS.has(step < 0 ? kind : kind.slice(step + 2));
}

/** Counts the kinds that the rows of a run have, all together. */
export class RunErrorKinds {
  #taken = 0;

  /** @returns whether a row may have one more kind */
  take(): boolean {
    if (this.#taken >= MAX_RUN_ERROR_KINDS) return false;
    this.#taken++;
    return true;
  }
}

/**
 * Errors by kind. The sum is exact in whatever order errors are added, and so is the count of each kind up to
 * {@link MAX_ERROR_KINDS} kinds. Beyond that, the kinds that are added first keep their names, so what is counted as other
 * depends on the order.
 */
export class ErrorKinds {
  readonly #kinds = new Map<string, ErrorKind>();
  readonly #run: RunErrorKinds;

  constructor(run: RunErrorKinds) {
    this.#run = run;
  }

  /** @param agent name of the agent that saw them */
  add(agent: string, second: number, { samples, ...error }: ErrorCount): void {
    const isNamed = this.#kinds.has(error.kind) || (this.#kinds.size < MAX_ERROR_KINDS && this.#run.take());
    const kind = isNamed ? error.kind : OTHER_ERROR_KIND;
    const known = this.#kinds.get(kind);
    const added = { ...error, samples: samples?.map((sample) => ({ ...sample, agent })) };
    this.#kinds.set(kind, known === undefined ? kindOf(kind, second, added) : merged(known, second, added));
  }

  /** Most frequent first. */
  result(): ErrorKind[] {
    return [...this.#kinds.values()].sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1));
  }
}

type Added = Pick<ErrorKind, 'count' | 'example' | 'samples'>;

function kindOf(kind: string, second: number, { count, example, samples }: Added): ErrorKind {
  return {
    kind,
    count,
    example,
    firstSecond: second,
    lastSecond: second,
    ...(samples && { samples: firstSamples(samples) }),
  };
}

/** Keeps the example of the earliest second; of several, the first in the alphabet, so that the order does not matter. */
function merged(known: ErrorKind, second: number, { count, example, samples: more = [] }: Added): ErrorKind {
  const earlier = second < known.firstSecond || (second === known.firstSecond && example < known.example);
  const samples = more.length === 0 ? known.samples : firstSamples([...(known.samples ?? []), ...more]);
  return {
    kind: known.kind,
    count: known.count + count,
    example: earlier ? example : known.example,
    firstSecond: Math.min(known.firstSecond, second),
    lastSecond: Math.max(known.lastSecond, second),
    ...(samples && { samples }),
  };
}
