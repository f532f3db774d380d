import { z } from 'zod';
import type { JsonSchema } from '../../core/cli/plans/json-schema.ts';
import { planFields } from '../../core/cli/plans/plan-schema.ts';
import { stepSchemas } from '../../core/plan/flow.ts';
import { cell, code, page, plain, table } from './markdown.ts';

interface Field {
  readonly path: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

const PARAMETER = '#/$defs/parameter';
const TITLES = ['Field', 'Type', 'Default', 'What it is'];

/**
 * Every field of a plan, from the schema that plans are checked by.
 * @throws {Error} when a field has no description
 */
export function planPage(): string {
  const schema = planFields() as JsonSchema;
  const { scenarios, ...top } = schema.properties ?? {};
  const forms = executorsOf(scenarios);
  const common = Object.keys(forms[0]?.properties ?? {}).filter((name) => {
    return name !== 'executor' && forms.every(({ properties = {} }) => name in properties);
  });
  return page('The plan', '`core/plan/schema.ts`', [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what plans write.
    'Every field that a plan may have. In the place of a number, a choice or a duration, `${param.name}` stands for the value of a [parameter](../cli.md#parameters-of-a-plan). A duration is a number with a unit, such as `90s` or `250ms`; a rate is a number per second, or text such as `600/m`. In paths, `<name>` is a name of your own, and `[]` an element of a list.',
    'Editors complete and check plans by [plans/plan.schema.json](../../plans/plan.schema.json).',
    '## Top level',
    fieldTable([
      ...fieldsOf(schema, Object.keys(top)),
      {
        path: 'scenarios',
        schema: { type: 'object', description: 'What is done, by name: see below.' },
        isRequired: true,
      },
    ]),
    '## Every scenario',
    fieldTable(fieldsOf(forms[0] ?? {}, common)),
    ...forms.flatMap((form) => {
      const { executor, ...rest } = form.properties ?? {};
      const own = Object.keys(rest).filter((name) => !common.includes(name));
      return [`## Executor ${code(String(executor?.const))}`, fieldTable(fieldsOf(form, own))];
    }),
    '## Steps',
    'Of `flow`, `onStart` and `onStop`: each is one of these. [Journeys](../journeys.md) says what they are for.',
    ...Object.entries(stepSchemas).flatMap(([kind, step]) => {
      const form = z.toJSONSchema(step, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
      return [`### ${code(kind)}`, fieldTable(fieldsOf(form, Object.keys(form.properties ?? {})))];
    }),
  ]);
}

function fieldsOf({ properties = {}, required = [] }: JsonSchema, names: readonly string[]): Field[] {
  return names.map((path) => ({ path, schema: properties[path] ?? {}, isRequired: required.includes(path) }));
}

function executorsOf(scenarios: JsonSchema | undefined): readonly JsonSchema[] {
  const each = scenarios?.additionalProperties;
  return typeof each === 'object' ? (each.oneOf ?? each.anyOf ?? []) : [];
}

function fieldTable(fields: readonly Field[]): string {
  return table(TITLES, rowsOf(fields));
}

function rowsOf(fields: readonly Field[]): string[][] {
  return fields.flatMap((field) => [rowOf(field), ...rowsOf(inside(field))]);
}

function rowOf({ path, schema, isRequired }: Field): string[] {
  const { description } = schema;
  if (description === undefined) throw new Error(`The field ${path} of plans has no description: give it one`);
  const [about, said] = withoutDefault(description);
  const given = schema.default === undefined ? said : shown(schema.default);
  const otherwise = isRequired && schema.default === undefined ? 'required' : given;
  return [cell(code(path)), cell(typeOf(schema)), cell(plain(otherwise)), cell(plain(about))];
}

/** Where a default follows from something else, the description ends with it. */
function withoutDefault(description: string): [about: string, said: string] {
  const at = description.lastIndexOf('Default: ');
  if (at < 0) return [description, ''];
  return [description.slice(0, at).trim(), description.slice(at + 'Default: '.length).replace(/\.$/, '')];
}

function typeOf(schema: JsonSchema): string {
  const { const: only, enum: choices, items, prefixItems, type, examples } = schema;
  if (only !== undefined) return code(String(only));
  if (choices !== undefined) return choices.map((choice) => code(String(choice))).join(', ');
  const forms = (schema.anyOf ?? schema.oneOf)?.filter(({ $ref }) => $ref !== PARAMETER);
  if (forms !== undefined) return [...new Set(forms.map(typeOf))].join(' or ');
  if (prefixItems !== undefined) return `list of ${prefixItems.length}: ${prefixItems.map(typeOf).join(', ')}`;
  if (items !== undefined) return Object.keys(items).length === 0 ? 'list of steps' : `list of ${typeOf(items)}`;
  if (typeof type === 'object') return type.join(' or ').replace('string', 'text');
  if (type === 'string') return examples === undefined ? 'text' : 'duration';
  if (type === 'integer') return `whole number${rangeOf(schema)}`;
  const words: Readonly<Record<string, string>> = { number: 'number', boolean: '`true` or `false`', object: 'object' };
  return words[type ?? ''] ?? 'anything';
}

/** The fields of the objects that a field may hold. */
function inside({ path, schema }: Field): Field[] {
  const { properties, additionalProperties, items, required = [] } = schema;
  if (properties !== undefined) {
    return Object.entries(properties).map(([name, inner]) => {
      return { path: `${path}.${name}`, schema: inner, isRequired: required.includes(name) };
    });
  }
  if (typeof additionalProperties === 'object') return insideOf(`${path}.<name>`, additionalProperties);
  if (items !== undefined) return insideOf(`${path}[]`, items);
  return (schema.anyOf ?? schema.oneOf ?? []).flatMap((form) => insideOf(path, form));
}

function insideOf(path: string, schema: JsonSchema): Field[] {
  return inside({ path, schema, isRequired: false });
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  const isLimited = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return isLimited ? `, ${minimum ?? 0} to ${maximum.toLocaleString('en')}` : '';
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text === '{}' || text === '[]' ? 'none' : code(typeof value === 'string' ? value : text);
}
