import { type Document, isScalar, LineCounter, visit } from 'yaml';
import type { z } from 'zod';
import { shown } from '../../plan/messages.ts';
import { formatPath } from '../../plan/problem.ts';
import { repeatedKey } from '../../text/exact-json.ts';
import { isNestedDeeper } from '../../text/nesting.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';
import { lineFinder } from '../plans/plan-lines.ts';
import { nameOf } from '../plans/yaml-content.ts';
import { KEY_OF_PARTS, keyOfParts, yamlDocument } from '../plans/yaml-limits.ts';

/** Data of a file that another program has written. */
export interface ReadDocument {
  readonly value: unknown;
  /** What the author of the plan should know: of a key that occurs again in one map, the last value alone is read. */
  readonly notes: readonly string[];
  /** Such as `line 3: paths./items`, for messages. */
  place(path: readonly PropertyKey[]): string;
}

/** Lines are looked for by reading the text as YAML, which takes a second for a megabyte. */
const MAX_LOCATED = 4 << 20;
/** Aliases are resolved by copying. */
const MAX_ALIASES = 1000;
/** Schemas and examples of real documents have some dozens. */
const MAX_LEVELS = 500;
const TOO_DEEP = 'it is nested too deeply';

/**
 * Reads JSON, or YAML, of which JSON is a part.
 * @param source what messages call the text
 * @throws {CommandError} with the line of the mistake
 */
export function readDocument(text: string, source: string): ReadDocument {
  if (text.trim() === '') throw refusal(source, 'it is empty');
  const read = readAsJson(text) ?? readAsYaml(text, source);
  if (isNestedDeeper(read.value, MAX_LEVELS)) throw refusal(source, TOO_DEEP);
  return read;
}

function readAsJson(text: string): ReadDocument | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const twice = repeatedKey(text);
    const notes = twice === undefined ? [] : [repeated(twice.key, text.slice(0, twice.at).split('\n').length)];
    return { value, notes, place: (path) => placeIn(text, path) };
  } catch {
    return undefined;
  }
}

function readAsYaml(text: string, source: string): ReadDocument {
  if (text.length > MAX_LOCATED) {
    throw refusal(source, 'it is not JSON, and YAML is read only up to 4 MiB: convert it to JSON first');
  }
  const lines = new LineCounter();
  const document = parsedYaml(text, source, lines);
  const [fault] = document.errors;
  if (fault?.code === 'RESOURCE_EXHAUSTION') throw refusal(source, TOO_DEEP);
  if (fault !== undefined) throw refusal(source, `line ${lines.linePos(fault.pos[0]).line}: ${fault.message}`);
  const key = keyOfParts(document);
  if (key !== undefined) throw refusal(source, `line ${lines.linePos(key).line}: ${KEY_OF_PARTS}`);
  const lineOf = lineFinder(document, lines);
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { value, notes: repeatedIn(document, lines), place: (path) => placed(path, lineOf(formatPath(path))) };
  } catch (error) {
    throw refusal(source, error instanceof RangeError ? TOO_DEEP : (error as Error).message);
  }
}

/** The first one, as in JSON: a document with many of them is damaged. */
function repeatedIn(document: Document, lines: LineCounter): string[] {
  const notes: string[] = [];
  visit(document, {
    Map(_key, { items }) {
      const names = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = nameOf(key);
        if (names.has(name)) {
          notes.push(repeated(name, lines.linePos(key.range?.[0] ?? 0).line));
          return visit.BREAK;
        }
        names.add(name);
      }
      return undefined;
    },
  });
  return notes;
}

function repeated(key: string, line: number): string {
  return `The key ${shown(key)} occurs twice in one map of the file (line ${line}), which keeps one value: the last one was read.`;
}

function parsedYaml(text: string, source: string, lines: LineCounter) {
  try {
    const document = yamlDocument(text, lines);
    if (typeof document !== 'number') return document;
  } catch (error) {
    // The parser calls itself for each level.
    if (error instanceof RangeError) throw refusal(source, TOO_DEEP);
    throw error;
  }
  throw refusal(source, TOO_DEEP);
}

/** @throws {CommandError} with the first thing that is not as the schema says */
export function checkedDocument<Schema extends z.ZodType>(
  document: ReadDocument,
  schema: Schema,
  source: string,
): z.output<Schema> {
  const parsed = schema.safeParse(document.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refusal(source, `${document.place(issue?.path ?? [])}: ${issue?.message}`);
}

function placeIn(text: string, path: readonly PropertyKey[]): string {
  if (text.length > MAX_LOCATED) return placed(path, undefined);
  const lines = new LineCounter();
  const document = yamlDocument(text, lines);
  return placed(path, typeof document === 'number' ? undefined : lineFinder(document, lines)(formatPath(path)));
}

function placed(path: readonly PropertyKey[], line: number | undefined): string {
  return (
    [line === undefined ? '' : `line ${line}`, formatPath(path)].filter((part) => part !== '').join(': ') || 'line 1'
  );
}

export function refusal(source: string, message: string): CommandError {
  return new CommandError(`${source} cannot be imported: ${message}`, EXIT.invalidInput);
}
