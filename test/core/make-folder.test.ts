import { existsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { makeFolder, makeTemporaryFolder } from '../../core/make-folder.ts';

t.test('a folder is made with those above it, by several at the same time, too', async (t) => {
  const folder = join(t.testdir(), 'a/b/c');
  await Promise.all(Array.from({ length: 5 }, () => makeFolder(folder, 0o700)));
  for (const place of [folder, join(folder, '..')]) t.equal(statSync(place).mode & 0o777, 0o700, place);
  await makeFolder(folder);
});

t.test('one that cannot be made is told, and nobody waits', async (t) => {
  const file = join(t.testdir(), 'file');
  writeFileSync(file, '');
  await t.rejects(makeFolder(file), { message: `the folder ${file} cannot be made: it is not a folder` });
  await t.rejects(makeFolder(join(file, 'a')), {
    message: `the folder ${file}/a cannot be made: it lies below a file`,
  });
  if (!existsSync('/proc/self')) return;
  // Linux says there that no such folder exists, which others take for one above it that they would have to make first.
  await t.rejects(makeFolder('/proc/.config/bench'), {
    name: 'FolderError',
    message: /^the folder \/proc\/\.config cannot be made: no such file or directory$/,
  });
});

t.test('temporary files that have no place are told', async (t) => {
  const { TMPDIR } = process.env;
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
  process.env.TMPDIR = join(t.testdir(), 'missing');
  await t.rejects(makeTemporaryFolder('bench-'), {
    message: `temporary files cannot be written to ${tmpdir()} (no such file or directory): name another folder in TMPDIR`,
  });
});
