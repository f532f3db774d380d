/** Large answers and readers that do not take them: what control has in memory does not grow with their number. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import type { ReportProvider } from '../../../core/web/providers.ts';
import { fakeReports, served } from './web-stage.ts';

const CHARACTERS = 24 << 20;

/** A report of two pieces and a bit, whose characters of four bytes stand across their ends. */
const wide = `a${'\u{1f600}'.repeat(70_000)}`;

/** A run that has ended, whose reports have this content. */
async function withReport(t: Test, content: string) {
  const reports: ReportProvider = { ...fakeReports, render: async () => [{ name: 'a.md', content }] };
  const stage = await served(t, { reports });
  const agent = await stage.scene.agent({ name: 'a' });
  const runId = await stage.scene.running([agent]);
  await stage.scene.second(runId, 0, [agent]);
  agent.sendDone(runId);
  await stage.scene.ended(runId);
  return { ...stage, runId };
}

t.test('an answer in pieces is whole', async (t) => {
  const { runId, get, ask } = await withReport(t, wide);
  const { text, headers } = await get(`/runs/${runId}/reports/csv`);
  t.equal(headers['content-length'], String(Buffer.byteLength(wide)));
  t.ok(text === wide);
  t.equal((await ask('HEAD', `/api/v1/runs/${runId}/reports/csv`)).text, '');
});

t.test('a file of the page in pieces is whole, packed and not', async (t) => {
  // Packing does not make it small.
  const noise = Array.from({ length: 6_000 }, (_, i) => createHash('sha256').update(`${i}`).digest());
  const image = Buffer.concat(noise);
  const page = [
    { path: '/assets/wide.js', type: 'text/javascript; charset=utf-8', content: wide },
    { path: '/assets/image.png', type: 'image/png', content: image },
  ];
  const { url } = await served(t, { page });
  const { host, port } = new URL(url);
  for (const { path, content } of page) {
    const wanted = typeof content === 'string' ? Buffer.from(content) : content;
    for (const packing of ['identity', 'gzip']) {
      const [head, body] = await answerTo(Number(port), [
        `GET ${path} HTTP/1.1`,
        `Host: ${host}`,
        `Accept-Encoding: ${packing}`,
        'Connection: close',
      ]);
      t.match(head, new RegExp(`^content-length: ${body.length}$`, 'm'), `${path} ${packing}`);
      t.ok((packing === 'gzip' ? gunzipSync(body) : body).equals(wanted), `${path} ${packing}`);
      if (path.endsWith('png')) t.ok(body.length > 2 * 64 * 1024, `${body.length} bytes are several pieces`);
    }
  }
});

/** @returns the head, in lower case, and the body as it came */
function answerTo(port: number, lines: readonly string[]): Promise<[head: string, body: Buffer]> {
  return new Promise((resolve, reject) => {
    const came: Buffer[] = [];
    const socket = connect(port, '127.0.0.1');
    socket.on('error', reject).on('data', (data) => came.push(data as Buffer));
    socket.on('end', () => {
      const all = Buffer.concat(came);
      const end = all.indexOf('\r\n\r\n');
      resolve([all.subarray(0, end).toString().toLowerCase().replaceAll('\r', ''), all.subarray(end + 4)]);
    });
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  });
}

t.test('readers that take nothing share one answer', async (t) => {
  const content = 'x'.repeat(CHARACTERS);
  const { runId, get, url } = await withReport(t, content);
  await get(`/runs/${runId}/reports`);
  const { port } = new URL(url);
  const before = process.memoryUsage();
  const readers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = connect(Number(port), '127.0.0.1');
      t.teardown(() => socket.destroy());
      socket.write(`GET /api/v1/runs/${runId}/reports/csv HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
      await begun(socket);
      return socket;
    }),
  );
  t.equal((await get('/healthz')).status, 200);
  const after = process.memoryUsage();
  const grownBy = after.external + after.heapUsed - before.external - before.heapUsed;
  t.ok(grownBy < 4 * CHARACTERS, `${Math.round(grownBy / 2 ** 20)} MiB for 20 readers`);
  t.equal(readers.length, 20);
});

/** Once the head is here, all that control writes without waiting has been written. */
function begun(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', () => {
      socket.pause();
      resolve();
    });
  });
}
