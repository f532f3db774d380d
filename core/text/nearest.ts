/** Longer names are compared by their beginning only, because the work grows with the product of both lengths. */
const MAX_COMPARED = 100;

/** Edits (insert, delete, replace) from one text to the other: Levenshtein's algorithm, with two rows. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replace, (previous[j] as number) + 1, (current[j - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[b.length] as number;
}

/** The known name that a wrong name was probably meant to be; undefined when none is similar. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.slice(0, MAX_COMPARED).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const d = distance(wanted, candidate.slice(0, MAX_COMPARED).toLowerCase());
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}
