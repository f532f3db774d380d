import { type Document, isPair, isScalar, Lexer, LineCounter, visit } from 'yaml';
import { errorMessage } from '../../error.ts';
import { becomesText, EXACT_NUMBER_HINT } from '../../plan/plain-data.ts';
import { isExactNumber } from '../../text/exact-number.ts';
import { lineFinder } from './plan-lines.ts';
import { KEY_OF_PARTS, keyOfParts, yamlDocument } from './yaml-limits.ts';

/** The time to resolve aliases grows with their number and with the size of the document. */
const MAX_ALIASES = 500;
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

interface Fault {
  readonly message: string;
  /** Offset in the text. */
  readonly at: number;
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
  const faults = syntax.length > 0 ? syntax : contentFaults(document);
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
      source: document.toJS(),
      lineOf: lineFinder(document, lines),
      written: (path) => writtenIn(document, path),
    };
  } catch (error) {
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

function contentFaults(document: Document): Fault[] {
  const faults: Fault[] = [];
  let aliases = 0;
  // An alias stands for the last node before it with that anchor. The package would look for it in the whole document each time.
  const anchored = new Map<string, unknown>();
  const remember = (node: { readonly anchor?: string }) => {
    if (node.anchor !== undefined) anchored.set(node.anchor, node);
  };
  visit(document, {
    Seq: (_key, list) => remember(list),
    Alias(_key, { source, range }, holders) {
      const meant = anchored.get(source);
      if (meant !== undefined && holders.some((holder) => holder === meant)) {
        faults.push({ message: `the alias *${source} refers back to what holds it`, at: range?.[0] ?? 0 });
      }
      aliases += 1;
      if (aliases <= MAX_ALIASES) return undefined;
      faults.push({ message: `there are more than ${MAX_ALIASES} aliases`, at: range?.[0] ?? 0 });
      return visit.BREAK;
    },
    Map(_key, map) {
      remember(map);
      const names = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (names.has(key.value)) {
          faults.push({ message: `the key "${String(key.value)}" occurs twice in this map`, at: key.range?.[0] ?? 0 });
        }
        names.add(key.value);
      }
    },
    Scalar(place, scalar, holders) {
      remember(scalar);
      const { value, source, range } = scalar;
      const message =
        typeof value === 'number'
          ? (numberFault(value, source ?? '') ?? textFault(value, source ?? '', place === 'key', holders))
          : undefined;
      if (message !== undefined) faults.push({ message, at: range?.[0] ?? 0 });
    },
  });
  return faults;
}

/** What is wrong with a number that would reach the target with other digits than the plan has. */
function numberFault(value: number, source: string): string | undefined {
  if (/^[+-]?0\d/.test(source)) return `${source} would be read as the number ${value}: write it in quotes`;
  if (!/\d/.test(source) || isExactNumber(source)) return undefined;
  return `${source} would be read as ${value}: ${EXACT_NUMBER_HINT}`;
}

/** What is wrong with a number that becomes text, of which other digits would be left. */
function textFault(value: number, source: string, isKey: boolean, holders: readonly unknown[]): string | undefined {
  if (source === String(value)) return undefined;
  if (isKey) return `${source} would be read as the name ${value}: write it in quotes`;
  const keys = holders.flatMap((holder) => (isPair(holder) && isScalar(holder.key) ? [String(holder.key.value)] : []));
  return becomesText(keys) ? `${source} would be sent as ${value}: write it in quotes` : undefined;
}

function writtenIn(document: Document, path: readonly string[]): string | undefined {
  const node = document.getIn(path, true);
  return isScalar(node) ? node.source : undefined;
}
