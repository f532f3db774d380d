/**
 * Writes plans/plan.schema.json again, after a change of core/plan/schema.ts or of the options of a built-in plugin; with
 * `--check` it only says whether that is necessary.
 */
import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { planJsonSchema } from './plan-schema.ts';

const FILE = new URL('../../../plans/plan.schema.json', import.meta.url);
const schema = await planJsonSchema();

if (!process.argv.includes('--check')) {
  await writeFile(FILE, schema);
} else if (!isDeepStrictEqual(JSON.parse(await readFile(FILE, 'utf8')), JSON.parse(schema))) {
  process.stderr.write('plans/plan.schema.json is not what plans may hold: run `npm run generate`\n');
  process.exitCode = 1;
}
