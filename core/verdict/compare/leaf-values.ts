/** What stands at each place of plain data, by its path such as `scenarios.devices.vus`. */
export function leafValues(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, shownValue(value)]]);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return new Map(entries.flatMap(([key, inner]) => [...leafValues(inner, path === '' ? key : `${path}.${key}`)]));
}

function shownValue(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}

/** What sides say of a key, where they do not say the same. A side of several runs says all that any of them does. */
export interface Difference {
  readonly key: string;
  readonly before: string;
  readonly after: string;
}

/** What stands for a key that a side does not have. */
const NOTHING = '–';

/** @param before the facts of each run of a side, by key */
export function differencesOf(
  before: readonly ReadonlyMap<string, string>[],
  after: readonly ReadonlyMap<string, string>[],
): Difference[] {
  const keys = new Set([...before, ...after].flatMap((facts) => [...facts.keys()]));
  const said = (side: readonly ReadonlyMap<string, string>[], key: string) =>
    [...new Set(side.map((facts) => facts.get(key) ?? NOTHING))].sort().join(' / ');
  return [...keys]
    .map((key) => ({ key, before: said(before, key), after: said(after, key) }))
    .filter((difference) => difference.before !== difference.after);
}
