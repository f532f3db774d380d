/** A store in MySQL under a network that fails in the middle of things, and under several controls at once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import process from 'node:process';
import { createInterface } from 'node:readline';
import type { RowDataPacket } from 'mysql2/promise';
import t, { type Test } from 'tap';
import { lockOf } from '../../../../core/control/store/host-lock.ts';
import { ownHost, thisProcess } from '../../../../core/control/store/owner.ts';
import { RunStore } from '../../../../core/control/store/run-store.ts';
import { connectTo, privateMariadb } from '../../../kit/programs/mariadb.ts';

t.setTimeout(400_000);

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

t.test('while another control changes the tables of a store, this one waits', async (t) => {
  const place = await emptyDatabase('migrated');
  const lock = lockOf('migrated', { host: 'migrations', pid: 0 });
  await admin.query('SELECT GET_LOCK(?, 0)', [lock]);
  const opening = RunStore.open(place);
  const waiting = 'SELECT COUNT(*) FROM information_schema.processlist WHERE state = "User lock"';
  while ((await count(waiting)) === 0);
  t.equal(await count('SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = "migrated"'), 0);
  await admin.query('SELECT RELEASE_LOCK(?)', [lock]);
  const store = await opening;
  t.teardown(() => store.close());
  await store.addRun(newRun('one'));
  t.equal(await count('SELECT COUNT(*) FROM migrated.bench_runs'), 1);
  t.equal(await count(`SELECT IS_FREE_LOCK('${lock}')`), 1, 'and lets the next one in');
});

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

/** A control process that takes up runs when it is told to. */
async function starting(t: Test, place: string): Promise<{ take(): Promise<string[]> }> {
  const source = `import(${JSON.stringify(new URL('../../../../core/control/store/run-store.ts', import.meta.url).href)})
    .then(async ({ RunStore }) => {
      const store = await RunStore.open(${JSON.stringify(place)});
      process.stdin.once('data', async () => {
        console.log(JSON.stringify((await store.takeAbandonedRuns()).map(({ runId }) => runId)));
      });
      console.log('opened');
    })`;
  const child = spawn(process.execPath, ['-e', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  return {
    async take() {
      child.stdin.write('take\n');
      const [line] = await once(lines, 'line');
      return JSON.parse(line as string) as string[];
    },
  };
}

t.test('of two controls that start at once, one takes up a run', async (t) => {
  const place = await emptyDatabase('at_once');
  const store = await RunStore.open(place);
  for (const id of ['one', 'two', 'three']) await store.addRun(newRun(id));
  await store.close();
  await admin.query("UPDATE at_once.bench_runs SET owner_host = 'a host that is gone'");
  const controls = [await starting(t, place), await starting(t, place)];
  // Both can read whose the runs are, before either can change it.
  await admin.query('LOCK TABLES at_once.bench_runs READ');
  const taken = controls.map((control) => control.take());
  const watcher = await connectTo(t, server.adminUrl);
  for (let waiting = 0; waiting < 2; ) {
    const [rows] = await watcher.query<RowDataPacket[]>('SHOW PROCESSLIST');
    waiting = rows.filter(({ db, State }) => db === 'at_once' && /^Waiting for table/.test(State ?? '')).length;
  }
  await admin.query('UNLOCK TABLES');
  t.same((await Promise.all(taken)).flat().sort(), ['one', 'three', 'two'], 'each once');
});

t.test('an owner that lives and has lost its lock for a moment keeps its run, and its lock', async (t) => {
  const place = await emptyDatabase('blinking');
  const runStore = JSON.stringify(new URL('../../../../core/control/store/run-store.ts', import.meta.url).href);
  const source = `import(${runStore}).then(async ({ RunStore }) => {
    const store = await RunStore.open(${JSON.stringify(place)});
    await store.addRun(${JSON.stringify(newRun('theirs'))});
    console.log('stored');
    setInterval(() => {}, 1000);
  })`;
  const owner = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => owner.kill('SIGKILL'));
  await once(owner.stdout, 'data');
  const store = await RunStore.open(place);
  t.teardown(() => store.close());
  const lock = lockOf('blinking', { host: ownHost, pid: owner.pid as number });
  const holder = () => count(`SELECT coalesce(IS_USED_LOCK('${lock}'), 0)`);
  const before = await holder();
  await admin.query(`KILL ${before}`);
  while ((await holder()) === before);
  t.same(await store.takeAbandonedRuns(), []);
  t.not(await holder(), 0);
});

t.test('two controls that look alike to the store do not both use it', async (t) => {
  const place = await emptyDatabase('alike');
  const other = await connectTo(t, server.adminUrl);
  await other.query('SELECT GET_LOCK(?, 0)', [lockOf('alike', thisProcess())]);
  await t.rejects(RunStore.open(place), {
    name: 'StoreError',
    message: /cannot be opened: another control with the same host name and process id uses it: give each host, or/,
  });
});
