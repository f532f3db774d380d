import { z } from 'zod';
import { object } from '../../core/plan/fields.ts';
import { shown } from '../../core/plan/messages.ts';
import { hideInText, isSensitive } from '../../core/secrets/credentials.ts';
import { isRawJson, parseExactJson } from '../../core/text/exact-json.ts';
import { isExactNumber } from '../../core/text/exact-number.ts';
import { compilePattern } from '../../core/text/pattern.ts';
import type { Answer, Exchange, RequestShape } from './exchange.ts';

const STATUS_CLASS = /^([1-5])xx$/;

const notAStatus = ({ input }: { readonly input?: unknown }) =>
  `must be a status such as 200, a list of them, or a class such as "2xx", not ${shown(input)}`;
const status = z.union(
  [
    z.int().min(100).max(999),
    z.string().regex(STATUS_CLASS, { error: notAStatus }),
    z.array(z.int().min(100).max(999)).min(1),
  ],
  { error: notAStatus },
);

/** Tells whether it occurs in a text: a pattern of the plan, or a regular expression of a script. */
interface TextTest {
  readonly source: string;
  test(text: string): boolean;
}

const regex = z.string().transform((text, context): TextTest => {
  const pattern = compilePattern(text, true);
  if (typeof pattern !== 'string') return pattern;
  context.addIssue({ code: 'custom', message: pattern });
  return z.NEVER;
});

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: (issue) => `must be a text, a number, true, false or null, not ${shown(issue.input)}`,
});

export const headerChecksSchema = z
  .record(z.string(), z.string())
  .optional()
  .describe('Text that each of these headers must contain, by header name.');

export const bodyChecksSchema = object({
  contains: z.string().optional().describe('Text that the first 1 MiB of the body must contain.'),
  matches: regex
    .optional()
    .describe('Regular expression in the syntax of RE2 that the first 1 MiB of the body must match.'),
  json: z
    .record(z.string(), scalar)
    .optional()
    .describe('Values by path, such as {"data.items[0].id": 7}. Write a number beyond 2^53 as text.'),
});

export const checksSchema = object({
  status: status.optional().describe('Expected status: a number, a list, or a class such as 2xx. Default: 200 to 399.'),
  headers: headerChecksSchema,
  body: bodyChecksSchema.optional(),
});

export type ChecksOptions = z.output<typeof checksSchema>;

/** What an operation expects of its answers. */
export class Checks {
  readonly needsHead: boolean;
  readonly needsBody: boolean;
  readonly #takesStatus: (status: number) => boolean;
  readonly #statusText: string;
  readonly #headers: readonly (readonly [name: string, value: string])[];
  readonly #words: { readonly header: string; readonly body: string };
  readonly #contains: Buffer | undefined;
  readonly #matches: TextTest | undefined;
  readonly #json: readonly (readonly [path: string, keys: readonly string[], value: unknown])[];

  /** @param words what messages call a header and a body */
  constructor(options: ChecksOptions = {}, words = { header: 'the header', body: 'the body' }) {
    this.#words = words;
    const { status, headers = {}, body = {} } = options;
    this.#takesStatus = statusTest(status);
    this.#statusText = Array.isArray(status) ? status.join(' or ') : String(status ?? '200 to 399');
    this.#headers = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    this.#contains = body.contains === undefined ? undefined : Buffer.from(body.contains);
    this.#matches = body.matches;
    this.#json = Object.entries(body.json ?? {}).map(([path, value]) => [path, pathKeys(path), value]);
    this.needsHead = this.#headers.length > 0;
    this.needsBody = this.#contains !== undefined || this.#matches !== undefined || this.#json.length > 0;
  }

  /** Fails an exchange whose answer is complete but not the expected one. */
  apply(exchange: Exchange, answer: Answer, shape: RequestShape): void {
    if (!exchange.ok) return;
    const { status } = exchange;
    if (!this.#takesStatus(status)) {
      exchange.fail(`http_${status}`, `${shape.label}: the status is ${status}, not ${this.#statusText}`);
      return;
    }
    const problem = this.problemOf(answer);
    if (problem !== undefined) exchange.fail('check_failed', `${shape.label}: ${problem}`);
  }

  /** What is wrong with the headers or the body, whatever the status. */
  problemOf(answer: Answer): string | undefined {
    return (
      (this.needsHead ? this.#headProblem(answer) : undefined) ??
      (this.needsBody ? this.#bodyProblem(answer) : undefined)
    );
  }

  #headProblem({ headText }: Answer): string | undefined {
    const headers = new Map<string, string>();
    for (const line of headText.split('\r\n').slice(1)) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      const before = headers.get(name);
      headers.set(name, before === undefined ? value : `${before}, ${value}`);
    }
    for (const [name, wanted] of this.#headers) {
      const value = headers.get(name);
      if (value === undefined) return `${this.#words.header} ${name} is missing`;
      if (!value.includes(wanted))
        return `${this.#words.header} ${name} is ${found(value, [name])}, without ${shown(wanted)}`;
    }
    return undefined;
  }

  #bodyProblem({ body, bodyBytes }: Answer): string | undefined {
    const isCut = bodyBytes > body.length;
    const whole = this.#words.body;
    const what = isCut ? `the first ${sizeOf(body)} of ${whole}, which is all that a check reads,` : whole;
    if (this.#contains && !body.includes(this.#contains))
      return `${what} does not contain ${shown(`${this.#contains}`)}`;
    if (this.#matches === undefined && this.#json.length === 0) return undefined;
    const text = body.toString('utf8');
    if (this.#matches?.test(text) === false) return `${what} does not match /${this.#matches.source}/`;
    if (this.#json.length === 0) return undefined;
    return isCut ? `${whole} is larger than the ${sizeOf(body)} that a check reads` : this.#jsonProblem(text);
  }

  #jsonProblem(text: string): string | undefined {
    let root: unknown;
    try {
      root = parseExactJson(text);
    } catch {
      return `${this.#words.body} is not JSON`;
    }
    for (const [path, keys, wanted] of this.#json) {
      let value = root;
      for (const key of keys) value = (value as Record<string, unknown> | null | undefined)?.[key];
      if (!isSame(value, wanted))
        return `${path} in ${this.#words.body} is ${found(value, keys)}, not ${shown(wanted)}`;
    }
    return undefined;
  }
}

/**
 * A value of a target as a message shows it. What lets its holder in is no part of it: messages stand in results and reports.
 * @param names under which the value stands
 */
function found(value: unknown, names: readonly string[]): string {
  return value !== undefined && names.some(isSensitive) ? '"***"' : hideInText(shown(value));
}

function sizeOf({ length }: Buffer): string {
  return length % 2 ** 20 === 0 ? `${length / 2 ** 20} MiB` : `${length} bytes`;
}

/** A number that is too long for JavaScript can only be expected as text; its digits are then compared. */
function isSame(value: unknown, wanted: unknown): boolean {
  if (!isRawJson(value)) return value === wanted;
  return isExactNumber(value.rawJSON) ? Number(value.rawJSON) === wanted : value.rawJSON === wanted;
}

function statusTest(wanted: ChecksOptions['status']): (status: number) => boolean {
  if (wanted === undefined) return (status) => status >= 200 && status < 400;
  if (typeof wanted === 'number') return (status) => status === wanted;
  if (typeof wanted === 'string') {
    const hundreds = Number(wanted[0]);
    return (status) => Math.trunc(status / 100) === hundreds;
  }
  return (status) => wanted.includes(status);
}

/** `data.items[0].id` → data, items, 0, id. */
function pathKeys(path: string): readonly string[] {
  return path
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((key) => key !== '');
}
