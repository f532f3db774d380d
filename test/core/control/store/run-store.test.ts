import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { RunStore } from '../../../../core/control/store/run-store.ts';
import { RunState } from '../../../../proto/gen/bench/v1/run_pb.ts';
import { packResult } from '../../../../proto/stored-run.ts';
import { matchEach } from '../../../kit/match-each.ts';
import { connectTo, privateMariadb } from '../../../kit/programs/mariadb.ts';
import { stage } from '../scene/stage.ts';
import { directly, newRun, newWindow, storeFile, windowsOf } from '../scene/stored-runs.ts';

t.setTimeout(400_000);

const server = await privateMariadb(t);
const admin = await connectTo(t, server.adminUrl);

/** A database of the server's, with nothing in it. */
async function emptyDatabase(name: string): Promise<string> {
  await admin.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  return server.adminUrl.replace(/bench$/, name);
}

for (const kind of ['memory', 'file', 'mysql'] as const) {
  t.test(`a store in ${kind} keeps runs, windows and results`, async (t) => {
    const places = { memory: () => ':memory:', file: () => storeFile(t), mysql: () => emptyDatabase('keeps') };
    const store = await RunStore.open(await places[kind]());
    t.teardown(() => store.close());
    await store.addRun(newRun('one'));
    await store.addRun(newRun('two', { createdAt: '2026-01-02T00:00:00.000Z' }));
    await store.addRun(newRun('twin', { createdAt: '2026-01-02T00:00:00.000Z' }));
    await store.setState('one', 'running', '');
    t.same(
      (await store.list()).map(({ runId, state }) => [runId, state]),
      [
        ['twin', 'queued'],
        ['two', 'queued'],
        ['one', 'running'],
      ],
    );
    const many = Array.from({ length: 2500 }, (_, i) => newWindow('one', i + 1));
    for (const part of [many.slice(0, 1000), many.slice(1000, 2000), many.slice(2000)]) {
      await store.measurements.addWindows(part);
    }
    await store.measurements.addWindows([newWindow('one', 7), newWindow('one', 2501), newWindow('two', 1)]);
    const windows = await windowsOf(store, 'one');
    t.same(
      windows.map(({ seq }) => seq),
      Array.from({ length: 2501 }, (_, i) => i + 1),
      'in order over all pages, and one that comes twice is there once',
    );
    t.same([...(windows[6]?.window ?? [])], [7, 255, 0]);
    await store.measurements.addWindows([
      newWindow('two', 1, 'a '),
      newWindow('two', 1, 'A'),
      newWindow('two', 1, 'ä'),
    ]);
    for (const agent of ['a', 'a ', 'A', 'ä']) {
      t.same(
        (await windowsOf(store, 'two', agent)).map((window) => window.agent),
        [agent],
        'names are compared exactly',
      );
    }
    for (const [runId, second, metrics] of [
      ['one', 10, '{"x":1}'],
      ['one', 9, '{"x":2}'],
      ['one', 10, '{"x":3}'],
      ['two', 0, '{}'],
    ] as const) {
      await store.measurements.addSample({ runId, monitor: 'host', second, metrics });
    }
    t.same(
      (await store.measurements.samples('one')).map(({ second, metrics }) => [second, metrics]),
      [
        [9, '{"x":2}'],
        [10, '{"x":3}'],
      ],
      'the newest of a second, in order',
    );
    t.match(await store.get('two'), { note: '', tags: { length: 0 } });
    const notes = { note: 'ß 🙂\n'.repeat(400), tags: ['a', 'b:2'] };
    await store.addRun({ ...newRun('noted', { createdAt: '2025-01-01T00:00:00.000Z' }), notes });
    await store.setNotes('two', notes);
    for (const runId of ['noted', 'two']) t.match(await store.get(runId), notes);
    await Promise.all([
      store.setNotes('two', { note: 'new' }),
      store.setNotes('two', { tags: ['c'] }),
      store.setNotes('two', {}),
    ]);
    t.match(await store.get('two'), { note: 'new', tags: ['c'] }, 'what is left out stays');
    await store.deleteRun('noted');
    t.ok(await store.get('noted'), 'it has not ended');
    await store.endRun('noted', { state: 'failed', reason: '' });
    const isDown = t.intercept(store.measurements, 'drop', { value: () => Promise.reject(new Error('down')) });
    await t.rejects(store.deleteRun('noted'));
    t.ok(await store.get('noted'), 'what is left of it can be found');
    isDown.restore();
    await store.deleteRun('noted');
    t.equal(await store.get('noted'), undefined);
    await store.saveCheckpoint('two', '{"events":["ß 🙂"]}');
    t.match(await store.plan('two'), { plan: '{}', baseDirectory: '/', isUnderWay: false });
    const result = randomBytes(4_500_000);
    await store.endRun('one', { state: 'finished', reason: 'r', verdict: 'pass', result });
    t.match(await store.get('one'), { state: 'finished', reason: 'r', verdict: 'pass', name: 'run one' });
    const pieces: Uint8Array[] = [];
    for await (const piece of store.result('one')) pieces.push(piece);
    t.equal(pieces.length, 2);
    t.ok(Buffer.concat(pieces).equals(result), 'in pieces, and whole');
    t.same(await store.result('two').next(), { value: undefined, done: true });
    t.same([(await windowsOf(store, 'one')).length, (await windowsOf(store, 'two')).length], [0, 1]);
    t.same(
      [(await store.measurements.samples('one')).length, (await store.measurements.samples('two')).length],
      [0, 1],
    );
    t.equal(await store.get('three'), undefined);
    const setAt = '2026-01-03T00:00:00.000Z';
    await store.baselines.set({ name: 'main', runIds: ['one'], setAt: '2026-01-01T00:00:00.000Z' });
    await store.baselines.set({ name: 'Main', runIds: ['two'], setAt });
    await store.baselines.set({ name: 'main', runIds: ['two', 'one'], setAt });
    t.same(
      await store.baselines.list(),
      [
        { name: 'Main', runIds: ['two'], setAt },
        { name: 'main', runIds: ['two', 'one'], setAt },
      ],
      'names are compared exactly, and one that is set again is replaced',
    );
    await store.baselines.remove('main');
    t.same(
      (await store.baselines.list()).map(({ name }) => name),
      ['Main'],
    );
    const reading = store.result('one');
    await reading.next();
    await store.deleteRun('one');
    await t.rejects(reading.next(), { message: 'run one was deleted while its result was read' });
  });
}

