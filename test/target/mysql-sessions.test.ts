import process from 'node:process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { DEFAULT_MYSQL_SETTINGS } from '../../target/index.ts';
import { openMysqlStore } from '../../target/mysql/store.ts';
import { matchEach } from '../kit/match-each.ts';
import { connectTo, privateMariadb } from '../kit/programs/mariadb.ts';

t.setTimeout(120_000);

const server = await privateMariadb(t);
const openSockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

t.test('with autocommit off for new connections: what was answered is stored', async (t) => {
  const admin = await connectTo(t, server.adminUrl);
  await admin.query('SET GLOBAL autocommit = 0');
  t.teardown(() => admin.query('SET GLOBAL autocommit = 1'));
  const store = await openMysqlStore(server.url, DEFAULT_MYSQL_SETTINGS);
  await store.insert([{ deviceId: 'kept', testData: 1 }]);
  const [rows] = await admin.query('SELECT device_id FROM test_upload');
  matchEach(t, rows, [{ device_id: 'kept' }]);
  await store.close();
});

t.test('a server that is frozen is left within a few seconds, with nothing open', async (t) => {
  const before = openSockets();
  const store = await openMysqlStore(server.url, DEFAULT_MYSQL_SETTINGS);
  process.kill(server.pid, 'SIGSTOP');
  t.teardown(() => process.kill(server.pid, 'SIGCONT'));
  const hanging = store.insert([{ deviceId: 'frozen', testData: 1 }]);
  hanging.catch(() => {});
  await nextTurn();
  await store.close();
  await nextTurn();
  t.equal(openSockets(), before);
  await t.rejects(hanging, { name: 'StoreError', kind: 'unavailable' });
});
