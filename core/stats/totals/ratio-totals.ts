import type { RatioColumns, RatioResult } from '../result.ts';
import type { Phase, RatioWindow } from '../window.ts';

const PHASES = ['warmup', 'measure'] as const;

/** Hits and attempts by second, and their sums, which are asked for each second; of seconds without any there may be no entry. */
type Columns = { -readonly [Name in keyof RatioColumns]: number[] } & { readonly sum: { hits: number; of: number } };

interface RatioTotal extends Record<Phase, Columns> {
  voidReason: string | undefined;
}

/** The ratios of a run, all agents merged. All counts are exact at any time, in whichever order windows come. */
export class RatioTotals {
  readonly #ratios = new Map<string, RatioTotal>();

  add(second: number, ratios: readonly RatioWindow[]): void {
    for (const { name, phase, hits, of, voidReason } of ratios) {
      const total = this.#total(name);
      const columns = total[phase];
      increase(columns.hits, second, hits);
      increase(columns.of, second, of);
      columns.sum.hits += hits;
      columns.sum.of += of;
      // The least of several reasons is kept, so that it is the same one in whichever order they come.
      if (voidReason !== undefined && (total.voidReason === undefined || voidReason < total.voidReason)) {
        total.voidReason = voidReason;
      }
    }
  }

  /** What was counted in this second, and every ratio that is void by now. */
  at(second: number): RatioWindow[] {
    return this.#sorted().flatMap(([name, total]) =>
      PHASES.flatMap((phase): RatioWindow[] => {
        const { voidReason } = total;
        const hits = total[phase].hits[second] ?? 0;
        const of = total[phase].of[second] ?? 0;
        if (of === 0 && voidReason === undefined) return [];
        return [{ name, phase, hits, of, ...(voidReason !== undefined && { voidReason }) }];
      }),
    );
  }

  /** By name. */
  results(): RatioResult[] {
    return this.#sorted().map(([name, { warmup, measure, voidReason }]) => ({
      name,
      phases: { warmup: { ...warmup.sum }, measure: { ...measure.sum } },
      ...(voidReason !== undefined && { voidReason }),
    }));
  }

  /** In the order of {@link results}, both phases together. @param seconds how many entries each column has */
  columns(seconds: number): RatioColumns[] {
    return this.#sorted().map(([, { warmup, measure }]) => {
      const both = (figure: keyof RatioColumns) =>
        Array.from({ length: seconds }, (_, second) => (warmup[figure][second] ?? 0) + (measure[figure][second] ?? 0));
      return { hits: both('hits'), of: both('of') };
    });
  }

  #sorted(): [string, RatioTotal][] {
    return [...this.#ratios].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #total(name: string): RatioTotal {
    let total = this.#ratios.get(name);
    if (total === undefined) {
      total = { warmup: noColumns(), measure: noColumns(), voidReason: undefined };
      this.#ratios.set(name, total);
    }
    return total;
  }
}

function increase(column: number[], second: number, by: number): void {
  while (column.length <= second) column.push(0);
  column[second] = (column[second] as number) + by;
}

function noColumns(): Columns {
  return { hits: [], of: [], sum: { hits: 0, of: 0 } };
}
