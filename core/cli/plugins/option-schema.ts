import { type ZodType, z } from 'zod';
import type { OptionsSchema } from '../../options-schema.ts';
import { CommandError } from '../command-error.ts';
import { EXIT } from '../exit-codes.ts';

/** A JSON Schema (https://json-schema.org), or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The options of a plugin as a plan writes them.
 * @returns undefined where the schema's package is not the one that can tell it: zod
 * @throws {CommandError} when zod cannot tell it either
 */
export function optionSchemaOf(options: OptionsSchema<unknown>): JsonSchema | undefined {
  if (options['~standard'].vendor !== 'zod') return undefined;
  try {
    const { $schema, ...schema } = z.toJSONSchema(options as unknown as ZodType, {
      io: 'input',
      unrepresentable: 'any',
    });
    return schema;
  } catch (error) {
    throw new CommandError('The options of this plugin cannot be listed.', EXIT.error, { cause: error });
  }
}
