import { sample } from 'openapi-sampler';
import { literal } from '../plan-text.ts';
import { isFields, type Specification } from './specification.ts';

/** How much of a document is read for one example; a large one takes some thousands. */
const MAX_READS = 2_000_000;
/** In characters: no plan that holds a longer text can be read. */
const MAX_LENGTH = 4 << 20;

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

/**
 * The same data, of which only so much can be read. A schema of a kilobyte may stand for an example of a billion fields, when
 * each of its parts refers to the next one several times, or says of a list or a text how long it is.
 * @throws {RangeError} out of whatever reads more
 */
function boundedSchema<Data extends object>(data: Data): Data {
  let left = MAX_READS;
  const views = new WeakMap<object, object>();
  const viewOf = <Part>(part: Part): Part => {
    if (typeof part !== 'object' || part === null) return part;
    let view = views.get(part);
    if (view === undefined) {
      view = new Proxy(part, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          const isTooLong = name === 'minLength' && Number(value) > MAX_LENGTH;
          if (isTooLong || left-- <= 0) throw new RangeError('it would be too large');
          return viewOf(value);
        },
      });
      views.set(part, view);
    }
    return view as Part;
  };
  return viewOf(data);
}
