import { z } from 'zod';
import { object } from '../../core/plan/fields.ts';
import { shown } from '../../core/plan/messages.ts';
import type { RandomStream } from '../../core/plan/random.ts';
import { DeepJsonError, isRawJson, parseExactJson } from '../../core/text/exact-json.ts';
import { MAX_KEPT_BYTES } from '../../core/text/kept-body.ts';
import { compilePattern, type Pattern } from '../../core/text/pattern.ts';
import type { Answer, Exchange, RequestShape } from './exchange.ts';

const NAME = /^[A-Za-z_][\w-]*$/;
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const PICKS = ['first', 'last', 'random', 'all'] as const;

const pattern = z.string().transform((text, context): Pattern => {
  const compiled = compilePattern(text);
  if (typeof compiled !== 'string') return compiled;
  context.addIssue({ code: 'custom', message: compiled });
  return z.NEVER;
});

const jsonPath = z.string().transform((text, context): { readonly text: string; readonly path: JsonPath } => {
  const path = parseJsonPath(text);
  if (path !== undefined) return { text, path };
  context.addIssue({ code: 'custom', message: `must be a path such as data.token or items[*].id, not ${shown(text)}` });
  return z.NEVER;
});

export const headerName = z
  .string()
  .regex(HEADER, { error: (issue) => `${shown(issue.input)} is not a valid header name` });

/** What is the same wherever a value comes from. */
export const sourceFields = {
  json: jsonPath.optional().describe('A path into the body, such as data.token or items[*].id.'),
  status: z.literal(true).optional().describe("The answer's status."),
  regex: pattern
    .optional()
    .describe("The first group of this regular expression (RE2), in the body or in the header's or cookie's value."),
  pick: z.enum(PICKS).default('first').describe('Which one where there are several; all is a JSON list.'),
  default: z.string().optional().describe('The value where there is none. Without it the step fails.'),
};

export interface Source {
  readonly json?: { readonly text: string; readonly path: JsonPath } | undefined;
  readonly header?: string | undefined;
  readonly cookie?: string | undefined;
  readonly status?: true | undefined;
  readonly regex?: Pattern | undefined;
  readonly pick: (typeof PICKS)[number];
  readonly default?: string | undefined;
}

/** @param places in words, where a value may be */
export function hasOnePlace(places: string) {
  return ({ json, header, cookie, status, regex }: Source, context: z.RefinementCtx): void => {
    const named = [json, header, cookie, status].filter((value) => value !== undefined).length;
    if (named === 1 || (named === 0 && regex !== undefined)) {
      if (regex === undefined || (json === undefined && status === undefined)) return;
      context.addIssue({ code: 'custom', path: ['regex'], message: 'goes with header or cookie, or stands alone' });
      return;
    }
    context.addIssue({ code: 'custom', message: `must say where the value is: ${places}` });
  };
}

const source = object({
  ...sourceFields,
  header: headerName.optional().describe('The value of this header.'),
  cookie: headerName.optional().describe('The value of this cookie, as the answer sets it.'),
}).superRefine(hasOnePlace('json, header, cookie, status or regex'));

/** @param from where a value comes from */
export function variablesSchema<From extends z.ZodType<Source>>(from: From) {
  return z
    .record(
      z
        .string()
        .regex(NAME, { error: (issue) => `must be a name of letters, digits, _ and -, not ${shown(issue.input)}` }),
      from,
    )
    .default({})
    .describe('Variables to take from the answer, by name; later steps use them as placeholders.');
}

export const extractSchema = variablesSchema(source);

/** Takes a virtual user's variables from the answers of one operation. */
export class Extract {
  /** Names of the variables. */
  readonly names: readonly string[];
  readonly needsHead: boolean;
  readonly needsBody: boolean;
  readonly #sources: readonly (readonly [name: string, source: Source, inHead: RegExp | undefined])[];
  readonly #statusText: (status: number) => string;

  /** @param statusText what a variable gets that takes the status */
  constructor(sources: Readonly<Record<string, Source>>, statusText: (status: number) => string = String) {
    this.#statusText = statusText;
    this.names = Object.keys(sources);
    this.#sources = Object.entries(sources).map(([name, source]) => [name, source, headPattern(source)]);
    this.needsHead = this.#sources.some(([, , inHead]) => inHead !== undefined);
    this.needsBody = this.#sources.some(([, { status }, inHead]) => inHead === undefined && status === undefined);
  }

