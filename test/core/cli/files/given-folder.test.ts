import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkGivenFolder } from '../../../../core/cli/files/given-folder.ts';

const isRoot = process.getuid?.() === 0;

t.test('a folder that is there, and one that is made when it is needed', async (t) => {
  const folder = t.testdir({ plain: '' });
  for (const use of ['open', 'list', 'make'] as const) await checkGivenFolder('--files', folder, use);
  await checkGivenFolder('--cache', join(folder, 'a', 'b'), 'make');
});

t.test('whatever else is there or missing is refused in one sentence, with its flag', async (t) => {
  const folder = t.testdir({ plain: '' });
  const [plain, below, missing] = [join(folder, 'plain'), join(folder, 'plain', 'x'), join(folder, 'missing')];
  for (const [path, use, reason] of [
    [plain, 'open', `${plain} is not a folder: name a folder`],
    [plain, 'make', `${plain} is not a folder: name a folder`],
    [below, 'list', `${below} lies below a file: name a folder`],
    [below, 'make', `${below} lies below a file: name a folder`],
    [missing, 'open', `there is no folder ${missing}`],
  ] as const) {
    await t.rejects(checkGivenFolder('--files', path, use), { message: `--files: ${reason}.`, exitCode: 104 });
  }
});

t.test('a folder without the right that is needed is refused', { skip: isRoot }, async (t) => {
  const folder = join(t.testdir({ locked: {} }), 'locked');
  t.teardown(() => chmodSync(folder, 0o700));
  for (const [use, mode] of [
    ['open', 0o600],
    ['list', 0o300],
    ['make', 0o500],
  ] as const) {
    chmodSync(folder, mode);
    const message = `--files: this process cannot use the folder ${folder} (permission denied): name another one.`;
    await t.rejects(checkGivenFolder('--files', folder, use), { message });
  }
});
