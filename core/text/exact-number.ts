/** Numbers in JSON, outside of its strings. */
const STRINGS_AND_NUMBERS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const DECIMAL = /^[+-]?(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;

/**
 * Whether a number in JavaScript has exactly the value that its text says: `9007199254740993`, `1e400` and numbers of
 * more than 17 digits usually have not.
 * @param text a number as JSON or YAML writes it
 */
export function isExactNumber(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  const written = decimalOf(text);
  // Hexadecimal and octal numbers of YAML are not decimal.
  return written === undefined ? Number.isSafeInteger(value) : written === decimalOf(String(value));
}

/** Digits without zeros at either end, and the power of ten that they are multiplied by. */
function decimalOf(text: string): string | undefined {
  const [matched, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

/** The first number of a JSON text, as written, that JavaScript cannot hold. @param text valid JSON: only there do all strings end */
export function inexactNumber(text: string): string | undefined {
  for (const [token] of text.matchAll(STRINGS_AND_NUMBERS)) {
    if (!token.startsWith('"') && !isExactNumber(token)) return token;
  }
  return undefined;
}
