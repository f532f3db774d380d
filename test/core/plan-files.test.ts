import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { limitOwnFiles, locatePlanFile, readPlanFile } from '../../core/plan-files.ts';
import { readRegularFile } from '../../core/regular-file.ts';

const ANY = { which: 'any', never: [] } as const;

t.test(
  'files of this host that a plan names lie in the folder that the process was told, wherever links lead',
  async (t) => {
    t.teardown(() => limitOwnFiles(ANY));
    const folder = t.testdir({
      plans: { 'users.csv': 'name', shop: { 'body.json': '{}' }, own: { 'ca.key': 'OWN' } },
      home: { id_rsa: 'KEY' },
      'plans-of-others': { 'users.csv': 'theirs' },
    });
    const plans = join(folder, 'plans');
    symlinkSync(join(folder, 'home', 'id_rsa'), join(plans, 'innocent.csv'));
    symlinkSync(join(folder, 'home'), join(plans, 'linked'));
    const read = (path: string) => readPlanFile(join(plans, path), 1000).toString();
    t.equal(read('innocent.csv'), 'KEY', 'without a limit');
    limitOwnFiles({ which: { folders: [plans] }, never: [join(plans, 'own')] });
    t.equal(read('users.csv'), 'name');
    t.equal(read('shop/../shop/body.json'), '{}');
    const refused =
      /^it was not sent with the run, and plans may name only files below .*plans here; start this process with --files/;
    const elsewhere = [
      'innocent.csv',
      'linked/id_rsa',
      '../home/id_rsa',
      '../plans-of-others/users.csv',
      '../home/gone',
    ];
    for (const path of [...elsewhere, '../../../../../../../../etc/passwd', '../../../../../../../../dev/zero']) {
      t.throws(() => read(path), { message: refused }, path);
      t.throws(() => locatePlanFile(join(plans, path)), { message: refused }, path);
    }
    limitOwnFiles({ which: { folders: [join(folder, 'home'), plans] }, never: [] });
    t.same([read('users.csv'), read('linked/id_rsa')], ['name', 'KEY'], 'of several folders');
    t.throws(() => read('../plans-of-others/users.csv'), /only files below .*home or .*plans here/);
    limitOwnFiles({ which: { folders: [plans] }, never: [join(plans, 'own')] });
    t.throws(() => read('own/ca.key'), /it belongs to bench itself/);
    t.throws(() => read('gone.csv'), /no such file/);
    t.throws(() => read('shop'), /it is a folder/);
  },
);

t.test('what is read is what was opened, though a link leads elsewhere a moment later', async (t) => {
  t.teardown(() => limitOwnFiles(ANY));
  const folder = t.testdir({ plans: { 'users.csv': 'name' }, home: { id_rsa: 'KEY' } });
  const place = join(folder, 'plans', 'swapped.csv');
  const looked = t.captureFn((_opened: string) => {});
  symlinkSync(join(folder, 'plans', 'users.csv'), place);
  t.equal(readRegularFile(place, 1000, looked).toString(), 'name');
  rmSync(place);
  symlinkSync(join(folder, 'home', 'id_rsa'), place);
  const refuse = (opened: string) => {
    if (opened.endsWith('id_rsa')) throw new Error('refused');
  };
  t.throws(() => readRegularFile(place, 1000, refuse), /refused/);
  t.match(looked.calls, process.platform === 'linux' ? [{ args: [join(folder, 'plans', 'users.csv')] }] : []);
});
