import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { startTarget } from '../../target/index.ts';
import { connection, freshDatabase, metricsPage, started, upload, uploadCount } from './fixtures/started.ts';

const serveFile = fileURLToPath(new URL('./fixtures/serve.ts', import.meta.url));

/** A target in its own process, killed at the latest when the test ends. */
async function spawned(t: Test, db: string) {
  const child = spawn(process.execPath, [serveFile, db], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const url = (await lines.next()).value as string;
  return { child, url, lines };
}

t.test('kill -9 in the middle of the load loses no acknowledged upload', async (t) => {
  const db = freshDatabase(t);
  const { child, url } = await spawned(t, db);
  const acknowledged: string[] = [];
  const device = async (id: number) => {
    for (let upload_ = 0; ; upload_ += 1) {
      const name = `d${id}_${upload_}`;
      try {
        if ((await upload(url, name)).status === 200) acknowledged.push(name);
      } catch {
        return;
      }
      if (acknowledged.length === 1000) child.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, id) => device(id)));
  t.ok(acknowledged.length >= 1000);
  t.equal(child.signalCode ?? (await once(child, 'exit'))[1], 'SIGKILL');
  const target = await started(t, db);
  const { devices } = await uploadCount(target.url);
  t.strictSame(
    acknowledged.filter((name) => devices[name] !== 1),
    [],
  );
});

t.test('the process ends by itself after stop', async (t) => {
  const { child, url, lines } = await spawned(t, freshDatabase(t));
  await upload(url, 'a');
  child.stdin.end();
  t.match(JSON.parse((await lines.next()).value as string), { requests: 1, uploadsFailed: 0, rowsCommitted: 1 });
  t.strictSame(await once(child, 'exit'), [0, null]);
});

t.test('stop answers the uploads in progress and closes idle connections', async (t) => {
  const db = freshDatabase(t);
  const target = await startTarget({ host: '127.0.0.1', port: 0, db });
  t.teardown(() => target.stop());
  const idle = await opened(target.port);
  const busy = await opened(target.port);
  const locked = await connection(t, db).transaction('write');
  const body = '{"device_id":"a","test_data":1}';
  busy.socket.write(
    `POST /api/test/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  while (!/bench_target_queue_depth 1/.test(await metricsPage(target.url))) {}
  const stopped = target.stop();
  await idle.closed;
  t.equal(idle.text(), '');
  await locked.rollback();
  await busy.closed;
  t.match(busy.text(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close[\s\S]*\{"code":200,"msg":"ok"\}$/i);
  await stopped;
  const again = await started(t, db);
  t.strictSame((await uploadCount(again.url)).devices, { a: 1 });
});

async function opened(port: number): Promise<{ socket: Socket; text: () => string; closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'connect');
  return { socket, text: () => text, closed: once(socket, 'close') };
}
