import { NameShares } from './name-shares.ts';
import type { ScriptCheck, ScriptRow } from './window.ts';

/** How many names the scripts of one agent may give, to rows and checks together: a row has histograms in every agent and in control. */
export const MAX_SCRIPT_NAMES = 1000;
/** The same for all agents of a run together: one that makes up names leaves 250 to the others. */
export const MAX_RUN_SCRIPT_NAMES = 1250;
/** The name of all that comes after. */
export const OTHER_NAME = '(other)';

/**
 * Numbers what scripts name, in the order in which the names come. The same row or check has the same number. With too many names,
 * those that come first keep theirs, so what is counted as {@link OTHER_NAME} depends on the order, and the sums do not.
 */
export class ScriptNames {
  readonly rows: ScriptRow[] = [];
  readonly checks: ScriptCheck[] = [];
  readonly #firstRow: number;
  readonly #rowNumbers = new Map<string, number>();
  readonly #checkNumbers = new Map<string, number>();
  readonly #shares = new NameShares(MAX_SCRIPT_NAMES, MAX_RUN_SCRIPT_NAMES);
  #hasOther = false;

  /** @param firstRow the number of the first row, after those that the plan names */
  constructor(firstRow: number) {
    this.#firstRow = firstRow;
  }

  /** Whether there were more names than an agent, or the run, may have. */
  get hasOther(): boolean {
    return this.#hasOther;
  }

  /**
   * @param agent that gives the name; in an agent there is only one
   * @returns its number, counted on from the rows of the plan
   */
  row(row: ScriptRow, agent = 0): number {
    const key = keyOf(row);
    if (this.#takes(row.name, key, agent)) return this.numberOf(numbered(this.#rowNumbers, this.rows, key, row));
    const other = otherRow(row);
    return this.numberOf(numbered(this.#rowNumbers, this.rows, keyOf(other), other));
  }

  /** @param agent as in {@link row} @returns its number among the checks */
  check({ scenario, name }: ScriptCheck, agent = 0): number {
    const named = this.#takes(name, checkKeyOf(scenario, name), agent) ? name : OTHER_NAME;
    return numbered(this.#checkNumbers, this.checks, checkKeyOf(scenario, named), { scenario, name: named });
  }

  /** The number of a row. @param place in {@link rows} */
  numberOf(place: number): number {
    return this.#firstRow + place;
  }

  /** Undefined for a row of the plan. */
  rowAt(number: number): ScriptRow | undefined {
    return this.rows[number - this.#firstRow];
  }

  /** Whether this name stands for itself. */
  #takes(name: string, key: string, agent: number): boolean {
    if (name !== OTHER_NAME && this.#shares.take(key, agent)) return true;
    this.#hasOther = true;
    return false;
  }
}

function numbered<Named>(numbers: Map<string, number>, all: Named[], key: string, named: Named): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  const place = all.push(named) - 1;
  numbers.set(key, place);
  return place;
}

function keyOf({ scenario, kind, driver, type, name }: ScriptRow): string {
  return JSON.stringify([scenario, kind, driver, type, name]);
}

function checkKeyOf(scenario: number, name: string): string {
  return JSON.stringify([scenario, name]);
}

/** One for each kind of row in a scenario, whatever sent the requests. */
function otherRow({ scenario, kind }: ScriptRow): ScriptRow {
  return { scenario, kind, driver: '', type: '', name: OTHER_NAME, tags: {} };
}
