import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { Invitations } from '../../../../core/control/security/invitations.ts';
import { initSecurity } from '../../../../core/control/security/security-folder.ts';

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
  t.match(await book.list(), [{ id: token.slice(0, 6) }]);
});

t.test('certificates from elsewhere are not written over', async (t) => {
  const own = { 'ca.pem': 'own', 'server.pem': 'own', 'server.key': 'own' };
  const folder = t.testdir(own);
  await t.rejects(initSecurity(folder, [], Date.now()), {
    message: `${folder} has ca.pem, server.pem, server.key and no ca.key: certificates from elsewhere are not written over; give another folder with --security`,
  });
  for (const name of Object.keys(own)) t.equal(readFileSync(`${folder}/${name}`, 'utf8'), 'own');
});
