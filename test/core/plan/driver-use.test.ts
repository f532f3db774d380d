import t from 'tap';
import { type PluginLoaders, readNewSpec, readSpec } from '../../../core/control/run/run-spec.ts';
import { clashes, writers } from '../../../core/plan/driver-use.ts';
import { parsePlan } from '../../../core/plan/parse.ts';
import { resolvePlan } from '../../../core/plan/resolve.ts';
import type { DriverPlugin } from '../../../core/plugin.ts';
import httpUpload from '../../../plugins/http-upload.ts';
import mysqlDirect from '../../../plugins/mysql-direct.ts';

interface Use {
  readonly options?: object;
  readonly operations?: readonly string[];
}

/** Two drivers of one plugin, used by scenarios of their own. */
function planOf(use: string, first: Use, second: Use) {
  const scenario = (driver: string, operations: readonly string[] = []) => ({
    ...{ executor: 'constant-vus', vus: 1, duration: '1s' },
    operations: operations.map((operation) => ({ driver, operation })),
  });
  return {
    name: 'x',
    target: 'http://127.0.0.1:1',
    drivers: { keep: { use, options: first.options ?? {} }, fresh: { use, options: second.options ?? {} } },
    scenarios: { a: scenario('keep', first.operations), b: scenario('fresh', second.operations) },
  };
}

const plugins = { 'http-upload': httpUpload, 'mysql-direct': mysqlDirect } as Record<string, DriverPlugin>;
const loadDriver = async (reference: string) => plugins[reference] as DriverPlugin;

async function clashesOf(use: string, first: Use, second: Use) {
  return clashes(await resolvePlan(parsePlan(planOf(use, first, second)), loadDriver));
}

t.test('two uploaders whose device ids begin alike', async (t) => {
  const upload = (first: object, second: object) => {
    const operations = ['upload'];
    return clashesOf('http-upload', { options: first, operations }, { options: second, operations });
  };
  const path = 'drivers.fresh.options.devicePrefix';
  const alike = [{ path, message: /count the other's rows: give each driver a devicePrefix of its own/ }];
  t.match(await upload({}, { connections: 'per-request' }), alike);
  t.match(await upload({ devicePrefix: 'a' }, { devicePrefix: 'a1' }), alike, 'a100001 could be of both');
  t.match(await upload({ devicePrefix: 'a' }, { devicePrefix: '' }), alike);
  t.strictSame(await upload({}, { devicePrefix: 'fresh-' }), []);
});

t.test('two drivers of one table', async (t) => {
  const mysql = (first: object, second: object, operations = ['insert']) =>
    clashesOf('mysql-direct', { options: first, operations: ['insert'] }, { options: second, operations });
  const text = { protocol: 'text' };
  const path = 'drivers.fresh.options.table';
  const same = [{ path, message: /count the other's rows: give each driver a table of its own/ }];
  const own = [{ path, message: /makes the run's own table .* too: give each driver a table of its own/ }];
  t.match(await mysql({}, text), own);
  t.match(await mysql({ table: 'rows' }, { table: 'rows', ...text }), same);
  t.strictSame(await mysql({}, { table: 'rows', ...text }), []);
  const url = 'mysql://bench@127.0.0.1:3307/bench';
  t.strictSame(await mysql({}, { url }), [], 'another database');

  const reader = { table: 'rows', connections: { pool: 2 }, operations: { mine: { sql: 'SELECT 1' } } };
  t.strictSame(await mysql({ table: 'rows' }, reader, ['select-device', 'select-range']), [], 'it only reads');
  t.match(await mysql({ table: 'rows' }, reader, ['select-device', 'insert']), same);
  t.match(await mysql({ table: 'rows' }, reader, ['select-device', 'mine']), same, 'what its SQL does is not known');
  t.match(await mysql({}, { connections: { pool: 2 } }, ['select-device']), own, 'the second finds it made');
});

t.test('no run of such a plan is started, but one that was is read', async (t) => {
  const use: Use = { operations: ['upload'] };
  const source = { json: JSON.stringify(planOf('http-upload', use, use)), baseDirectory: '/', command: '' };
  const none = async () => Promise.reject(new Error('there is none'));
  const loaders: PluginLoaders = { loadDriver, loadMonitor: none, loadOutput: none, loadShape: none };
  await t.rejects(readNewSpec(source, loaders), {
    name: 'PlanError',
    message: /^drivers\.fresh\.options\.devicePrefix: /,
  });
  t.equal((await readSpec(source, loaders)).resolved.drivers.size, 2);
});

t.test('only drivers that may write have their writes compared', async (t) => {
  const of = async (use: string, first: readonly string[], second: readonly string[]) => {
    const plan = planOf(
      use,
      { options: { table: 'rows' }, operations: first },
      { options: { table: 'rows' }, operations: second },
    );
    return [...(await writers(await resolvePlan(parsePlan(plan), loadDriver)))];
  };
  t.strictSame(await of('mysql-direct', ['insert'], ['select-device']), ['keep']);
  t.strictSame(await of('mysql-direct', ['select-device'], ['select-device']), []);
  const upload: Use = { operations: ['upload'] };
  const plan = parsePlan(planOf('http-upload', upload, { options: { devicePrefix: 'x' }, operations: ['upload'] }));
  t.strictSame([...(await writers(await resolvePlan(plan, loadDriver)))], ['keep', 'fresh']);
  const source = {
    json: JSON.stringify(
      planOf(
        'mysql-direct',
        { options: { table: 'a' }, operations: ['select-device'] },
        { options: { table: 'b' }, operations: ['select-device'] },
      ),
    ),
    baseDirectory: '/',
    command: '',
  };
  const none = async () => Promise.reject(new Error('there is none'));
  const spec = await readSpec(source, { loadDriver, loadMonitor: none, loadOutput: none, loadShape: none });
  t.notOk(
    spec.thresholds.some(({ criterion }) => criterion.text.startsWith('lost')),
    'nothing is judged that nobody counts',
  );
});
