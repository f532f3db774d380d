import { z } from 'zod';
import { builtinDrivers, builtinMonitors, builtinOutputs } from '../../../plugins/builtin.ts';
import { builtinReports } from '../../../reports/builtin.ts';
import type { OptionsSchema } from '../../options-schema.ts';
import { planSchema } from '../../plan/schema.ts';
import { type JsonSchema, optionSchemaOf } from '../plugins/option-schema.ts';

/** Built-in plugins of one kind, by name. */
type Plugins = Readonly<
  Record<string, () => Promise<{ readonly default: { readonly options: OptionsSchema<unknown> } }>>
>;

const PARAMETER = {
  parameter: {
    type: 'string',
    pattern: '\\$\\{\\s*param\\.',
    description: `The value of a parameter of the plan: \${param.name}`,
  },
};
/** What these hold stands for itself. */
const WITHOUT_PARAMETERS = ['params', '$schema', 'executor'];
/** What is said about a value, whichever of its forms it has. */
const ABOUT = ['description', 'default'];

/** The JSON Schema of a plan, by which editors complete and check YAML and JSON plans; `plans/plan.schema.json` holds it. */
export async function planJsonSchema(): Promise<string> {
  const { $schema, ...schema } = planFields();
  const plugins: readonly (readonly [kind: string, plugins: Plugins])[] = [
    ['driver', builtinDrivers],
    ['monitor', builtinMonitors],
    ['output', builtinOutputs],
    ['report', builtinReports],
  ];
  const options = await Promise.all(plugins.map(([kind, builtin]) => optionsOf(kind, builtin)));
  const document = {
    $schema,
    title: 'bench plan',
    description: 'A load test for `bench run`.',
    ...withOptions(schema),
    $defs: { ...PARAMETER, ...Object.assign({}, ...options) },
  };
  // A line for each value shows what a change has changed. Indentation would be a third of it in the package.
  return `${JSON.stringify(document, undefined, 1).replaceAll(/^ +/gm, '')}\n`;
}

/** The schema of a plan's own fields: the options of a plugin may be anything. */
export function planFields(): JsonSchema {
  return withParameters(z.toJSONSchema(planSchema, { io: 'input' })) as JsonSchema;
}

/** What the options of each built-in plugin may be, by the names under which {@link optionsFor} refers to them. */
async function optionsOf(kind: string, builtin: Plugins): Promise<JsonSchema> {
  const schemas = await Promise.all(
    Object.entries(builtin).map(async ([name, load]) => {
      const schema = optionSchemaOf((await load()).default.options);
      return [`${kind}-${name}`, withParameters(schema)] as const;
    }),
  );
  return Object.fromEntries(schemas);
}

/** The schema of a plan, in which the options of built-in plugins are those that these have. */
function withOptions({ properties, ...schema }: JsonSchema): JsonSchema {
  const fields = properties as Readonly<Record<string, JsonSchema>>;
  const { drivers, monitors, outputs, reports } = fields;
  return {
    ...schema,
    properties: {
      ...fields,
      drivers: named('driver', builtinDrivers, drivers as JsonSchema),
      monitors: named('monitor', builtinMonitors, monitors as JsonSchema),
      outputs: named('output', builtinOutputs, outputs as JsonSchema),
      reports: listed('report', builtinReports, reports as JsonSchema),
    },
  };
}

/** Plugins by name, which says which one it is where there is no `use`. */
function named(kind: string, builtin: Plugins, schema: JsonSchema): JsonSchema {
  const names = Object.keys(builtin);
  const one = { ...(schema.additionalProperties as JsonSchema), allOf: used(kind, names) };
  const properties = names.map((name) => {
    return [name, { ...one, if: { required: ['use'] }, else: optionsFor(kind, name) }] as const;
  });
  return { ...schema, properties: Object.fromEntries(properties), additionalProperties: one };
}

/** A list of names, or of objects whose `use` is one. */
function listed(kind: string, builtin: Plugins, schema: JsonSchema): JsonSchema {
  const [text, object] = (schema.items as { readonly anyOf: readonly JsonSchema[] }).anyOf;
  return { ...schema, items: { anyOf: [text, { ...object, allOf: used(kind, Object.keys(builtin)) }] } };
}

function used(kind: string, names: readonly string[]): readonly JsonSchema[] {
  return names.map((name) => ({
    if: { properties: { use: { const: name } }, required: ['use'] },
    // biome-ignore lint/suspicious/noThenProperty: it is a word of JSON Schema
    then: optionsFor(kind, name),
  }));
}

function optionsFor(kind: string, name: string): JsonSchema {
  return { properties: { options: { $ref: `#/$defs/${kind}-${name}` } } };
}

/** The schema, in which a parameter may stand in the place of each value that is not just any text. */
function withParameters(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withParameters);
  if (!isNode(node)) return node;
  const inner = Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key === 'properties') return [key, propertiesWithParameters(value)];
      return [key, HOLDERS.includes(key) ? withParameters(value) : value];
    }),
  );
  return isLimited(node) ? orParameter(inner) : inner;
}

const HOLDERS = ['items', 'prefixItems', 'additionalProperties', 'anyOf', 'oneOf', 'allOf'];

function propertiesWithParameters(properties: unknown): JsonSchema {
  return Object.fromEntries(
    Object.entries(isNode(properties) ? properties : {}).map(([name, schema]) => [
      name,
      WITHOUT_PARAMETERS.includes(name) ? schema : withParameters(schema),
    ]),
  );
}

function isLimited({ type, pattern, enum: values }: JsonSchema): boolean {
  return type === 'integer' || type === 'number' || type === 'boolean' || values !== undefined || pattern !== undefined;
}

function orParameter(node: JsonSchema): JsonSchema {
  const about = Object.entries(node).filter(([key]) => ABOUT.includes(key));
  const own = Object.entries(node).filter(([key]) => !ABOUT.includes(key));
  return { ...Object.fromEntries(about), anyOf: [Object.fromEntries(own), { $ref: '#/$defs/parameter' }] };
}

function isNode(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
