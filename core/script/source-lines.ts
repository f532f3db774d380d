/**
 * From which files the lines of a module come that was made of several and is sent with a run. Runtimes tell only where in the
 * module something was thrown, and its author knows nothing of the module.
 */

/** A line of a file, counted from 1; undefined for what the author of the module has not written. */
export type SourceLine = { readonly file: string; readonly line: number } | undefined;

/** Begins the last line of a module: a comment of our own, since runtimes read source maps, each in its own way. */
const MARK = '\n//# bench-lines ';
/** A place in a module that was sent, in a stack of any runtime. */
const IN_MODULE = /([0-9a-f]{64})\.mjs:(\d+)/g;

/** What the comment holds, by the module's hash. */
const kept = new Map<string, string>();

/** @param lines of the code, in order; files under the names that messages show */
export function withSourceLines(code: string, lines: readonly SourceLine[]): string {
  const files = [...new Set(lines.flatMap((line) => line?.file ?? []))];
  const places = lines.map((line) => (line === undefined ? '' : `${files.indexOf(line.file)}:${line.line}`));
  return `${code.trimEnd()}${MARK}${JSON.stringify({ files, lines: places.join(',') })}\n`;
}

/** Called for each module that is imported, while its text is at hand. */
export function keepSourceLines(sha256: string, module: string): void {
  const at = module.lastIndexOf(MARK);
  if (at >= 0) kept.set(sha256, module.slice(at + MARK.length));
}

/** The innermost place in a stack that an author has written, such as `shopper.ts:12`; undefined where there is none. */
export function sourcePlaceIn(stack: string): string | undefined {
  for (const [, sha256 = '', line] of stack.matchAll(IN_MODULE)) {
    const place = placeOf(kept.get(sha256), Number(line));
    if (place !== undefined) return place;
  }
  return undefined;
}

/** What was sent may be anything: a comment that only looks like ours says nothing. */
function placeOf(comment: string | undefined, line: number): string | undefined {
  if (comment === undefined) return undefined;
  try {
    const { files, lines } = JSON.parse(comment) as { files: readonly string[]; lines: string };
    const [file, sourceLine] = (lines.split(',')[line - 1] ?? '').split(':');
    const name = files[Number(file)];
    return name === undefined || sourceLine === undefined ? undefined : `${name}:${sourceLine}`;
  } catch {
    return undefined;
  }
}
