import { z } from 'zod';

/** The schemas that say what is wrong with a list, and that JSON Schema shows, by the quick ones. */
const thorough = new WeakMap<object, z.ZodType>();

/**
 * A list of numbers, of which a result has millions: a loop finds that nothing is wrong, and the schema is asked only where something
 * is, because going through a schema takes ten times as long.
 * @param isRight whether the schema takes such a number
 */
export function numberList(schema: z.ZodType<number[]>, isRight: (value: number) => boolean, maxLength = 2 ** 32) {
  const quick = z.unknown().check((context) => {
    const { value } = context;
    if (isListOf(value, isRight) && value.length <= maxLength) return;
    const issues = schema.safeParse(value).error?.issues ?? [];
    context.issues.push(...issues.map((issue) => ({ ...issue, input: value }) as z.core.$ZodRawIssue));
  });
  thorough.set(quick, schema);
  return quick as unknown as z.ZodType<number[]>;
}

function isListOf(value: unknown, isRight: (value: number) => boolean): value is number[] {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i++) if (typeof value[i] !== 'number' || !isRight(value[i])) return false;
  return true;
}

/** For `override` of `z.toJSONSchema`: a list as its schema says it. */
export function describeList({ zodSchema, jsonSchema }: { zodSchema: object; jsonSchema: object }): void {
  const schema = thorough.get(zodSchema);
  if (schema === undefined) return;
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io: 'input' });
  Object.assign(jsonSchema, described);
}
