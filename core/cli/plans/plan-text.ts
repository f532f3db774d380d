import { Lexer, LineCounter } from 'yaml';
import { errorMessage } from '../../error.ts';
import { lineFinder } from './plan-lines.ts';
import { MAX_ALIASES, YamlContent } from './yaml-content.ts';
import { KEY_OF_PARTS, keyOfParts, yamlDocument } from './yaml-limits.ts';

/** Of aliases in what aliases stand for. */
const ALIASES_IN_ALIASES = `aliases bring more than ${MAX_ALIASES} others to one place: write out what they stand for`;
const TOO_DEEP = 'this is nested too deeply';
/** One mistake in the syntax often causes many more faults after it. */
const MAX_FAULTS = 20;

/** The data of a plan's text. */
export interface PlanText {
  readonly source: unknown;
  /** The line that a problem's path points to. */
  readonly lineOf: (path: string) => number | undefined;
  /** How the text writes a number. */
  readonly written: (path: readonly string[]) => string | undefined;
}

/** What keeps a text from being read. */
export interface TextFault {
  readonly message: string;
  readonly line: number | undefined;
}

/**
 * Reads YAML, and JSON as the YAML that it also is, so that its errors come with lines too. Refuses what would not arrive
 * as it is written: keys that occur twice, and numbers that JavaScript cannot hold.
 * @returns what is wrong, if anything is
 */
export function readPlanText(text: string): PlanText | readonly TextFault[] {
  const lines = new LineCounter();
  const document = yamlDocument(text, lines);
  if (typeof document === 'number') return [{ message: TOO_DEEP, line: lines.linePos(document).line }];
  const syntax = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    message,
    at: pos[0],
    code,
  }));
  const tooDeep = syntax.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (tooDeep !== undefined) return [{ message: TOO_DEEP, line: lines.linePos(tooDeep.at).line }];
  const key = keyOfParts(document);
  if (key !== undefined) syntax.push({ message: KEY_OF_PARTS, at: key, code: 'UNEXPECTED_TOKEN' });
  const content = syntax.length > 0 ? undefined : new YamlContent(document);
  const faults = content?.faults ?? syntax;
  if (faults.length > 0) {
    const told = new Map<string, TextFault>();
    for (const { message, at } of faults) {
      const { line } = lines.linePos(at);
      told.set(`${line} ${message}`, { message, line });
    }
    const listed = [...told.values()].slice(0, MAX_FAULTS);
    const more = told.size - listed.length;
    return more > 0 ? [...listed, { message: `and ${more} more`, line: undefined }] : listed;
  }
  try {
    return {
      source: document.toJS({ maxAliasCount: MAX_ALIASES }),
      lineOf: lineFinder(document, lines),
      written: (path) => content?.written(path),
    };
  } catch (error) {
    if (error instanceof ReferenceError) return [{ message: ALIASES_IN_ALIASES, line: undefined }];
    return [{ message: error instanceof RangeError ? TOO_DEEP : errorMessage(error), line: undefined }];
  }
}

/**
 * Whether YAML has more tokens than this: each takes some microseconds to read, however long the text is. A scalar is one token or two,
 * and so are marks, spaces and line ends.
 */
export function hasMoreTokens(text: string, max: number): boolean {
  let tokens = 0;
  for (const _ of new Lexer().lex(text)) if (++tokens > max) return true;
  return false;
}
