import type { Test } from 'tap';

/** `t.match` of a whole list: tap's own sees nothing that comes after the last pattern, and is content with more. */
export function matchEach(
  t: Pick<Test, 'match'>,
  found: unknown,
  patterns: readonly unknown[],
  message = 'each entry should match its pattern',
): void {
  const count = Array.isArray(found) ? found.length : undefined;
  t.match({ entries: found, count }, { entries: patterns, count: patterns.length }, message, { found });
}
