import type { ScriptCheck, ScriptRow } from './window.ts';

/**
 * How many names the scripts of a run may give, to rows and checks together: a row has histograms in every agent and in control.
 * It holds for each agent and for the whole run.
 */
export const MAX_SCRIPT_NAMES = 1000;
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
  #given = 0;
  #hasOther = false;

  /** @param firstRow the number of the first row, after those that the plan names */
  constructor(firstRow: number) {
    this.#firstRow = firstRow;
  }

  /** Whether there were more names than a run may have. */
  get hasOther(): boolean {
    return this.#hasOther;
  }

  /** @returns its number, counted on from the rows of the plan */
  row(row: ScriptRow): number {
    const place = this.#place(this.#rowNumbers, this.rows, row, keyOf(row), () => otherRow(row));
    return this.#firstRow + place;
  }

  /** @returns its number among the checks */
  check({ scenario, name }: ScriptCheck): number {
    const key = JSON.stringify([scenario, name]);
    return this.#place(this.#checkNumbers, this.checks, { scenario, name }, key, () => ({
      scenario,
      name: OTHER_NAME,
    }));
  }

  /** Undefined for a row of the plan. */
  rowAt(number: number): ScriptRow | undefined {
    return this.rows[number - this.#firstRow];
  }

  #place<Named extends ScriptCheck>(
    numbers: Map<string, number>,
    all: Named[],
    named: Named,
    key: string,
    other: () => Named,
  ): number {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    if (named.name !== OTHER_NAME && this.#given < MAX_SCRIPT_NAMES) {
      this.#given += 1;
      return added(numbers, all, named, key);
    }
    this.#hasOther = true;
    const rest = other();
    const restKey = 'kind' in rest ? keyOf(rest as Named & ScriptRow) : JSON.stringify([rest.scenario, rest.name]);
    return numbers.get(restKey) ?? added(numbers, all, rest, restKey);
  }
}

function added<Named>(numbers: Map<string, number>, all: Named[], named: Named, key: string): number {
  const place = all.push(named) - 1;
  numbers.set(key, place);
  return place;
}

function keyOf({ scenario, kind, driver, type, name }: ScriptRow): string {
  return JSON.stringify([scenario, kind, driver, type, name]);
}

/** One for each kind of row in a scenario, whatever sent the requests. */
function otherRow({ scenario, kind }: ScriptRow): ScriptRow {
  return { scenario, kind, driver: '', type: '', name: OTHER_NAME, tags: {} };
}
