import type { CheckWindow, FinalTotal, Phase, ScriptCheck } from '../../core/stats/window.ts';

const PHASES = ['warmup', 'measure'] as const;

type Counts = Record<Phase, { passes: number; fails: number; totalPasses: number; totalFails: number }>;

/** Counts the checks of scripts: in the open window, and since the start. */
export class ScriptChecks {
  readonly #counts: Counts[] = [];

  /** @param check number of the check; numbers count up without gaps */
  count(check: number, phase: Phase, ok: boolean): void {
    this.#counts[check] ??= { warmup: noCounts(), measure: noCounts() };
    const counts = (this.#counts[check] as Counts)[phase];
    if (ok) counts.passes += 1;
    else counts.fails += 1;
  }

  /** Those of the open window, which begins anew. @param checks by their numbers */
  take(checks: readonly ScriptCheck[]): CheckWindow[] {
    return this.#counts.flatMap((phases, number) =>
      PHASES.flatMap((phase): CheckWindow[] => {
        const counts = phases[phase];
        const { passes, fails } = counts;
        if (passes + fails === 0) return [];
        counts.totalPasses += passes;
        counts.totalFails += fails;
        counts.passes = 0;
        counts.fails = 0;
        return [{ ...(checks[number] as ScriptCheck), phase, passes, fails }];
      }),
    );
  }

  /** Sums over all windows that were taken. @param operation the number that they have among final totals */
  totals(operation: number): FinalTotal[] {
    return PHASES.flatMap((phase): FinalTotal[] => {
      let count = 0;
      let errors = 0;
      for (const { [phase]: counts } of this.#counts) {
        count += counts.totalPasses + counts.totalFails;
        errors += counts.totalFails;
      }
      return count === 0 ? [] : [{ operation, phase, count, errors, responseSumUs: 0, serviceSumUs: 0 }];
    });
  }
}

function noCounts(): Counts[Phase] {
  return { passes: 0, fails: 0, totalPasses: 0, totalFails: 0 };
}
