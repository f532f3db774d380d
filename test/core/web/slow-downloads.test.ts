/** Large answers and readers that do not take them: what control has in memory does not grow with their number. */
import { connect, type Socket } from 'node:net';
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
