/** The reference target from start to stop; runs under each runtime. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { dropTarget, startTarget } from '../../target/index.ts';

/** The first line of the answer to an upload in these chunks; without an empty one as the last, it never ends. */
async function chunkedAnswer(port: number, chunks: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const head = 'POST /api/test/upload HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n';
  const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n${body}`);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return bytes.toString('latin1').split('\r\n')[0] ?? '';
}

t.test('the target stores an upload, counts it and stops', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-target-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const db = join(folder, 'test.db');
  const target = await startTarget({ host: '127.0.0.1', port: 0, db });
  t.teardown(() => target.stop());
  const upload = (body: string) =>
    fetch(`${target.url}/api/test/upload`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

  const stored = await upload('{"device_id":"dev_1","test_data":1.5}');
  t.strictSame([stored.status, await stored.json()], [200, { code: 200, msg: 'ok' }]);
  const refused = await upload('{"device_id":"dev_1"}');
  t.equal(refused.status, 422);
  t.match(await refused.json(), { errors: [{ field: 'test_data' }] });
  t.match(await chunkedAnswer(target.port, [' '.repeat(8_000), ' '.repeat(8_000), ' '.repeat(8_000)]), / 413 /);
  t.match(await chunkedAnswer(target.port, ['{"device_id":"dev_1"', ',"test_data":2}', '']), / 200 /);
  const health = await fetch(`${target.url}/health`);
  t.equal(health.status, 200);
  t.match(await health.json(), { status: 'ok' });
  const metrics = await fetch(`${target.url}/metrics`);
  t.equal(metrics.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  t.match(await metrics.text(), /^bench_target_rows_committed_total 2$/m);
  const stats = await fetch(`${target.url}/api/system/stats`);
  t.match(await stats.json(), { memory: { total_bytes: Number }, disk: { total_bytes: Number } });
  const count = await fetch(`${target.url}/api/test/upload/count?prefix=dev_`);
  t.strictSame(await count.json(), { total: 2, devices: { dev_1: 2 } });
  const missing = await fetch(`${target.url}/nope`);
  t.equal(missing.status, 404);
  await missing.text();
  await t.rejects(startTarget({ host: '127.0.0.1', port: target.port, db: `${db}2` }), { message: /is in use/ });

  await target.stop();
  t.match(await target.served(), { requests: 9, uploadsFailed: 2, rowsCommitted: 2 });
  await t.rejects(fetch(target.url), 'the port is closed');
  t.strictSame(readdirSync(folder).sort(), ['test.db', 'test.db2'], 'the log is written back');
  await dropTarget(db);
});
