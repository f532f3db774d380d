import { z } from 'zod';
import { referencesIn } from '../secrets/reference.ts';
import { isRawJson } from '../text/exact-json.ts';

/** In the words of plans, what zod calls a type. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  record: 'a map',
  object: 'a map',
  array: 'a list',
  tuple: 'a list',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};
/** Characters of a value in a message. */
const MAX_SHOWN = 60;
const MUST_BE = /^must be (.+), not /;

/** Every schema of plans and of plugins' options speaks like this, except where it has a message of its own. */
z.config({ customError: schemaMessage });

/**
 * A sentence that says what a value must be.
 * @param wanted such as `a whole number from 1 to 10`
 * @param input undefined when the value is missing
 */
export function mustBe(wanted: string, input: unknown): string {
  if (input === undefined) return `is missing: it must be ${wanted}`;
  return `must be ${wanted}, not ${shown(input)}${referenceHint(input)}`;
}

/** A value as a message shows it: short, on one line. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = jsonBeginning(value, MAX_SHOWN + 1);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}…` : text;
}

/**
 * A value as JSON, and of a larger one the beginning: it may be nested a hundred thousand levels deep, and all of it would hold the
 * event loop for seconds.
 * @param characters as many are returned where there are so many, and mostly few more
 */
function jsonBeginning(value: unknown, characters: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, characters));
  if (isRawJson(value)) return value.rawJSON;
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return JSON.stringify(value) ?? String(value);
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  let separator = '';
  for (const key in value) {
    if (text.length >= characters) return text;
    const inner = (value as Readonly<Record<string, unknown>>)[key];
    if (inner === undefined && !isList) continue;
    const name = isList ? '' : `${JSON.stringify(key.slice(0, characters))}:`;
    text += `${separator}${name}`;
    text += jsonBeginning(inner, Math.max(1, characters - text.length));
    separator = ',';
  }
  return `${text}${isList ? ']' : '}'}`;
}

/** Why a reference does not work here; empty when the value is not one. */
export function referenceHint(input: unknown): string {
  const [reference] = typeof input === 'string' ? referencesIn(input) : [];
  if (reference === undefined) return '';
  return `; ${reference.text} has a value only in the target and in texts of options: write it here, or use a flag of \`bench run\` such as --vus or its variable BENCH_VUS`;
}

/** Never undefined, because zod would speak then: "Invalid input: expected string, received number". */
function schemaMessage(issue: z.core.$ZodRawIssue): string {
  const { input } = issue;
  switch (issue.code) {
    case 'invalid_type':
      return mustBe(KINDS[issue.expected] ?? `a ${issue.expected}`, input);
    case 'invalid_value':
      return mustBe(`one of ${issue.values.join(', ')}`, input);
    case 'invalid_format':
      return mustBe(
        issue.pattern === undefined ? `text of the format ${issue.format}` : `text that matches ${issue.pattern}`,
        input,
      );
    case 'too_small':
      if (issue.origin === 'number' || issue.origin === 'int') {
        return mustBe(`${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`, input);
      }
      return issue.minimum === 1 ? 'must not be empty' : `must have at least ${issue.minimum} ${unitOf(issue.origin)}`;
    case 'too_big':
      if (issue.origin === 'number' || issue.origin === 'int') {
        return mustBe(`${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`, input);
      }
      return `must have at most ${issue.maximum} ${unitOf(issue.origin)}`;
    case 'not_multiple_of':
      return mustBe(`a multiple of ${issue.divisor}`, input);
    case 'unrecognized_keys':
      return issue.keys.map((key) => `unknown key ${shown(key)}`).join(', ');
    case 'invalid_key':
      return keyMessage(input, issue.issues?.[0]?.message ?? 'is not allowed');
    case 'invalid_union':
      return unionMessage(issue.errors ?? [], input);
    default:
      return notAllowed(input);
  }
}

function notAllowed(input: unknown): string {
  return input === undefined ? 'is missing' : `cannot be ${shown(input)}`;
}

/** A message about a key may name it already. */
function keyMessage(key: unknown, message: string): string {
  return message.includes(shown(key)) && !MUST_BE.test(message)
    ? message
    : `the name ${shown(key)} ${MUST_BE.exec(message)?.[0].replace(/, not $/, '') ?? message}`;
}

function unitOf(origin: string): string {
  return origin === 'string' ? 'characters' : 'entries';
}

/** The message of the alternative that the value was most probably meant to be. */
function unionMessage(alternatives: readonly (readonly z.core.$ZodIssue[])[], input: unknown): string {
  const ofThatKind = alternatives.filter((issues) =>
    issues.every(({ code, path }) => code !== 'invalid_type' || path.length > 0),
  );
  if (ofThatKind.length === 0) {
    const wanted = alternatives.flat().flatMap(({ message }) => MUST_BE.exec(message)?.[1] ?? []);
    return wanted.length === 0 ? notAllowed(input) : mustBe([...new Set(wanted)].join(' or '), input);
  }
  const [best = []] = ofThatKind.toSorted((a, b) => misfits(a) - misfits(b));
  return best
    .map(({ path, message }) => (path.length === 0 ? message : `${z.core.toDotPath(path)}: ${message}`))
    .join('; ');
}

/** How many keys are unknown or missing: the fewer, the closer the value is to that alternative. */
function misfits(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + issue.keys.length;
    return issue.message.includes('is missing: ') ? sum + 1 : sum;
  }, 0);
}
