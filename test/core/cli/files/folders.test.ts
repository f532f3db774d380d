import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import t from 'tap';
import { configFolder, holderText, homeFolder, withFolderLock } from '../../../../core/cli/files/folders.ts';

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

t.test('no folder of the user depends on the working folder', async (t) => {
  const before = process.env.XDG_CONFIG_HOME;
  t.teardown(() => {
    if (before === undefined) delete process.env.XDG_CONFIG_HOME;
    else process.env.XDG_CONFIG_HOME = before;
  });
  const { homedir } = userInfo();
  process.env.XDG_CONFIG_HOME = 'here';
  t.equal(configFolder(), `${homeFolder()}/.config/bench`);
  process.env.XDG_CONFIG_HOME = '/there';
  t.equal(configFolder(), '/there/bench');
  t.equal(homeFolder([() => 'here', () => homedir]), homedir);
  const unknown = () => {
    throw new Error('uv_os_homedir returned ENOENT');
  };
  t.throws(() => homeFolder([unknown, () => '']), { message: /^This user has no home folder: set HOME/ });
});
