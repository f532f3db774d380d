import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { ContentCache } from '../../../core/bundle/content-cache.ts';
import { processName } from '../../../core/bundle/process-name.ts';

function content(text: string) {
  const bytes = Buffer.from(text);
  return { key: { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length }, bytes };
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

t.test('a content is fetched once, kept for this user alone, and found again', async (t) => {
  const folder = join(t.testdir(), 'made', 'cache');
  const cache = new ContentCache(folder);
  const { key } = content('ab');
  let fetched = 0;
  const fetch = () => {
    fetched++;
    return pieces('a', 'b');
  };
  await Promise.all([cache.obtain(key, fetch), cache.obtain(key, fetch)]);
  await new ContentCache(folder).obtain(key, fetch);
  t.equal(fetched, 1);
  t.equal(readFileSync(cache.pathOf(key.sha256), 'utf8'), 'ab');
  t.equal(statSync(folder).mode & 0o077, 0);
  t.equal(statSync(cache.pathOf(key.sha256)).mode & 0o077, 0);
  t.same(readdirSync(join(folder, 'incoming')), []);
});

t.test('what killed processes had begun to receive goes at the next start', async (t) => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  const ended = processName('x').replace(`_${process.pid}_`, `_${pid}_`);
  const living = processName('x').replace(`_${process.pid}_`, `_${process.ppid}_`);
  const elsewhere = `another-host_${pid}_x`;
  const names = [ended, living, elsewhere, 'still', processName('before')];
  const folder = t.testdir({ incoming: Object.fromEntries(names.map((name) => [name, 'half'])) });
  utimesSync(join(folder, 'incoming', 'still'), 1, Date.now() / 1000 - 900);
  const cache = new ContentCache(folder);
  const { key } = content('ab');
  const incoming = await cache.receive(key);
  await new ContentCache(folder).removeLeftovers();
  const left = readdirSync(join(folder, 'incoming'));
  t.equal(left.length, 3, 'others may still receive theirs, and this process its own');
  t.same(left.filter((name) => names.includes(name)).sort(), [elsewhere, living].sort());
  await incoming.write(Buffer.from('ab'));
  await incoming.end();
  t.ok(await cache.has(key));
  await t.resolves(new ContentCache(join(folder, 'none')).removeLeftovers());
  t.notOk(existsSync(join(folder, 'none')), 'nothing is made');
});

t.test('what is not as its hash says is kept nowhere', async (t) => {
  const cache = new ContentCache(t.testdir());
  const { key } = content('right');
  const cases: [came: string[], message: RegExp][] = [
    [['wrong'], /is not what was sent with the run: it was changed on the way$/],
    [['rig'], /only 3 bytes came$/],
    [['right', '!'], /more bytes came$/],
    [['ri', ''], /an empty piece came$/],
  ];
  for (const [came, message] of cases) {
    await t.rejects(
      cache.obtain(key, () => pieces(...came)),
      { code: 'content_wrong', message },
    );
    t.notOk(existsSync(cache.pathOf(key.sha256)));
    t.same(readdirSync(join(cache.folder, 'incoming')), []);
  }
});

t.test('a content that somebody has changed on the disk, or removed, is fetched anew', async (t) => {
  const cache = new ContentCache(t.testdir());
  const { key } = content('right');
  await cache.obtain(key, () => pieces('right'));
  rmSync(cache.pathOf(key.sha256));
  writeFileSync(cache.pathOf(key.sha256), 'wrong');
  await cache.obtain(key, () => pieces('right'));
  t.equal(readFileSync(cache.pathOf(key.sha256), 'utf8'), 'right');
  rmSync(cache.folder, { recursive: true });
  await cache.obtain(key, () => pieces('right'));
  t.equal(readFileSync(cache.pathOf(key.sha256), 'utf8'), 'right');
});

t.test('a caller who says a wrong size takes no content away from others', async (t) => {
  const cache = new ContentCache(t.testdir());
  const { key } = content('ab');
  await cache.obtain(key, () => pieces('ab'));
  t.notOk(await cache.has({ ...key, bytes: 1 }));
  t.ok(await cache.has(key));
});

t.test('when it is full, what was not used for the longest time goes', async (t) => {
  const cache = new ContentCache(t.testdir(), 10);
  const [old, used, fresh] = [content('old!'), content('used'), content('new!')];
  for (const { key, bytes } of [old, used]) await cache.obtain(key, () => pieces(bytes.toString()));
  utimesSync(cache.pathOf(old.key.sha256), 2, 2);
  utimesSync(cache.pathOf(used.key.sha256), 1, 1);
  t.ok(await cache.has(used.key), 'a look at it is a use');
  await cache.obtain(fresh.key, () => pieces('new!'));
  t.notOk(existsSync(cache.pathOf(old.key.sha256)));
  t.ok(existsSync(cache.pathOf(used.key.sha256)));
  t.ok(existsSync(cache.pathOf(fresh.key.sha256)));
});

t.test('a folder that cannot be written is told', { skip: process.getuid?.() === 0 }, async (t) => {
  const folder = t.testdir();
  chmodSync(folder, 0o500);
  const cache = new ContentCache(join(folder, 'cache'));
  const { key } = content('x');
  const message =
    /cannot be kept in .*cache \(permission denied\): make room there, or name another folder with --cache$/;
  await t.rejects(
    cache.obtain(key, () => pieces('x')),
    { code: 'cache_unusable', message },
  );
});

t.test('so is a folder that is none', async (t) => {
  const cache = new ContentCache(join(t.testdir({ file: '' }), 'file', 'cache'));
  const { key } = content('x');
  await t.rejects(
    cache.obtain(key, () => pieces('x')),
    { code: 'cache_unusable', message: /lies below a file/ },
  );
});

t.test('a cache that another user may have prepared is used neither for reading nor for writing', async (t) => {
  const { key } = content('the real one');
  const prepared = {
    'others can write': (folder: string) => chmodSync(join(folder, 'contents'), 0o777),
    'is a link': (folder: string) => {
      renameSync(join(folder, 'contents'), join(folder, 'elsewhere'));
      symlinkSync(join(folder, 'elsewhere'), join(folder, 'contents'));
    },
    'belongs to another user': (folder: string) => chownSync(join(folder, 'contents'), 12_345, 12_345),
  };
  for (const [how, change] of Object.entries(prepared)) {
    if (how === 'belongs to another user' && process.getuid?.() !== 0) continue;
    const folder = join(t.testdir(), 'cache');
    const cache = new ContentCache(folder);
    await cache.obtain(key, () => pieces('the real one'));
    change(folder);
    const refusal = {
      code: 'cache_unusable',
      message: /cannot be kept in .*: make room there, or name another folder/,
    };
    await t.rejects(cache.has(key), refusal, how);
    await t.rejects(
      cache.obtain(key, () => pieces('the real one')),
      refusal,
      how,
    );
    await t.rejects(cache.receive(key), refusal, how);
  }
});
