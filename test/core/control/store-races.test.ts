/** A store in MySQL under a network that fails in the middle of things. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { RowDataPacket } from 'mysql2/promise';
import t, { type Test } from 'tap';
import { RunStore } from '../../../core/control/store.ts';
import { connectTo, privateMariadb } from '../../kit/mariadb.ts';

t.setTimeout(120_000);

const server = await privateMariadb(t);
const admin = await connectTo(t, server.adminUrl);

async function count(sql: string): Promise<number> {
  const [[row]] = await admin.query<RowDataPacket[]>(sql);
  return Number(Object.values(row ?? {})[0]);
}

async function emptyDatabase(name: string): Promise<string> {
  await admin.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  return server.adminUrl.replace(/bench$/, name);
}

function newRun(runId: string) {
  const createdAt = '2026-01-01T00:00:00.000Z';
  return { runId, createdAt, name: runId, plan: '{}', baseDirectory: '/', checkpoint: '{}', isPrivate: false };
}

/** A way to the server that is cut, once, with the answer after which this is so. */
async function cutWhen(t: Test, place: string, isSo: () => Promise<boolean>): Promise<{ place: string; cuts: number }> {
  const url = new URL(place);
  const port = Number(url.port);
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {}).on('close', () => other.destroy());
    }
    near.on('data', (data) => far.write(data));
    let before = Promise.resolve();
    far.on('data', (data) => {
      before = before.then(async () => {
        if (way.cuts === 0 && (await isSo())) {
          way.cuts++;
          near.destroy();
        } else near.write(data);
      });
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  url.port = String((proxy.address() as AddressInfo).port);
  const way = { place: url.href, cuts: 0 };
  return way;
}

t.test('a run whose storing is cut off before the answer is stored, once', async (t) => {
  const place = await emptyDatabase('cut_off');
  await (await RunStore.open(place)).close();
  const way = await cutWhen(t, place, async () => (await count('SELECT COUNT(*) FROM cut_off.bench_runs')) > 0);
  const store = await RunStore.open(way.place);
  t.teardown(() => store.close());
  await store.addRun(newRun('one'));
  t.equal(way.cuts, 1, 'the answer was lost');
  await store.addRun(newRun('two'));
  t.same(
    (await store.list()).map(({ runId }) => runId),
    ['two', 'one'],
  );
});
