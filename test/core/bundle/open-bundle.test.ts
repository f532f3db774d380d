import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ContentCache } from '../../../core/bundle/content-cache.ts';
import { openBundle, type RemoteCode } from '../../../core/bundle/open-bundle.ts';
import type { BundleEntry } from '../../../core/plan/bundle.ts';
import { authorsPath, limitOwnFiles, planPath, readPlanFile, sentFiles } from '../../../core/plan-files.ts';
import { loadDriver } from '../../../plugins/loader/load.ts';

const DRIVER = `export default {
  name: 'sent', description: 'Sent.', options: { '~standard': { version: 1, vendor: 'me', validate: (value) => ({ value }) } },
  operations: () => [{ name: 'ping', type: 'PING' }], open: () => {},
};`;

function scene(t: Test, remoteCode: RemoteCode = 'any') {
  const store = { cache: new ContentCache(join(t.testdir({ own: {} }), 'cache')), remoteCode };
  const keep = async (kind: BundleEntry['kind'], name: string, text: string): Promise<BundleEntry> => {
    const bytes = Buffer.from(text);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await store.cache.obtain({ sha256, bytes: bytes.length }, async function* () {
      yield bytes;
    });
    return { kind, name, sha256, bytes: bytes.length };
  };
  t.teardown(() => limitOwnFiles({ which: 'any', never: [] }));
  return { store, keep };
}

t.test('names of a plan lead to what was sent: beside it, above it, and absolute ones', async (t) => {
  const { store, keep } = scene(t);
  limitOwnFiles({ which: { folders: [] }, never: [] });
  const entries = [
    await keep('file', 'users.csv', 'name'),
    await keep('file', '../../data/./a.csv', 'above'),
    await keep('file', '/srv/b.csv', 'absolute'),
    await keep('file', 'copies/users.csv', 'name'),
  ];
  const { folder, close } = await openBundle(entries, '/home/me/plans', store);
  const read = (name: string) => readPlanFile(planPath(folder, name), 100).toString();
  const known = (name: string) => authorsPath(planPath(folder, name));
  t.equal(known('users.csv'), '/home/me/plans/users.csv', 'its author knows it by the path that it has there');
  t.equal(known('../../data/a.csv'), '/home/data/a.csv');
  t.equal(known('/srv/b.csv'), '/srv/b.csv');
  t.equal(known('gone.csv'), '/home/me/plans/gone.csv');
  t.equal(authorsPath('/somewhere/else'), '/somewhere/else');
  t.equal(read('users.csv'), 'name');
  t.equal(read('../../data/a.csv'), 'above');
  t.equal(read('/srv/b.csv'), 'absolute');
  t.equal(readFileSync(join(folder, 'copies', 'users.csv'), 'utf8'), 'name', 'plugins read them as any file');
  for (const name of [
    'gone.csv',
    '../../etc/passwd',
    '../../../../../../etc/passwd',
    '/etc/passwd',
    '/proc/self/environ',
  ]) {
    t.throws(
      () => read(name),
      { message: /^it was not sent with the run, and no plan may name a file of this host/ },
      name,
    );
  }
  rmSync(store.cache.pathOf(entries[0]?.sha256 ?? ''));
  t.equal(read('users.csv'), 'name', 'whatever happens to the cache');
  await close();
  t.notOk(existsSync(folder));
  t.equal(sentFiles(folder), undefined);
});

t.test('two runs name different files by the same path: each has its own', async (t) => {
  const { store, keep } = scene(t);
  limitOwnFiles({ which: { folders: [] }, never: [] });
  const opened = await Promise.all(
    ['first', 'second'].map(async (text) => openBundle([await keep('file', '/srv/users.csv', text)], '/plans', store)),
  );
  const read = ({ folder }: { folder: string }) => readPlanFile(planPath(folder, '/srv/users.csv'), 100).toString();
  t.strictSame(opened.map(read), ['first', 'second']);
  for (const { close } of opened) await close();
});

