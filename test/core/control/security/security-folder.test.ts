import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { createAuthority, issueServer } from '../../../../core/control/security/certificates.ts';
import { Invitations } from '../../../../core/control/security/invitations.ts';
import { initSecurity, invitingControl, readSecurity } from '../../../../core/control/security/security-folder.ts';
import { matchEach } from '../../../kit/match-each.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const stranger = await createAuthority(NOW);
const elsewhere = await issueServer(stranger, ['localhost'], NOW);

/** A folder that was made well, with other files in it since. */
async function tampered(t: Test, files: Readonly<Record<string, string>>) {
  const folder = t.testdir();
  await initSecurity(folder, [], NOW);
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
  return folder;
}

function filesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(`${folder}/${name}`).isFile(),
  );
  return Object.fromEntries(files.map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')]));
}

t.test('made anew, the operator has one certificate that is good, and what was invited stays', async (t) => {
  const folder = t.testdir();
  const book = new Invitations(folder);
  const serialOf = (file: string) => new X509Certificate(readFileSync(file)).serialNumber.toLowerCase();
  const init = async () => serialOf(`${(await initSecurity(folder, [], Date.now())).operatorFolder}/cert.pem`);
  const first = await init();
  t.ok(book.isGood(first));
  const token = await book.invite('viewer', 60_000, Date.now());
  const second = await init();
  t.notOk(book.isGood(first), 'a copy of the first one lets nobody in');
  t.ok(book.isGood(second));
  matchEach(t, await book.list(), [{ id: token.slice(0, 6) }]);
});

t.test('certificates from elsewhere are not written over', async (t) => {
  const own = { 'ca.pem': 'own', 'server.pem': 'own', 'server.key': 'own' };
  const folder = t.testdir(own);
  await t.rejects(initSecurity(folder, [], Date.now()), {
    message: `${folder} has ca.pem, server.pem, server.key and no ca.key: certificates from elsewhere are not overwritten; give another folder with --security`,
  });
  for (const name of Object.keys(own)) t.equal(readFileSync(`${folder}/${name}`, 'utf8'), 'own');
});

t.test('a folder that cannot be made, or written, is told', async (t) => {
  const folder = t.testdir({ file: '' });
  await t.rejects(initSecurity(`${folder}/file`, [], NOW), {
    name: 'SecurityError',
    message: `the certificates cannot be written to ${folder}/file (the folder ${folder}/file cannot be made: it is not a folder): make it a folder that you can write, or name another with --security`,
  });
  const taken = await tampered(t, {});
  rmSync(`${taken}/host`);
  mkdirSync(`${taken}/host`);
  await t.rejects(initSecurity(taken, [], NOW), { name: 'SecurityError', message: /\(it is a folder\)/ });
});

const AUTHORITY_HINT = 'restore the file, or make new certificates in another folder (`bench control init --security`)';
const cut = stranger.certificate.slice(0, 200);

for (const [files, problem] of [
  [{ 'ca.key': stranger.key }, 'FOLDER/ca.key is not the key of FOLDER/ca.pem'],
  [{ 'ca.pem': stranger.certificate }, 'FOLDER/ca.key is not the key of FOLDER/ca.pem'],
  [{ 'ca.key': '' }, 'FOLDER/ca.key is empty'],
  [{ 'ca.key': 'garbage' }, 'FOLDER/ca.key holds no private key that can be read (PEM, without a passphrase)'],
  [{ 'ca.pem': '\n' }, 'FOLDER/ca.pem is empty'],
  [{ 'ca.pem': 'garbage' }, 'FOLDER/ca.pem holds no certificate that can be read (PEM)'],
  [{ 'ca.pem': cut }, 'FOLDER/ca.pem holds no certificate that can be read (PEM)'],
] as const) {
  t.test(`an authority that cannot issue does nothing: ${JSON.stringify(files).slice(0, 50)}`, async (t) => {
    const folder = await tampered(t, files);
    const before = filesOf(folder);
    const error = {
      name: 'SecurityError',
      message: `${problem.replaceAll('FOLDER', folder)}: ${AUTHORITY_HINT}`,
    };
    await t.rejects(initSecurity(folder, [], NOW), error);
    await t.rejects(invitingControl(folder), error);
    await t.rejects(readSecurity(folder, NOW), error);
    t.same(filesOf(folder), before, 'nothing was written, and the operator is still one');
  });
}

t.test('what nobody could connect to is not served', async (t) => {
  for (const [files, problem] of [
    [{ 'server.pem': '' }, /^FOLDER\/server\.pem is empty: /],
    [{ 'server.pem': cut }, /^FOLDER\/server\.pem holds no certificate that can be read \(PEM\): /],
    [{ 'server.key': stranger.key }, /^FOLDER\/server\.key is not the key of FOLDER\/server\.pem: /],
    [
      { 'server.pem': elsewhere.certificate, 'server.key': elsewhere.key },
      /^FOLDER\/server\.pem was not issued by the authority in FOLDER\/ca\.pem: /,
    ],
    [
      { 'ca.pem': stranger.certificate, 'ca.key': stranger.key },
      /^FOLDER\/server\.pem was not issued by the authority in FOLDER\/ca\.pem: /,
    ],
  ] as const) {
    const folder = await tampered(t, files);
    await t.rejects(readSecurity(folder, NOW), {
      name: 'SecurityError',
      message: new RegExp(`${problem.source.replaceAll('FOLDER', folder)}\`bench control init\` makes new ones$`),
    });
    await initSecurity(folder, [], NOW);
    await t.resolves(readSecurity(folder, NOW), 'as the sentence says');
  }
  const folder = await tampered(t, {});
  await t.resolves(readSecurity(folder, NOW + 364 * DAY_MS));
  await t.rejects(readSecurity(folder, NOW + 366 * DAY_MS), {
    message: /server\.pem expired at 20\d\d-\d\d-\d\dT.*Z: `bench control init` makes new ones$/,
  });
});

t.test('certificates from elsewhere: control may be of another authority than its clients', async (t) => {
  const folder = await tampered(t, { 'server.pem': elsewhere.certificate, 'server.key': elsewhere.key });
  rmSync(`${folder}/ca.key`);
  t.match(await readSecurity(folder, NOW), { server: elsewhere, invitations: undefined });
  const chain = `Subject: CN=bench\n${elsewhere.certificate}\n${stranger.certificate}`;
  writeFileSync(`${folder}/server.pem`, chain);
  t.match(await readSecurity(folder, NOW), { server: { certificate: chain } }, 'with all of its chain');
  writeFileSync(`${folder}/ca.pem`, '');
  await t.rejects(readSecurity(folder, NOW), {
    message: /ca\.pem is empty: put the file there that was issued for this control/,
  });
});
