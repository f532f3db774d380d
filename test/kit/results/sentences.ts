import type { Test } from 'tap';

/** Asserts that each pattern matches at least one of the sentences. */
export function has(t: Test, sentences: readonly string[], wanted: readonly RegExp[]): void {
  for (const pattern of wanted)
    t.ok(
      sentences.some((sentence) => pattern.test(sentence)),
      String(pattern),
    );
}