t.test('with --files, what was not sent is looked for in that folder, and nowhere else', async (t) => {
  const { store, keep } = scene(t);
  const own = join(store.cache.folder, '..', 'own');
  mkdirSync(join(own, 'ours'));
  writeFileSync(join(own, 'here.csv'), 'of this host');
  writeFileSync(join(own, 'both.csv'), 'of this host');
  limitOwnFiles({ which: { folders: [own] }, never: [join(own, 'ours')] });
  const { folder, close } = await openBundle([await keep('file', 'both.csv', 'sent')], '/home/me/plans', store);
  t.equal(readPlanFile(join(folder, 'here.csv'), 100).toString(), 'of this host');
  t.equal(readPlanFile(join(folder, 'both.csv'), 100).toString(), 'sent');
  t.throws(() => readPlanFile(join(folder, '..', 'x.csv'), 100), /plans may name only files below .*own here/);
  t.throws(() => readPlanFile(join(folder, 'ours', 'key'), 100), /it belongs to bench itself/);
  await close();
});

t.test('a module is loaded by its hash: one that was edited is another one', async (t) => {
  const { store, keep } = scene(t);
  const load = async (text: string) => {
    const { folder, close } = await openBundle([await keep('module', './driver.ts', text)], '/plans', store);
    try {
      return await loadDriver('./driver.ts', folder);
    } finally {
      await close();
    }
  };
  const first = await load(DRIVER);
  t.equal(first.name, 'sent');
  t.equal(await load(DRIVER), first, 'the same module, imported once');
  t.equal((await load(DRIVER.replace("'sent'", "'edited'"))).name, 'edited');
  const { folder, close } = await openBundle([], '/plans', store);
  await t.rejects(loadDriver('./driver.ts', folder), { message: 'the driver "./driver.ts" was not sent with the run' });
  await close();
});

t.test('what nobody may send is refused, and nothing is left of it', async (t) => {
  const { store, keep } = scene(t, new Set());
  const data = await keep('file', 'data.csv', 'a');
  const other = await keep('file', 'data.csv', 'b');
  const code = await keep('module', './driver.ts', DRIVER);
  const unknown = { ...data, sha256: 'f'.repeat(64) };
  const cases: [entries: BundleEntry[], message: RegExp][] = [
    [[code], /^it may not run \.\/driver\.ts, which the plan brings along: .*--allow-plugin [0-9a-f]{64}$/],
    [[{ ...data, name: '../../../../../tmp/x' }], /is no path that a plan can name from its folder$/],
    [[{ ...data, name: '/../../x/../../../y' }], /is no path that a plan can name/],
    [[data, other], /^data\.csv was sent twice, with different contents$/],
    [[unknown], /^the content of data\.csv was not sent, or is no longer kept/],
    [[{ ...data, sha256: '../../../etc/passwd' }], /^the hash of data\.csv is no SHA-256/],
    [[{ ...data, bytes: Number.NaN }], /^the size of data\.csv is no number of bytes$/],
    [[{ ...data, name: '' }], /^one of its files has a name that is empty/],
    [[{ ...data, bytes: 300 * 2 ** 20 }], /^what the plan names has 300 MiB, and 256 MiB can be sent with a run/],
    [Array.from({ length: 1001 }, () => data), /^it names 1001 modules and files, and a run may have 1000$/],
  ];
  for (const [entries, message] of cases) {
    await t.rejects(openBundle(entries, '/plans', store), { name: 'BenchError', message }, String(message));
  }
  const runs = join(store.cache.folder, 'runs');
  t.same(existsSync(runs) ? readdirSync(runs) : [], []);
  const allowed = { ...store, remoteCode: new Set([code.sha256]) };
  const { close } = await openBundle([code], '/plans', allowed);
  await close();
});

t.test(
  "a folder of runs that others can write is not used: they could put their code in the place of the run's",
  async (t) => {
    const folder = t.testdir({ runs: {} });
    chmodSync(join(folder, 'runs'), 0o777);
    const cache = new ContentCache(folder);
    const text = 'export default 1';
    const sha256 = createHash('sha256').update(text).digest('hex');
    const entry = { kind: 'module', name: './x.ts', sha256, bytes: text.length } as const;
    await cache.obtain(entry, async function* () {
      yield Buffer.from(text);
    });
    await t.rejects(openBundle([entry], '/plans', { cache, remoteCode: 'any' }), {
      code: 'cache_unusable',
      message: /\(other users can write to .*runs\)/,
    });
  },
);
