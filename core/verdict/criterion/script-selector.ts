import type { ScriptRow } from '../../stats/window.ts';

/**
 * What a criterion selects of the rows that scripts name while the load runs. Nobody knows before which there will be, so they
 * are matched as they come.
 */
export interface ScriptSelector {
  /** The scenarios whose scripts are meant: names by index in the plan. */
  readonly scenarios: ReadonlyMap<number, string>;
  /** Undefined: all requests. */
  readonly name: string | undefined;
  readonly tag: { readonly name: string; readonly value: string } | undefined;
}

/** @param row undefined for a row of the plan */
export function selectsRow(selector: ScriptSelector | undefined, row: ScriptRow | undefined): boolean {
  if (selector === undefined || row === undefined || !selector.scenarios.has(row.scenario)) return false;
  return matches(selector, row, row.kind);
}

/** The same for a row of the result. @param kind a span has no tags, and is selected only by its name */
export function selectsResult(
  selector: ScriptSelector | undefined,
  row: { readonly scenario: string; readonly name: string; readonly tags?: ScriptRow['tags'] },
  kind: ScriptRow['kind'],
): boolean {
  if (selector === undefined || ![...selector.scenarios.values()].includes(row.scenario)) return false;
  return matches(selector, { name: row.name, tags: row.tags ?? {} }, kind);
}

function matches(
  { name, tag }: ScriptSelector,
  row: Pick<ScriptRow, 'name' | 'tags'>,
  kind: ScriptRow['kind'],
): boolean {
  if (name === undefined ? kind !== 'request' : row.name !== name) return false;
  return tag === undefined || (Object.hasOwn(row.tags, tag.name) && row.tags[tag.name] === tag.value);
}
