/** C0 and C1 controls, line separators, controls of writing direction, and surrogates without their other half. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * The text on one line, with a visible sign for each character that is none: names and messages come from plans and
 * from targets, and must not break a table, hide, or turn the writing around.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '␡';
    return code === 0x2028 || code === 0x2029 ? '␊' : '\ufffd';
  });
}

/** A sentence is whole with it; a name of ten thousand is not. */
const MOST_CHARACTERS = 600;

/** At most this many characters, with … for what is left out. */
export function clipped(text: string, most = MOST_CHARACTERS): string {
  if (text.length <= most) return text;
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