t.test('a store that cannot be used is said in one sentence', async (t) => {
  const file = storeFile(t);
  await t.rejects(RunStore.open(join(file, 'no', 'folder')), {
    name: 'StoreError',
    message: /^the store .*folder cannot be opened \(.+\): move it away, or choose another file with --store$/,
  });
  writeFileSync(file, 'no database at all, but long enough to look like one'.repeat(100));
  await t.rejects(RunStore.open(file), { name: 'StoreError', message: /it is not a database of SQLite/ });
});

t.test('a store whose tables a later version has changed is refused', async (t) => {
  const file = storeFile(t);
  await (await RunStore.open(file)).close();
  const direct = directly(file);
  await direct.execute("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 9999999999999)");
  direct.close();
  const place = await emptyDatabase('later');
  await (await RunStore.open(place)).close();
  await admin.query("INSERT INTO later.bench_control_migrations (hash, created_at) VALUES ('later', 9999999999999)");
  for (const store of [file, place]) {
    await t.rejects(RunStore.open(store), {
      name: 'StoreError',
      message: /^the store .*a later version of bench than \S+ has changed its tables: use that version/,
    });
  }
});

for (const kind of ['file', 'mysql'] as const) {
  t.test(
    `after a restart, finished runs are there in ${kind}, and private ones that were under way have failed`,
    async (t) => {
      const file = kind === 'file' ? storeFile(t) : await emptyDatabase('restart');
      const before = await RunStore.open(file);
      for (const id of ['done', 'broken', 'waiting']) await before.addRun(newRun(id, { isPrivate: true }));
      await before.endRun('done', {
        state: 'finished',
        reason: '',
        verdict: 'pass',
        result: await packResult(['{}']),
      });
      await before.setState('broken', 'running', '');
      await before.measurements.addWindows([newWindow('broken', 1)]);
      await before.close();

      const scene = await stage(t, { store: file });
      const reason = 'control ended while this run was under way';
      t.match(await scene.summary('done'), { state: RunState.FINISHED, verdict: 'pass' });
      t.same(await scene.result('done'), {});
      t.match(await scene.summary('broken'), { state: RunState.FAILED, reason });
      t.match(await scene.summary('waiting'), { state: RunState.FAILED, reason });
      t.ok(scene.log.some((line) => line.includes('run broken was under way')));
      t.match(await scene.ended('broken'), { state: RunState.FAILED, reason });
    },
  );
}

t.test('a private control leaves alone what a killed control can go on with', async (t) => {
  const file = storeFile(t);
  const before = await RunStore.open(file);
  await before.addRun(newRun('theirs'));
  await before.measurements.addWindows([newWindow('theirs', 1)]);
  await before.close();

  const scene = await stage(t, { store: file, isPrivate: true });
  t.match(await scene.summary('theirs'), { state: RunState.QUEUED });
  const after = await RunStore.open(file);
  t.teardown(() => after.close());
  t.equal((await windowsOf(after, 'theirs')).length, 1);
  matchEach(t, await after.takeAbandonedRuns(), [{ runId: 'theirs' }]);
});

