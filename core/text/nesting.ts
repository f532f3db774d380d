/**
 * Whether lists and maps are nested more deeply than this. What nobody bounds is nested a hundred thousand times by a few bytes
 * each, and whatever calls itself for each level then holds the event loop for seconds, or runs out of stack.
 * @param value plain data without circles
 * @param levels 0 takes a text or a number, 1 a list or map of them
 */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  let holders: object[] = isHolder(value) ? [value] : [];
  for (let level = 1; holders.length > 0; level++) {
    if (level > levels) return true;
    holders = holders.flatMap((holder) => Object.values(holder).filter(isHolder));
  }
  return false;
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
