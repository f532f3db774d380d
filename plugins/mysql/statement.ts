import { z } from 'zod';
import { object } from '../../core/plan/fields.ts';
import { shown } from '../../core/plan/messages.ts';
import { PluginError } from '../../core/plugin.ts';
import { compileTemplate, type FindColumn, isNumeric, parseTemplate, type TemplateScope } from '../data/template.ts';

/** A value of a parameter. */
export type SqlValue = string | number | bigint | boolean | Date | Buffer | null;

/** What the values of a statement's parameters are made from. */
export interface StatementScope extends TemplateScope {
  /** Id of the virtual user's device. */
  readonly device: string;
}

/** A compiled statement; each connection prepares the same object only once. */
export interface Statement {
  readonly sql: string;
  /** False for BEGIN, COMMIT and ROLLBACK, which are always sent as text. */
  readonly isPreparable: boolean;
  /** How many values there are. */
  readonly parameters: number;
  values(scope: StatementScope): readonly SqlValue[];
}

const TABLE = /\$\{table\}/g;
const TYPES = ['text', 'integer', 'number', 'decimal', 'boolean', 'datetime', 'binary'] as const;
type ParameterType = (typeof TYPES)[number];

/**
 * A template is parsed when the plan is read: a reference to the environment is filled in later, and its value is not a
 * template. Where the template is wrong, its value is a text that says why.
 */
const templateText = z.string().transform((text) => ({ template: parseTemplate(text) }));
type TemplateText = z.output<typeof templateText>;

const parameter = z.union([
  z.null(),
  z.boolean(),
  z.number(),
  templateText,
  object({
    value: z.union([templateText, z.number(), z.boolean()]).describe('With placeholders.'),
    type: z
      .enum(TYPES)
      .describe('What the server gets: binary is written in hex, datetime as 2026-01-31 12:00:00 UTC.'),
  }),
]);

export const statementSchema = object({
  sql: z
    .string()
    .min(1)
    .refine((sql) => !/\$\{(?!table\})/.test(sql), {
      error: (issue) =>
        `values do not go into the SQL, but into parameters: write ? there, and a template in parameters (only \${table} is taken here), not ${shown(issue.input)}`,
    })
    .describe(`With ? for each parameter; \${table} is the driver's own table.`),
  parameters: z.array(parameter).default([]).describe('Values for ?, in order; texts with placeholders.'),
});

/** The templates in a statement's parameters; for one that is wrong, a text that says why. */
export function templatesOf({ parameters }: StatementOptions): TemplateText['template'][] {
  return parameters.flatMap((given) => {
    const value = typeof given === 'object' && given !== null && 'value' in given ? given.value : given;
    return typeof value === 'object' && value !== null ? [value.template] : [];
  });
}

export type StatementOptions = z.output<typeof statementSchema>;

/**
 * @param table the quoted name of the driver's table
 * @throws {PluginError} for a template that cannot be read, and what `findColumn` throws
 */
export function compileStatement(
  { sql, parameters }: StatementOptions,
  table: string,
  findColumn: FindColumn,
): Statement {
  const makers = parameters.map((value, i) => compileParameter(value, i, findColumn));
  return {
    sql: sql.replaceAll(TABLE, () => table),
    isPreparable: true,
    parameters: parameters.length,
    values: (scope) => makers.map((make) => make(scope)),
  };
}

/** A statement without parameters that is sent as text. */
export function plainStatement(sql: string): Statement {
  return { sql, isPreparable: false, parameters: 0, values: () => [] };
}

type Maker = (scope: TemplateScope) => SqlValue;

function compileParameter(given: StatementOptions['parameters'][number], index: number, findColumn: FindColumn): Maker {
  if (given === null || typeof given === 'number' || typeof given === 'boolean') return () => given;
  const value = 'template' in given ? given : given.value;
  const template = typeof value === 'object' ? value.template : [String(value)];
  if (typeof template === 'string') throw new PluginError(`parameters[${index}]: ${template}`);
  const isNumber = template.length === 1 && isNumeric(template[0]);
  const type: ParameterType = 'type' in given ? given.type : isNumber ? 'number' : 'text';
  const made = compileTemplate(template, (value) => value, findColumn);
  const convert = CONVERSIONS[type];
  if (typeof made === 'string') {
    const constant = convert(utf8(made), index);
    return () => constant;
  }
  return (scope) => convert(utf8(made(scope)), index);
}

const CONVERSIONS: Readonly<Record<ParameterType, (text: string, index: number) => SqlValue>> = {
  text: (text) => text,
  decimal: (text, index) => (/^[+-]?\d+(\.\d+)?$/.test(text) ? text : refuse(text, 'a decimal number', index)),
  integer(text, index) {
    if (!/^[+-]?\d+$/.test(text)) return refuse(text, 'a whole number', index);
    const value = Number(text);
    return Number.isSafeInteger(value) ? value : BigInt(text);
  },
  number(text, index) {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) return refuse(text, 'a number', index);
    if (Number.isSafeInteger(value) || !/^\s*[+-]?\d+\s*$/.test(text)) return value;
    return refuse(text, 'exact as a floating-point number: give the parameter the type integer', index);
  },
  boolean(text, index) {
    if (/^(true|1)$/i.test(text)) return true;
    return /^(false|0)$/i.test(text) ? false : refuse(text, 'true or false', index);
  },
  datetime(text, index) {
    const value = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
    return Number.isNaN(value.getTime()) ? refuse(text, 'a date and time', index) : value;
  },
  binary: (text, index) => (/^([0-9a-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex') : refuse(text, 'hex', index)),
};

function refuse(text: string, wanted: string, index: number): never {
  throw new PluginError(`parameters[${index}]: ${shown(text)} is not ${wanted}`);
}

/** Decodes what templates make: a text with one character for each byte. */
function utf8(bytes: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with the control characters
  return /^[\x00-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}
