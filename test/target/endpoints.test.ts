import { once } from 'node:events';
import { connect } from 'node:net';
import t from 'tap';
import { connection, get, started, upload, uploadCount } from './fixtures/started.ts';

t.test('an upload is committed before it is answered, and counted per device', async (t) => {
  const { url, db } = await started(t);
  const other = connection(t, db);
  for (const [index, deviceId] of ['dev_1', 'dev_1', 'DEV_1', 'dev%', '__proto__'].entries()) {
    const answer = await upload(url, deviceId, index + 0.25);
    t.match(answer, { status: 200, body: { code: 200, msg: 'ok' } });
    const stored = await other.execute(
      'SELECT device_id, test_data, upload_time FROM test_upload ORDER BY id DESC LIMIT 1',
    );
    t.match(stored.rows[0], {
      device_id: deviceId,
      test_data: index + 0.25,
      upload_time: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/,
    });
  }
  const count = (prefix: string) => uploadCount(url, prefix);
  t.strictSame(await count('dev_'), { total: 2, devices: { dev_1: 2 } }, 'wildcards and case mean themselves');
  t.strictSame(await count('dev%'), { total: 1, devices: { 'dev%': 1 } });
  t.strictSame(await count("x' OR '1'='1"), { total: 0, devices: {} });
  const all = await uploadCount(url);
  t.equal(all.total, 5);
  t.strictSame(Object.keys(all.devices).sort(), ['DEV_1', '__proto__', 'dev%', 'dev_1']);
});

t.test('concurrent uploads are all stored, each once', async (t) => {
  const target = await started(t);
  const answers = await Promise.all(
    Array.from({ length: 600 }, (_, index) => upload(target.url, `device_${index % 7}`, index)),
  );
  t.ok(answers.every(({ status }) => status === 200));
  const stored = await connection(t, target.db).execute(
    'SELECT COUNT(DISTINCT test_data) AS uploads, COUNT(*) AS n FROM test_upload',
  );
  t.match(stored.rows[0], { uploads: 600, n: 600 });
  t.match(await target.served(), { requests: 600, uploadsFailed: 0, rowsCommitted: 600 });
});

t.test('health and the system endpoints', async (t) => {
  const { url, database, db } = await started(t);
  t.equal(database, `SQLite ${db}`);
  t.match(await get(`${url}/health`), { status: 200, body: { status: 'ok', database: /^sqlite 3\./ } });
  t.match(await get(`${url}/api/system/health`), { status: 200, body: { status: 'ok', uptime_seconds: Number } });
  t.match(await get(`${url}/api/system/info`), {
    status: 200,
    body: {
      os: String,
      runtime: /^(node|bun|deno) \d/,
      cpus: { count: Number },
      memory: { total_bytes: Number },
      versions: { bench: /^\d/, database: /^sqlite/ },
      database,
      pid: process.pid,
    },
  });
  const stats = {
    cpu: { count: Number },
    memory: { total_bytes: Number, used_bytes: Number, percent: Number },
    disk: { total_bytes: Number, free_bytes: Number, percent: Number },
    network: {},
    process: { pid: process.pid, resident_bytes: Number, event_loop_lag_ms: Number },
  };
  t.match(await get(`${url}/api/system/stats`), { status: 200, body: stats });
  await upload(url, 'a');
  t.match(await get(`${url}/api/system/metrics`), {
    status: 200,
    body: {
      ...stats,
      requests: { in_flight: 1, queue_depth: 0, rows_committed: 1, routes: [{ route: String, count: Number }] },
    },
  });
});

t.test('a host of one letter is no part of the path', async (t) => {
  const { port } = await started(t);
  const socket = connect(port, '127.0.0.1');
  socket.end('GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close');
  t.match(text, /^HTTP\/1\.1 200 OK/);
});
