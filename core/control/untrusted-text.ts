// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal or a log
const CONTROL_CHARACTERS = /[\x00-\x1f\x7f]+/g;

/** Text that came from the wire, fit for a line of a log, a result or a terminal: short, on one line. */
export function wireText(text: string, longest = 500): string {
  const line = text.replaceAll(CONTROL_CHARACTERS, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…`.toWellFormed() : line;
}

const MOST_TEXTS = 50;

/** The same of a list, of which only the first are shown. */
export function wireTexts(texts: readonly string[]): string[] {
  return texts.slice(0, MOST_TEXTS).map((text) => wireText(text));
}
