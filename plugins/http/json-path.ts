/** One step into a JSON value: a key, an index, or every element of a list. */
type Step = { readonly key: string } | 'each';

/** A path such as `data.items[0].id` or `items[*].id`. */
export type JsonPath = readonly Step[];

/** @returns undefined when the text is no path */
export function parseJsonPath(text: string): JsonPath | undefined {
  const dotted = text.replaceAll(/\[(\d+|\*)\]/g, '.$1').replace(/^\./, '');
  if (/[[\]]/.test(dotted)) return undefined;
  const keys = dotted.split('.');
  if (keys.includes('')) return undefined;
  return keys.map((key) => (key === '*' ? 'each' : { key }));
}

/** Everything that a path leads to, in the order of the lists on its way; empty where nothing is there. */
export function valuesAt(root: unknown, path: JsonPath): unknown[] {
  let values: unknown[] = [root];
  for (const step of path) {
    values = values.flatMap((value): unknown[] => {
      if (step === 'each') return Array.isArray(value) ? value : [];
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step.key)) return [];
      return [(value as Record<string, unknown>)[step.key]];
    });
  }
  return values;
}
