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

/** A path and query as a plan may hold them: without spaces and fragment, percent-encoded where it must be. */
export function planPath(path: string): string {
  const [beforeFragment = ''] = path.split('#');
  const encoded = beforeFragment.replaceAll(/[^!-~]+|["<>\\^`|]/gu, (part) => encodeURIComponent(part));
  return encoded.startsWith('/') ? encoded : `/${encoded}`;
}
