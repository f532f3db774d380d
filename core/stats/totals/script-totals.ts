import { ScriptNames } from '../script-names.ts';
import type { OperationWindow, Phase, ScriptCheck, ScriptRow, ScriptWindow } from '../window.ts';

/** How often a check held and how often it did not. */
export interface CheckCounts {
  readonly passes: number;
  readonly fails: number;
}

export interface CheckTotal extends ScriptCheck {
  readonly phases: Readonly<Record<Phase, CheckCounts>>;
}

/** A row with its number among all rows of the run. */
export interface NumberedRow {
  readonly number: number;
  readonly row: ScriptRow;
}

type Counts = { -readonly [Name in keyof CheckCounts]: number };

/** What the scripts of a run recorded under names of their own, all agents merged. Row samples are kept by their numbers elsewhere. */
export class ScriptTotals {
  readonly #names: ScriptNames;
  readonly #checks: Record<Phase, Counts>[] = [];

  /** @param firstRow the number of the first row, after those of the plan */
  constructor(firstRow: number) {
    this.#names = new ScriptNames(firstRow);
  }

  /** Whether scripts gave more names than a run may have, in one agent or all together. */
  get hasOther(): boolean {
    return this.#names.hasOther;
  }

  /** Adds the checks of a window of this agent. @returns its rows by their numbers */
  add(agent: number, { rows, checks }: ScriptWindow): OperationWindow[] {
    for (const { phase, passes, fails, ...check } of checks) {
      const number = this.#names.check(check, agent);
      this.#checks[number] ??= { warmup: { passes: 0, fails: 0 }, measure: { passes: 0, fails: 0 } };
      const counts = (this.#checks[number] as Record<Phase, Counts>)[phase];
      counts.passes += passes;
      counts.fails += fails;
    }
    return rows.map(({ row, ...figures }) => ({ ...figures, operation: this.#names.row(row, agent) }));
  }

  /** Undefined for a row of the plan. */
  rowAt(number: number): ScriptRow | undefined {
    return this.#names.rowAt(number);
  }

  /** In an order that does not depend on which agent was first. */
  rows(kind: ScriptRow['kind']): NumberedRow[] {
    const numbered = this.#names.rows.map((row, place) => ({ number: this.#names.numberOf(place), row }));
    return numbered.filter(({ row }) => row.kind === kind).sort((a, b) => byName(a.row, b.row));
  }

  checks(): CheckTotal[] {
    const all = this.#names.checks.map((check, number) => ({
      ...check,
      phases: this.#checks[number] as CheckTotal['phases'],
    }));
    return all.sort(byName);
  }
}

function byName(a: ScriptCheck & Partial<ScriptRow>, b: ScriptCheck & Partial<ScriptRow>): number {
  return a.scenario - b.scenario || compared(a.name, b.name) || compared(a.type ?? '', b.type ?? '');
}

function compared(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
