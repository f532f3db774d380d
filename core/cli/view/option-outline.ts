import { printable } from '../../text/printable.ts';
import type { Paint } from '../output.ts';
import type { JsonSchema } from '../plans/json-schema.ts';
import { wrap } from './cells.ts';

const INDENT = '  ';
/** An option inside an option inside an option: what is deeper is told by its description. */
const DEEPEST = 3;

/** The options of a plugin, each with what it may be and what it means. */
export function optionOutline(schema: JsonSchema, columns: number, paint: Paint): string[] {
  return linesOf(schema, '', 1, columns, paint);
}

function linesOf(schema: JsonSchema, before: string, depth: number, columns: number, paint: Paint): string[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, option]) => {
    const path = `${before}${printable(name)}`;
    const isNeeded = required.includes(name) && option.default === undefined;
    const facts = printable([typeOf(option), ...(isNeeded ? ['required'] : []), ...defaultOf(option)].join(', '));
    const about =
      option.description === undefined ? [] : wrap(printable(option.description), columns - 3 * INDENT.length);
    return [
      `${INDENT}${paint('bold', path)}  ${facts}`,
      ...about.map((line) => `${INDENT}${INDENT}${INDENT}${line}`),
      ...(depth < DEEPEST ? insideOf(option, path, depth, columns, paint) : []),
    ];
  });
}

function insideOf(option: JsonSchema, path: string, depth: number, columns: number, paint: Paint): string[] {
  const { properties, additionalProperties, items } = option;
  if (properties !== undefined) return linesOf(option, `${path}.`, depth + 1, columns, paint);
  if (typeof additionalProperties === 'object') {
    return linesOf(additionalProperties, `${path}.<name>.`, depth + 1, columns, paint);
  }
  return items === undefined ? [] : linesOf(items, `${path}[].`, depth + 1, columns, paint);
}

function typeOf(schema: JsonSchema): string {
  const { type, enum: values, const: value, anyOf, oneOf, items, additionalProperties } = schema;
  if (values !== undefined) return values.map((one) => String(one)).join(' | ');
  if (value !== undefined) return String(value);
  const either = anyOf ?? oneOf;
  if (either !== undefined) return [...new Set(either.map(typeOf))].join(' | ');
  if (type === 'array') return items === undefined ? 'list' : `list of ${typeOf(items)}`;
  if (type === 'object' && typeof additionalProperties === 'object') return `${typeOf(additionalProperties)} by name`;
  return type === undefined ? 'any' : String(type);
}

/** Only what says something by itself: an empty object or list says as much as nothing. */
function defaultOf({ default: value }: JsonSchema): string[] {
  if (value === undefined || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)) return [];
  return [`default ${JSON.stringify(value)}`];
}
