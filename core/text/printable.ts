/** Control characters (C0, DEL, C1), line and paragraph separators, controls of writing direction, and halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}]/gu;

/**
 * The text on one line, with a visible sign in place of each character that does not print. Text from plans, agents, targets
 * and databases goes through it on its way to a terminal, a log or a report: it must not move the cursor, begin a line of its
 * own, hide itself, or turn the direction of writing around.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '␡';
    return code === 0x2028 || code === 0x2029 ? '␊' : '\ufffd';
  });
}

/**
 * A document of JSON or YAML whose texts cannot steer the terminal that it is printed on. What does not print may stand only in
 * texts with double quotes, and is escaped there, so that the same is read back (RFC 8259, 7; YAML 1.2.2, 5.7).
 */
export function printableDocument(document: string): string {
  return document.replaceAll(UNPRINTABLE, (character) => {
    if (character === '\n') return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Whether all of the text prints, on one line. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) < 0;
}

/**
 * Services of CI carry out commands that stand in the output of a step, and some also in what reports say.
 * @returns the line with a space inside each `::command::`, `##[command]`, `##vso[command]` and `##teamcity[command]`
 */
export function withoutCommands(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll(/#(?=#\w*\[)/g, '# ');
}

/** Long enough for any sentence, too short for a name of ten thousand characters. */
const MAX_CHARACTERS = 600;

/** At most this many characters, with … for what is left out. */
export function clipped(text: string, max = MAX_CHARACTERS): string {
  if (text.length <= max) return text;
  // A character has at most two code units. A text may have millions of them.
  const isLonger = text.length > 2 * max;
  const characters = [...text.slice(0, 2 * max)];
  return !isLonger && characters.length <= max ? text : `${characters.slice(0, max - 1).join('')}…`;
}

/**
 * Text that a stranger sent, made fit for the middle of a sentence: short, printable, and with single spaces where it had
 * line breaks or runs of white space.
 */
export function oneLine(text: string, max = MAX_CHARACTERS): string {
  return clipped(
    printable(
      clipped(text, 4 * max)
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ),
    max,
  );
}

const MAX_LINES = 50;

/** {@link oneLine} of each of the first fifty texts; the rest is left out. */
export function oneLines(texts: readonly string[]): string[] {
  return texts.slice(0, MAX_LINES).map((text) => oneLine(text));
}
