// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of plans
import process from 'node:process';
import t from 'tap';
import { RunStore } from '../../core/control/store/run-store.ts';
import { matchEach } from '../kit/match-each.ts';
import { connectTo, privateMariadb } from '../kit/programs/mariadb.ts';
import { connectUser, mysqlStage } from './mysql-stage.ts';

t.setTimeout(400_000);

const server = await privateMariadb(t);
const admin = await connectTo(t, server.adminUrl);
await admin.query('SET GLOBAL autocommit = 0');
process.env.TEST_AUTOCOMMIT_URL = server.url;

t.test('with autocommit off for new connections: acknowledged and loaded rows are stored', async (t) => {
  const stage = await mysqlStage({ url: '${env:TEST_AUTOCOMMIT_URL}', rows: 10 }, 'off');
  await stage.prepare();
  const driver = await stage.open();
  const user = await connectUser(driver);
  const outcome = await user.send('insert', new AbortController().signal);
  t.match(outcome, { ok: true });
  await user.close();
  await driver.close();
  const [[row]] = (await admin.query('SELECT count(*) AS stored FROM bench_off')) as unknown as [[object]];
  t.match(row, { stored: 11 });
  t.match(await stage.verify(), { acknowledged: 1, stored: 1, lost: 0 });
  await stage.cleanup();
});

t.test('with autocommit off for new connections: a store keeps its runs', async (t) => {
  const times = { createdAt: '2026-01-01T00:00:00.000Z', name: 'x', plan: '{}', baseDirectory: '/', checkpoint: '{}' };
  const store = await RunStore.open(server.url);
  await store.addRun({ runId: 'kept', isPrivate: false, ...times });
  await store.close();
  const [rows] = await admin.query('SELECT CONVERT(id USING utf8mb4) AS id FROM bench_runs');
  matchEach(t, rows, [{ id: 'kept' }]);
});