  /** Sets the variables, or fails the exchange when a value is missing. Called for answers that passed their checks. */
  apply(
    exchange: Exchange,
    answer: Answer,
    shape: RequestShape,
    variables: Map<string, string>,
    random: RandomStream,
  ): void {
    const body = new BodyReader(answer);
    for (const [name, source, inHead] of this.#sources) {
      const found =
        source.status !== undefined
          ? [this.#statusText(exchange.status)]
          : inHead === undefined
            ? inBody(source, body)
            : inHeaders(source, inHead, answer.headText);
      const value = picked(found, source, random) ?? source.default;
      if (value === undefined) {
        const reason = body.problem ?? `${described(source)} is not in the answer`;
        exchange.fail('extract_failed', `${shape.label}: no value for the variable ${name}: ${reason}`);
        return;
      }
      variables.set(name, value);
    }
  }

  /** What the variables are now, by name. */
  taken(variables: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
    return Object.fromEntries(this.names.map((name) => [name, variables.get(name) ?? '']));
  }
}

/** Reads a body as JSON or text when the first source asks for it. */
class BodyReader {
  problem: string | undefined;
  readonly #answer: Answer;
  #json: unknown;
  #isParsed = false;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  /** Undefined, and a problem, when the body is not JSON. */
  json(): unknown {
    if (this.#isParsed) return this.#json;
    this.#isParsed = true;
    const { body, bodyBytes } = this.#answer;
    if (bodyBytes > MAX_KEPT_BYTES) {
      this.problem = 'the body is larger than the 1 MiB that is read';
      return undefined;
    }
    try {
      this.#json = parseExactJson(body.toString('utf8'));
    } catch (error) {
      this.problem = error instanceof DeepJsonError ? `the body's ${error.message}` : 'the body is not JSON';
    }
    return this.#json;
  }

  text(): string {
    if (this.#answer.bodyBytes > MAX_KEPT_BYTES) this.problem = 'it is not in the first MiB of the body';
    return this.#answer.body.toString('utf8');
  }
}

function inBody({ json, regex, pick }: Source, body: BodyReader): string[] {
  if (json !== undefined) return textsOf(valuesAt(body.json(), json.path));
  return regex === undefined ? [] : occurrences(regex, body.text(), pick);
}

function inHeaders({ regex, pick }: Source, inHead: RegExp, headText: string): string[] {
  const values = Array.from(headText.matchAll(inHead), ([, value = '']) => value.trim());
  return regex === undefined ? values : values.flatMap((value) => occurrences(regex, value, pick));
}

/** Where the first one is wanted, the rest of a long text is not searched. */
function occurrences(regex: Pattern, text: string, pick: Source['pick']): string[] {
  if (pick !== 'first') return regex.findAll(text);
  const first = regex.find(text);
  return first === undefined ? [] : [first];
}

/** Where a header or a cookie stands in the lines of a head. */
function headPattern({ header, cookie }: Source): RegExp | undefined {
  const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  if (header !== undefined) return new RegExp(`\\r\\n${escaped(header)}:([^\\r\\n]*)`, 'gi');
  if (cookie === undefined) return undefined;
  // The name of a cookie has case, that of a header has none.
  return new RegExp(`\\r\\n[Ss][Ee][Tt]-[Cc][Oo][Oo][Kk][Ii][Ee]:[ \\t]*${escaped(cookie)}=([^;\\r\\n]*)`, 'g');
}

function picked(found: readonly string[], { pick }: Source, random: RandomStream): string | undefined {
  if (found.length === 0) return undefined;
  if (pick === 'all') return JSON.stringify(found);
  if (pick === 'last') return found.at(-1);
  return pick === 'random' ? found[random.integer(found.length)] : found[0];
}

/** Nothing and null are no value; lists and maps stay JSON. A loop: for one value, `flatMap` takes as long as parsing a small body. */
function textsOf(values: readonly unknown[]): string[] {
  const texts: string[] = [];
  for (const value of values) {
    if (value === undefined || value === null) continue;
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'number') texts.push(String(value));
    else if (isRawJson(value)) texts.push(value.rawJSON);
    else texts.push(JSON.stringify(value));
  }
  return texts;
}

function described({ json, header, cookie, regex }: Source): string {
  const within = regex === undefined ? '' : ` with ${regex.source}`;
  if (json !== undefined) return `the path ${json.text}`;
  if (header !== undefined) return `the header ${header}${within}`;
  return cookie !== undefined ? `the cookie ${cookie}${within}` : `text that matches ${regex?.source}`;
}

/** One step into a JSON value: a key, an index, or every element of a list. */
type Step = { readonly key: string } | 'each';

/** A path such as `data.items[0].id` or `items[*].id`. */
export type JsonPath = readonly Step[];

/** @returns undefined when the text is no path */
function parseJsonPath(text: string): JsonPath | undefined {
  const dotted = text.replaceAll(/\[(\d+|\*)\]/g, '.$1').replace(/^\./, '');
  if (/[[\]]/.test(dotted)) return undefined;
  const keys = dotted.split('.');
  if (keys.includes('')) return undefined;
  return keys.map((key) => (key === '*' ? 'each' : { key }));
}

/** Everything that a path leads to, in the order of the lists on its way; empty where nothing is there. */
function valuesAt(root: unknown, path: JsonPath): unknown[] {
  let value = root;
  for (let i = 0; i < path.length; i++) {
    const step = path[i] as Step;
    if (step === 'each') {
      const rest = path.slice(i + 1);
      return Array.isArray(value) ? value.flatMap((element) => valuesAt(element, rest)) : [];
    }
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step.key)) return [];
    value = (value as Record<string, unknown>)[step.key];
  }
  return [value];
}
