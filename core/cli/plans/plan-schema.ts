import { z } from 'zod';
import { planSchema } from '../../plan/schema.ts';

/** The JSON Schema of a plan, by which editors complete and check YAML and JSON plans; `plans/plan.schema.json` holds it. */
export function planJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(planSchema, { io: 'input' });
  const document = { $schema, title: 'bench plan', description: 'A load test for `bench run`.', ...schema };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