for (const kind of ['file', 'mysql'] as const) {
  t.test(
    `windows that a control left behind when it ended a run can be dropped at the next start, in ${kind}`,
    async (t) => {
      const file = kind === 'file' ? storeFile(t) : await emptyDatabase('left_behind');
      const before = await RunStore.open(file);
      for (const id of ['done', 'waiting']) await before.addRun(newRun(id));
      await before.setState('done', 'finished', '');
      await before.measurements.addWindows([newWindow('done', 1), newWindow('done', 5000), newWindow('done', 2, 'b')]);
      await before.measurements.addWindows([newWindow('waiting', 1)]);
      await before.close();

      const store = await RunStore.open(file);
      t.teardown(() => store.close());
      await store.measurements.dropLeftOver();
      t.same(
        [await windowsOf(store, 'done'), await windowsOf(store, 'done', 'b')].map(({ length }) => length),
        [0, 0],
      );
      t.equal((await windowsOf(store, 'waiting')).length, 1);
    },
  );
}

t.test('in MySQL a control that lives is known, wherever it is, and one that is killed is gone at once', async (t) => {
  const place = await emptyDatabase('owners');
  const owner = spawn(process.execPath, ['-e', ownerSource(place)], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => owner.kill('SIGKILL'));
  await once(owner.stdout, 'data');
  const store = await RunStore.open(place);
  t.teardown(() => store.close());
  t.same(await store.takeAbandonedRuns(), [], 'its owner holds a lock of the server');
  t.match(await store.plan('theirs'), { isUnderWay: true });
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  // The server sees the end of the connection by itself, soon.
  let taken = await store.takeAbandonedRuns();
  while (taken.length === 0) taken = await store.takeAbandonedRuns();
  matchEach(t, taken, [{ runId: 'theirs' }]);
  t.match(await store.plan('theirs'), { isUnderWay: false });
});

/** A process that stores a run in the name of a host of its own, and lives on. */
function ownerSource(place: string): string {
  const store = new URL('../../../../core/control/store/run-store.ts', import.meta.url).href;
  const run = JSON.stringify(newRun('theirs'));
  return `import(${JSON.stringify(store)}).then(async ({ RunStore }) => {
    const store = await RunStore.open(${JSON.stringify(place)});
    await store.addRun(${run});
    console.log('stored');
    setInterval(() => {}, 1000);
  })`;
}

t.test('a MySQL store that cannot be opened is said in one sentence without the password', async (t) => {
  await admin.query(
    "CREATE DATABASE bare; CREATE USER poor@'%' IDENTIFIED BY 'poor-secret'; GRANT SELECT ON bare.* TO poor@'%'",
  );
  const at = `127.0.0.1:${server.port}`;
  const cases: [place: string, message: RegExp][] = [
    [
      `mysql://bench:wrong-secret@${at}/bench`,
      /rejects the login of bench: check the user and the password in --store/,
    ],
    [
      `mysql://poor:poor-secret@${at}/bare`,
      /poor lacks a privilege on the MySQL database bare .*: GRANT SELECT, INSERT/,
    ],
    [server.adminUrl.replace(/bench$/, 'nowhere'), /has no database nowhere: create it/],
    [
      'mysql://u:a-secret@127.0.0.1:1/d',
      /the MySQL server at 127\.0\.0\.1:1 cannot be reached \(it refuses connections\)/,
    ],
    ['mysql://127.0.0.1/d', /the URL of --store cannot be used: it names no user/],
    ['mysql://u:a-secret@127.0.0.1', /the URL of --store cannot be used: it names no database/],
    ['mysql://u:a-secret@h/d?sslmode=REQUIRED', /its option sslmode is not known: did you mean ssl-mode\?/],
    [`mysql://bench:a-secret@${at}/bench?ssl-ca=/nowhere.pem`, /ssl-ca: the file "\/nowhere\.pem" cannot be read/],
    ['mysql://u:a-secret@/d', /"mysql:\/\/u:\*\*\*@\/d" is not a database URL/],
  ];
  for (const [place, pattern] of cases) {
    const error = await RunStore.open(place).then(
      () => new Error('it was opened'),
      (thrown: Error) => thrown,
    );
    t.match(error.message, pattern);
    t.notMatch(error.message, /secret|\n/);
  }
});

t.test('a MySQL server that was restarted is used again', async (t) => {
  const own = await privateMariadb(t);
  const store = await RunStore.open(own.url);
  t.teardown(() => store.close());
  await store.addRun(newRun('one'));
  await own.kill();
  await t.rejects(
    store.measurements.addWindows([newWindow('one', 1)]),
    /cannot be written: the database server cannot be reached/,
  );
  await own.restart();
  await store.measurements.addWindows([newWindow('one', 1)]);
  t.equal((await windowsOf(store, 'one')).length, 1);
});
