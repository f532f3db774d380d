import type { ErrorKind } from './result.ts';
import type { ErrorCount } from './window.ts';

/**
 * More kinds than this are a driver that puts ids into its kinds: the rest is counted as {@link OTHER_ERROR_KIND}, in an
 * agent's second as in the whole run.
 */
export const MAX_ERROR_KINDS = 50;
export const OTHER_ERROR_KIND = 'other';

/**
 * Errors by kind. Their sum is exact in any order of adding, and so is each kind's count while there are no more than
 * {@link MAX_ERROR_KINDS}. Beyond, the first to be added have their names: which those are, and so what is counted as
 * other, depends on the order.
 */
export class ErrorKinds {
  readonly #kinds = new Map<string, ErrorKind>();

  add(second: number, error: ErrorCount): void {
    const isNamed = this.#kinds.has(error.kind) || this.#kinds.size < MAX_ERROR_KINDS;
    const kind = isNamed ? error.kind : OTHER_ERROR_KIND;
    const known = this.#kinds.get(kind);
    this.#kinds.set(kind, known === undefined ? kindOf(kind, second, error) : merged(known, second, error));
  }

  /** Most frequent first. */
  result(): ErrorKind[] {
    return [...this.#kinds.values()].sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1));
  }
}

function kindOf(kind: string, second: number, { count, example }: ErrorCount): ErrorKind {
  return { kind, count, example, firstSecond: second, lastSecond: second };
}

/** The example is one of the first second; of several the least, so that the order of merging does not matter. */
function merged(known: ErrorKind, second: number, { count, example }: ErrorCount): ErrorKind {
  const earlier = second < known.firstSecond || (second === known.firstSecond && example < known.example);
  return {
    kind: known.kind,
    count: known.count + count,
    example: earlier ? example : known.example,
    firstSecond: Math.min(known.firstSecond, second),
    lastSecond: Math.max(known.lastSecond, second),
  };
}
