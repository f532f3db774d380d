import { z } from 'zod';
import { object } from '../fields.ts';
import { mustBe, shown } from '../messages.ts';

/** What a parameter stands for. A text may hold references to secrets, which each process looks up itself. */
export type ParamValue = number | string | boolean;

/** What the author of a plan says of one parameter. */
export type Param = z.output<typeof param>;

const NAME = /^[A-Za-z_][\w-]{0,79}$/;
/** A parameter in a text; `$${param.name}` stands for a plain `${param.name}`. */
export const PARAM_PLACEHOLDER = /\$(\$?)\{\s*param\.([^{}]*)(?:\}|$)/g;
const KINDS = ['number', 'text', 'boolean'] as const;
export type ParamKind = (typeof KINDS)[number];
/** In the words of messages. */
export const KINDS_IN_WORDS: Readonly<Record<ParamKind, string>> = {
  number: 'a number',
  text: 'text',
  boolean: 'true or false',
};

const paramName = z.string().regex(NAME, {
  error: (issue) => `must be a name of letters, digits, _ and -, not ${shown(issue.input)}`,
});

const value = z.union([z.number(), z.string(), z.boolean()], {
  error: (issue) => mustBe('a number, text, true or false', issue.input),
});

const param = object({
  default: value.optional().describe('Its value where none is given. Without it, one must be given.'),
  type: z.enum(KINDS).optional().describe('What it is. Default: what its default is, else text.'),
  description: z.string().max(1000).optional().describe('What it is for.'),
}).superRefine(({ default: standard, type }, context) => {
  if (standard === undefined) return;
  if (type !== undefined && paramKindOf(standard) !== type) {
    context.addIssue({ code: 'custom', path: ['default'], message: mustBe(KINDS_IN_WORDS[type], standard) });
  }
  if (holdsParam(standard)) {
    context.addIssue({ code: 'custom', path: ['default'], message: 'must not refer to a parameter itself' });
  }
});

export const paramsSchema = z.record(paramName, param).superRefine((all, context) => {
  const names = new Map<string, string>();
  for (const name of Object.keys(all)) {
    const other = names.get(paramVariable(name));
    names.set(paramVariable(name), name);
    if (other === undefined) continue;
    const message = `has the same variable as "${other}", ${paramVariable(name)}: give one of them another name`;
    context.addIssue({ code: 'custom', path: [name], message });
  }
});

/** The variable of the environment that gives a parameter its value, such as `BENCH_PARAM_PAGE_SIZE`. */
export function paramVariable(name: string): string {
  return `BENCH_PARAM_${name.replaceAll('-', '_').toUpperCase()}`;
}

export function paramKindOf(value: ParamValue): ParamKind {
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean';
}

/** Whether a value would need filling in itself. */
export function holdsParam(value: ParamValue): boolean {
  return typeof value === 'string' && [...value.matchAll(PARAM_PLACEHOLDER)].some(([, escaping]) => escaping === '');
}
