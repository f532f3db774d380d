import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { DEFAULT_MYSQL_SETTINGS } from '../../target/index.ts';
import { openMysqlStore } from '../../target/mysql/store.ts';
import { matchEach } from '../kit/match-each.ts';
import { connectTo, privateMariadb } from '../kit/programs/mariadb.ts';

t.setTimeout(400_000);

const server = await privateMariadb(t);
const openSockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

/** Whether each thread of the process is stopped; see proc(5). */
function isFrozen(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) =>
    /^\d+ \(.*\) T /s.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')),
  );
}

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
  // Those of the test before close in a later turn.
  while (openSockets() > 0) await nextTurn();
  const store = await openMysqlStore(server.url, DEFAULT_MYSQL_SETTINGS);
  process.kill(server.pid, 'SIGSTOP');
  t.teardown(() => process.kill(server.pid, 'SIGCONT'));
  // Threads that are on another core stop when they are next scheduled, and may answer until then.
  while (!isFrozen(server.pid)) await nextTurn();
  const hanging = store.insert([{ deviceId: 'frozen', testData: 1 }]);
  hanging.catch(() => {});
  await nextTurn();
  await store.close();
  // What is closed is gone a few turns later; what is left open stays for as long as the server is frozen.
  for (let turn = 0; turn < 20 && openSockets() > 0; turn++) await nextTurn();
  t.equal(openSockets(), 0);
  await t.rejects(hanging, { name: 'StoreError', kind: 'unavailable' });
});
