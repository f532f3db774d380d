/** What a plan writes for texts that come from elsewhere. */

/** A text that stands for itself, whatever it looks like: `$${` is a plain `${` in a plan. */
export function literal(text: string): string {
  return text.replaceAll('${', () => '$${');
}

/** A variable of the environment, as a plan refers to it. */
export function reference(variable: string): string {
  return `\${env:${variable}}`;
}

/** A parameter of the plan. */
export function parameter(name: string): string {
  return `\${param.${name}}`;
}

/** Whether all of a text is a reference or another placeholder already, perhaps after a word such as `Bearer`. */
export function isReferred(text: string): boolean {
  return /^(?:\w+ )?\$\{[^{}]+\}$/.test(text);
}

/** A part of an address. Half a character is what browsers make of it, a sign for "unknown" (URL Standard, 5.1). */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** What a part of an address stands for; the part itself where a % in it begins no character. */
export function decodedText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A text as an address holds it: percent-encoded where it must be, and else as it is written. */
export function addressText(text: string): string {
  return text.replaceAll(/[^!-~]+|["#<>\\^`|]/gu, percentEncoded);
}

/** A path and query as a plan may hold them: without spaces and fragment, percent-encoded where it must be. */
export function planPath(path: string): string {
  const [beforeFragment = ''] = path.split('#');
  const encoded = addressText(beforeFragment);
  return encoded.startsWith('/') ? encoded : `/${encoded}`;
}

/** The first characters of a text, of which none is cut in half. @param most UTF-16 code units */
export function beginning(text: string, most: number): string {
  return text
    .toWellFormed()
    .slice(0, most)
    .replace(/[\ud800-\udbff]$/, '');
}
