import { clipped } from './printable.ts';

/** Longer names are compared by their beginning only, because the work grows with the product of both lengths. */
const MAX_COMPARED = 100;
/**
 * How many characters are compared with each other before the event loop has turned: some tens of milliseconds. A plan of somebody who
 * means harm may have thousands of wrong names, each of which could be meant to be one of thousands.
 */
const MAX_STEPS = 5_000_000;
/** As many names as help whoever has mistaken one. */
const MAX_NAMES = 10;
const MAX_NAME_CHARACTERS = 80;

let stepsLeft = MAX_STEPS;
let above = new Uint16Array(MAX_COMPARED + 1);
let row = new Uint16Array(MAX_COMPARED + 1);

/**
 * Edits (insert, delete, replace) from one text to the other: Levenshtein's algorithm, with two rows, of which only those places are
 * looked at that so many edits can reach.
 * @returns more than `most` where there are more
 */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  const beyond = most + 1;
  for (let j = 0; j <= b.length; j++) above[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const from = Math.max(1, i - most);
    const to = Math.min(b.length, i + most);
    row[from - 1] = from === 1 ? i : beyond;
    let least = row[from - 1] as number;
    for (let j = from; j <= to; j++) {
      const replaced = (above[j - 1] as number) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      // The place above the last one was out of reach.
      const deleted = j < i + most ? (above[j] as number) + 1 : beyond;
      const edits = Math.min(replaced, deleted, (row[j - 1] as number) + 1);
      row[j] = edits;
      if (edits < least) least = edits;
    }
    stepsLeft -= to - from + 1;
    if (least > most) return beyond;
    [above, row] = [row, above];
  }
  return above[b.length] as number;
}

/** The known name that a wrong name was probably meant to be; undefined when none is similar, or too many were looked for at once. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.slice(0, MAX_COMPARED).toLowerCase().slice(0, MAX_COMPARED);
  if (stepsLeft === MAX_STEPS && known.length > 0) {
    setImmediate(() => {
      stepsLeft = MAX_STEPS;
    });
  }
  let best: string | undefined;
  let most = Math.max(2, Math.floor(wanted.length / 3));
  for (const candidate of known) {
    if (stepsLeft <= 0) return best;
    stepsLeft -= 1;
    const edits = distance(wanted, candidate.slice(0, MAX_COMPARED).toLowerCase().slice(0, MAX_COMPARED), most);
    if (edits > most) continue;
    best = candidate;
    most = edits - 1;
    if (most < 0) return best;
  }
  return best;
}

/** Names that somebody could have meant, for a message: of many the first ten. */
export function namesToShow(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map((name) => clipped(name, MAX_NAME_CHARACTERS));
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? `, and ${more} more` : '');
}
