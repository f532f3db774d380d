import { chmodSync, chownSync, lchownSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { writeNewFile } from '../../../../core/cli/files/new-file.ts';

const onPosix = { skip: process.platform === 'win32' };
const asRoot = { skip: process.geteuid?.() === 0 ? false : 'only root can make a link that belongs to another user' };

t.test('what is there is lost only to who says so, and what replaces it keeps its mode', onPosix, async (t) => {
  const umask = process.umask(0o027);
  t.teardown(() => process.umask(umask));
  const folder = t.testdir({ 'mine.yaml': 'mine' });
  const mine = join(folder, 'mine.yaml');
  chmodSync(mine, 0o600);
  await t.rejects(writeNewFile(mine, 'new', false), {
    exitCode: 104,
    message: `${mine} is there already: name another file, or add --force to replace it.`,
  });
  t.equal(readFileSync(mine, 'utf8'), 'mine');
  await writeNewFile(mine, 'new', true);
  t.equal(readFileSync(mine, 'utf8'), 'new');
  t.equal(statSync(mine).mode & 0o777, 0o600);
  for (const replaces of [false, true]) {
    const made = join(folder, `deep/${replaces}.yaml`);
    await writeNewFile(made, 'new', replaces);
    t.equal(statSync(made).mode & 0o777, 0o640, 'a new one follows the umask');
  }
  t.strictSame(readdirSync(join(folder, 'deep')).sort(), ['false.yaml', 'true.yaml'], 'and nothing else is left');
});

t.test('a link of the user’s own stays one', onPosix, async (t) => {
  const folder = t.testdir({ 'plan.yaml': 'old' });
  symlinkSync('plan.yaml', join(folder, 'link.yaml'));
  await t.rejects(writeNewFile(join(folder, 'link.yaml'), 'new', false), { message: /is there already/ });
  await writeNewFile(join(folder, 'link.yaml'), 'new', true);
  t.ok(lstatSync(join(folder, 'link.yaml')).isSymbolicLink());
  t.equal(readFileSync(join(folder, 'plan.yaml'), 'utf8'), 'new');
});

t.test('a link of another user in a folder that others can write leads nowhere', asRoot, async (t) => {
  const other = 65_534;
  const folder = t.testdir({ victim: 'secret', away: {}, sticky: {}, theirs: {} });
  chmodSync(join(folder, 'sticky'), 0o1777);
  chownSync(join(folder, 'theirs'), other, other);
  for (const place of ['sticky', 'theirs']) {
    for (const [name, target] of [
      ['plan.yaml', '../victim'],
      ['away', '../away'],
    ] as const) {
      const link = join(folder, place, name);
      symlinkSync(target, link);
      lchownSync(link, other, other);
    }
    for (const replaces of [false, true]) {
      for (const file of ['plan.yaml', 'away/plan.yaml']) {
        await t.rejects(writeNewFile(join(folder, place, file), 'new', replaces), {
          exitCode: 104,
          message: /(plan\.yaml|away) belongs to another user, who could redirect with it what is written there/,
        });
      }
    }
  }
  t.equal(readFileSync(join(folder, 'victim'), 'utf8'), 'secret');
  t.strictSame(readdirSync(join(folder, 'away')), []);
});
