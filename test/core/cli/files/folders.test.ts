import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { holderText, withFolderLock } from '../../../../core/cli/files/folders.ts';

t.test('one works at a time', async (t) => {
  const folder = `${t.testdir()}/credentials/agent`;
  let working = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++working);
    await new Promise((resolve) => setImmediate(resolve));
    working--;
  };
  await Promise.all(Array.from({ length: 5 }, () => withFolderLock(folder, work)));
  t.equal(most, 1);
  t.notOk(existsSync(`${folder}.lock`));
});

t.test('who was killed at it holds nobody up', async (t) => {
  const folder = `${t.testdir()}/agent`;
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(`${folder}.lock`, holderText(pid));
  t.equal(await withFolderLock(folder, async () => 'done'), 'done');
});
