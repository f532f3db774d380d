import { z } from 'zod';

/**
 * A value whose schema depends on what it looks like. A union would not do: when no alternative fits, it has one message
 * for all of them.
 * @param choose the schema for this value, or what is wrong with it
 */
export function chosenSchema<Output>(choose: (value: unknown) => z.ZodType<Output> | string) {
  return z.unknown().transform((value, context): Output => {
    const schema = choose(value);
    const issues = typeof schema === 'string' ? [{ path: [], message: schema }] : undefined;
    const parsed = typeof schema === 'string' ? undefined : schema.safeParse(value);
    if (parsed?.success) return parsed.data;
    for (const { path, message } of issues ?? parsed?.error.issues ?? []) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
    return z.NEVER;
  });
}

/** A value or a list of values, as a list. */
export function oneOrMore<Output>(schema: z.ZodType<Output>) {
  const list = z.array(schema).min(1);
  const single = schema.transform((value): Output[] => [value]);
  return chosenSchema<Output[]>((value) => (Array.isArray(value) ? list : single));
}
