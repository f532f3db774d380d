import { sample } from 'openapi-sampler';
import { literal } from '../plan-text.ts';
import { boundedSchema } from './bounded-schema.ts';
import { isFields, type Specification } from './specification.ts';

/**
 * The example of a parameter or of a body: its own, or else one that its schema allows.
 * @param part a parameter, header or media type of the document
 * @param path where it stands, for messages
 */
export function exampleOf(
  specification: Specification,
  part: Readonly<Record<string, unknown>>,
  path: readonly PropertyKey[],
): unknown {
  if (part.example !== undefined) return part.example;
  const [first] = Object.values(isFields(part.examples) ? part.examples : {});
  const { value } = specification.fields(first, [...path, 'examples']);
  if (value !== undefined) return value;
  if (!isFields(part.schema)) return undefined;
  try {
    const { schema, root } = boundedSchema({ schema: part.schema, root: specification.root });
    // A copy, since what is read of the example itself is counted too.
    const text = JSON.stringify(sample(schema, { skipReadOnly: true, quiet: true }, root)) as string | undefined;
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch (error) {
    throw specification.error(path, `has no example (${(error as Error).message})`);
  }
}

/** Whether the document itself says what a value is, so that it need not be guessed. */
export function hasExample(part: Readonly<Record<string, unknown>>): boolean {
  const schema = isFields(part.schema) ? part.schema : {};
  const said = [part.example, part.examples, schema.example, schema.examples, schema.default, schema.const];
  return said.some((value) => value !== undefined);
}

/** JSON whose texts stand for themselves in a plan, and whose numbers arrive as they are. */
export function literalJson(value: unknown): unknown {
  if (typeof value === 'string') return literal(value);
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? 1 : value;
  if (Array.isArray(value)) return value.map(literalJson);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literalJson(inner)]));
}

/** A value as a part of a path, a query or a header. */
export function simpleText(value: unknown): string {
  if (Array.isArray(value)) return value.map(simpleText).join(',');
  if (isFields(value))
    return Object.entries(value)
      .flatMap(([key, inner]) => [key, simpleText(inner)])
      .join(',');
  return String(value ?? '');
}
