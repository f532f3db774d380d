import t from 'tap';
import { parsePlan } from '../../../core/plan/parse.ts';
import { resolvePlan } from '../../../core/plan/resolve.ts';
import type { DriverPlugin } from '../../../core/plugin.ts';
import httpUpload from '../../../plugins/http-upload.ts';
import mysqlDirect from '../../../plugins/mysql-direct.ts';

/** Two drivers of one plugin, used by scenarios of their own. */
async function resolveBoth(use: string, first: object, second: object, operation: string) {
  const scenario = (driver: string) => ({
    ...{ executor: 'constant-vus', vus: 1, duration: '1s' },
    operations: [{ driver, operation }],
  });
  const plan = parsePlan({
    name: 'x',
    target: 'http://127.0.0.1:1',
    drivers: { keep: { use, options: first }, fresh: { use, options: second } },
    scenarios: { a: scenario('keep'), b: scenario('fresh') },
  });
  const plugins = { 'http-upload': httpUpload, 'mysql-direct': mysqlDirect } as Record<string, DriverPlugin>;
  return resolvePlan(plan, async (reference) => plugins[reference] as DriverPlugin);
}

t.test("two drivers that would count each other's rows are refused", async (t) => {
  const upload = (first: object, second: object) => resolveBoth('http-upload', first, second, 'upload');
  const alike = { message: /drivers\.fresh\.options\.devicePrefix: .* give each driver a devicePrefix of its own/ };
  await t.rejects(upload({}, { connection: 'per-request' }), alike);
  await t.rejects(upload({ devicePrefix: 'a' }, { devicePrefix: 'a1' }), alike, 'a100001 could be of both');
  await t.rejects(upload({ devicePrefix: 'a' }, { devicePrefix: '' }), alike);
  t.equal((await upload({}, { devicePrefix: 'fresh-' })).drivers.size, 2);

  const mysql = (first: object, second: object) => resolveBoth('mysql-direct', first, second, 'insert');
  const text = { protocol: 'text' };
  const same = { message: /drivers\.fresh\.options\.table: .* give each driver a table of its own/ };
  await t.rejects(mysql({}, text), same);
  await t.rejects(mysql({ table: 'rows' }, { table: 'rows', ...text }), same);
  t.equal((await mysql({}, { table: 'rows', ...text })).drivers.size, 2);
  const url = 'mysql://bench@127.0.0.1:3307/bench';
  t.equal((await mysql({}, { url })).drivers.size, 2, 'another database');
});
