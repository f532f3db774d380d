import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { loadPlanFile } from '../../../../core/cli/plans/plan-file.ts';
import { planJsonSchema } from '../../../../core/cli/plans/plan-schema.ts';
import { fillParams } from '../../../../core/plan/params/fill.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import { EXECUTOR_NAMES } from '../../../../core/plan/schema.ts';

const plans = fileURLToPath(new URL('../../../../plans/', import.meta.url));

t.test('the schema file is up to date', async (t) => {
  const written = JSON.parse(readFileSync(`${plans}plan.schema.json`, 'utf8'));
  t.strictSame(written, JSON.parse(planJsonSchema()), 'run `npm run generate:plan-schema`');
});

t.test('editors learn every field of a plan, and that there are no others', async (t) => {
  const schema = JSON.parse(planJsonSchema());
  t.strictSame(schema.required, ['name', 'scenarios']);
  t.equal(schema.additionalProperties, false);
  t.equal(schema.properties.scenarios.additionalProperties.oneOf?.length, EXECUTOR_NAMES.length);
});

t.test('the plans that come along are right and point to the schema', async (t) => {
  const files = readdirSync(plans).filter((name) => name.endsWith('.yaml'));
  t.ok(files.length > 0);
  for (const name of files) {
    const { source } = await loadPlanFile(`${plans}${name}`);
    const filled = fillParams(source, {}, {});
    t.strictSame(filled.problems, [], name);
    t.doesNotThrow(() => parsePlan(filled.source), name);
    t.match(
      readFileSync(`${plans}${name}`, 'utf8'),
      /^# yaml-language-server: \$schema=\.\/plan\.schema\.json\n/,
      name,
    );
  }
});
