import { z } from 'zod';
import { planSchema } from '../../plan/schema.ts';

type Node = Readonly<Record<string, unknown>>;

const PARAMETER = {
  $defs: {
    parameter: {
      type: 'string',
      pattern: '\\$\\{\\s*param\\.',
      description: `The value of a parameter of the plan: \${param.name}`,
    },
  },
};
/** What these hold stands for itself. */
const WITHOUT_PARAMETERS = ['params', '$schema', 'executor'];
/** What is said about a value, whichever of its forms it has. */
const ABOUT = ['description', 'default'];

/** The JSON Schema of a plan, by which editors complete and check YAML and JSON plans; `plans/plan.schema.json` holds it. */
export function planJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(planSchema, { io: 'input' });
  const document = {
    $schema,
    title: 'bench plan',
    description: 'A load test for `bench run`.',
    ...(withParameters(schema) as Node),
    ...PARAMETER,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
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

function propertiesWithParameters(properties: unknown): Node {
  return Object.fromEntries(
    Object.entries(isNode(properties) ? properties : {}).map(([name, schema]) => [
      name,
      WITHOUT_PARAMETERS.includes(name) ? schema : withParameters(schema),
    ]),
  );
}

function isLimited({ type, pattern, enum: values }: Node): boolean {
  return type === 'integer' || type === 'number' || type === 'boolean' || values !== undefined || pattern !== undefined;
}

function orParameter(node: Node): Node {
  const about = Object.entries(node).filter(([key]) => ABOUT.includes(key));
  const own = Object.entries(node).filter(([key]) => !ABOUT.includes(key));
  return { ...Object.fromEntries(about), anyOf: [Object.fromEntries(own), { $ref: '#/$defs/parameter' }] };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
