import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { loadPlanFile } from '../../../../core/cli/plans/plan-file.ts';
import { planJsonSchema } from '../../../../core/cli/plans/plan-schema.ts';
import { fillParams } from '../../../../core/plan/params/fill.ts';
import { parsePlan } from '../../../../core/plan/parse.ts';
import { EXECUTOR_NAMES } from '../../../../core/plan/schema.ts';
import { builtinDrivers } from '../../../../plugins/builtin.ts';

const plans = fileURLToPath(new URL('../../../../plans/', import.meta.url));

t.test('the schema file is up to date', async (t) => {
  const written = JSON.parse(readFileSync(`${plans}plan.schema.json`, 'utf8'));
  t.strictSame(written, JSON.parse(await planJsonSchema()), 'run `npm run generate:plan-schema`');
});

t.test('editors learn every field of a plan, and that there are no others', async (t) => {
  const schema = JSON.parse(await planJsonSchema());
  t.strictSame(schema.required, ['name', 'scenarios']);
  t.equal(schema.additionalProperties, false);
  t.equal(schema.properties.scenarios.additionalProperties.oneOf?.length, EXECUTOR_NAMES.length);
});

t.test('editors learn the options of built-in plugins: by the name of the entry, or by what it uses', async (t) => {
  const { $defs, properties } = JSON.parse(await planJsonSchema());
  const { drivers, monitors, reports } = properties;
  t.equal($defs['driver-http'].properties.timeout.description, 'Time limit for the complete answer. Default: 30s.');
  t.equal($defs['driver-http'].additionalProperties, false);
  t.strictSame(Object.keys(drivers.properties), Object.keys(builtinDrivers));
  t.strictSame(drivers.properties.http.if, { required: ['use'] });
  t.strictSame(drivers.properties.http.else, { properties: { options: { $ref: '#/$defs/driver-http' } } });
  for (const [kind, { allOf }] of Object.entries({
    driver: drivers.additionalProperties,
    monitor: monitors.additionalProperties,
    report: reports.items.anyOf[1],
  }) as [string, { allOf: { if: { properties: { use: { const: string } } }; then: object }[] }][]) {
    t.ok(allOf.length > 1, kind);
    for (const { if: condition, then } of allOf) {
      const name = `${kind}-${condition.properties.use.const}`;
      t.ok($defs[name], name);
      t.strictSame(then, { properties: { options: { $ref: `#/$defs/${name}` } } });
    }
  }
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
