import { chmodSync, chownSync, lchownSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { checkSecurityFolder } from '../../../../core/cli/files/security-place.ts';
import { initSecurity } from '../../../../core/control/security/security-folder.ts';

const OTHER = 65_534;
const asRoot = { skip: process.geteuid?.() === 0 ? false : 'only root can make files that belong to another user' };

async function made(t: Test): Promise<string> {
  const folder = join(t.testdir({ keys: {} }), 'keys');
  await initSecurity(folder, [], Date.now());
  return folder;
}

t.test(
  'a folder of one’s own is taken, also in a place like /tmp, and one that is not there yet',
  asRoot,
  async (t) => {
    const folder = await made(t);
    chmodSync(join(folder, '..'), 0o1777);
    for (const isNew of [true, false]) {
      await t.resolves(checkSecurityFolder(folder, isNew));
      await t.resolves(checkSecurityFolder(join(folder, 'later'), isNew));
    }
  },
);

t.test('a volume whose files the group of this process can write is taken', asRoot, async (t) => {
  const folder = await made(t);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) chmodSync(join(folder, name), 0o2770);
  chmodSync(folder, 0o2770);
  for (const isNew of [true, false]) await t.resolves(checkSecurityFolder(folder, isNew));
});

t.test(
  'a secret as Kubernetes mounts it is taken: links in a sticky folder, files that all can read',
  asRoot,
  async (t) => {
    const folder = await made(t);
    const names = readdirSync(folder).filter((name) => /\.(pem|key)$|^host$/.test(name));
    mkdirSync(join(folder, '..2026'));
    symlinkSync('..2026', join(folder, '..data'));
    for (const name of names) {
      renameSync(join(folder, name), join(folder, '..2026', name));
      chmodSync(join(folder, '..2026', name), 0o644);
      symlinkSync(`..data/${name}`, join(folder, name));
    }
    chmodSync(folder, 0o1777);
    await t.resolves(checkSecurityFolder(folder));
    await t.rejects(
      checkSecurityFolder(folder, true),
      { message: /other users can write to .*keys, / },
      'nothing is made there',
    );
    lchownSync(join(folder, 'ca.key'), OTHER, OTHER);
    await t.rejects(checkSecurityFolder(folder), { exitCode: 104, message: /ca\.key belongs to another user/ });
  },
);

for (const [what, change, told] of [
  ['of another user', (folder) => chownSync(folder, OTHER, 0), /keys belongs to another user.*`chown -R`\.$/],
  ['that everybody can write', (folder) => chmodSync(folder, 0o777), /other users can write to .*keys, .*`chmod go-w`/],
  [
    'that another group can write',
    (folder) => {
      chownSync(folder, 0, OTHER);
      chmodSync(folder, 0o770);
    },
    /other users can write to .*keys, /,
  ],
  ['with a key of another user', (folder) => chownSync(join(folder, 'ca.key'), OTHER, 0), /ca\.key belongs to another/],
  ['with a key that all can write', (folder) => chmodSync(join(folder, 'server.key'), 0o666), /write to .*server\.key/],
  ['whose records all can write', (folder) => chmodSync(join(folder, 'issued'), 0o777), /write to .*issued/],
] as [string, (folder: string) => void, RegExp][]) {
  t.test(`a folder ${what} is refused`, asRoot, async (t) => {
    const folder = await made(t);
    change(folder);
    for (const isNew of [true, false]) {
      await t.rejects(checkSecurityFolder(folder, isNew), { exitCode: 104, message: told });
    }
  });
}
