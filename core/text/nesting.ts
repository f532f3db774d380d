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

const QUOTE = 34;
const BACKSLASH = 92;
const [OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [91, 93, 123, 125];

/**
 * Whether JSON is nested more deeply than this, before anybody parses it. Takes time in proportion to the text, and none that counts
 * for a text that is too short to be nested so deeply.
 * @param text of JSON, or of something else: then the answer says nothing
 * @param levels as for {@link isNestedDeeper}
 */
export function isJsonNestedDeeper(text: string, levels: number): boolean {
  // A level takes a character where the text breaks off, as that of somebody who means harm may.
  if (text.length <= levels) return false;
  let level = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_LIST || code === OPEN_MAP) {
      if (++level > levels) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_MAP) level--;
  }
  return false;
}

/** @param start where its first quote stands. @returns where its last one does, or the end of the text */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}
