import { formatPath, type PlanProblem } from './problem.ts';

const MAX_PLAN_MIB = 4;
/** In its file, and with its parameters filled in: plans hold no data, and the largest are a thousandth of this. */
export const MAX_PLAN_BYTES = MAX_PLAN_MIB << 20;
/** The same for messages. */
export const MAX_PLAN_SIZE = `${MAX_PLAN_MIB} MiB`;

/** A plan of 5,000 operations with a body each stays far below this; more would keep control busy for minutes. */
const MAX_VALUES = 100_000;
/** Of lists and maps in each other. */
export const MAX_PLAN_LEVELS = 64;
/** Continues the name of what is nested so. */
export const TOO_DEEP = `is nested more than ${MAX_PLAN_LEVELS} levels deep: a body may be written as text, or stand in a file`;
/** What to do with a number that JavaScript cannot hold. */
export const EXACT_NUMBER_HINT = 'write it in quotes, or, in a JSON body, write the whole body as text';
/** Further problems of this kind would tell the reader nothing new. */
const MAX_PROBLEMS = 10;

/**
 * What no part of a plan may contain, whatever its schema: more values than can be checked in reasonable time, numbers
 * that have already lost digits, and names that JavaScript treats specially.
 * @param source plain data without circles
 */
export function plainDataProblems(source: unknown): PlanProblem[] {
  const problems: PlanProblem[] = [];
  let values = 0;
  const visit = (value: unknown, path: readonly PropertyKey[]): boolean => {
    values += 1;
    if (values > MAX_VALUES) {
      problems.splice(0, Number.POSITIVE_INFINITY, {
        path: '',
        message: `the plan has more than ${MAX_VALUES.toLocaleString('en')} values: move data into data files`,
      });
      return false;
    }
    if (path.length > MAX_PLAN_LEVELS) {
      problems.splice(0, Number.POSITIVE_INFINITY, {
        path: formatPath(path.slice(0, 3)),
        message: TOO_DEEP,
      });
      return false;
    }
    const message = problemOf(value, path.at(-1));
    if (message !== undefined && problems.length < MAX_PROBLEMS) problems.push({ path: formatPath(path), message });
    if (typeof value !== 'object' || value === null) return true;
    if (Array.isArray(value)) return value.every((inner, i) => visit(inner, [...path, i]));
    return Object.entries(value).every(([key, inner]) => visit(inner, [...path, key]));
  };
  visit(source, []);
  return problems;
}

function problemOf(value: unknown, key: PropertyKey | undefined): string | undefined {
  if (key === '__proto__') {
    return '"__proto__" cannot be a name in a plan: choose another one; to send it in JSON, write the body as text';
  }
  if (typeof value !== 'number') return undefined;
  if (!Number.isFinite(value)) return `${value} is not a number that a plan can contain`;
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return undefined;
  return `the number is beyond ${Number.MAX_SAFE_INTEGER}, where digits get lost: ${EXACT_NUMBER_HINT}`;
}

/**
 * Whether a number of a plan becomes text at a place: a field of a form, a part, or what a variable is compared with.
 * @param keys of the maps around it
 */
export function becomesText(keys: readonly string[]): boolean {
  const [first, , options, operations, , body, kind, , part] = keys;
  if (first === 'scenarios') return keys.at(-1) === 'equals' && ['if', 'until'].includes(keys.at(-2) as string);
  if (options !== 'options' || operations !== 'operations' || body !== 'body') return false;
  if (keys.length === 8) return kind === 'form' || kind === 'multipart';
  return keys.length === 9 && kind === 'multipart' && part === 'text';
}
