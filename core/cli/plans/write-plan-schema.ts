/** Writes plans/plan.schema.json again, after a change of core/plan/schema.ts. */
import { writeFile } from 'node:fs/promises';
import { planJsonSchema } from './plan-schema.ts';

await writeFile(new URL('../../../plans/plan.schema.json', import.meta.url), planJsonSchema());
