import { writeFileSync } from 'node:fs';
import t from 'tap';
import { createAuthority, createRequest, issueClient } from '../../../../core/control/security/certificates.ts';
import { readCredentials, saveCredentials } from '../../../../core/control/security/credentials-folder.ts';

const authority = await createAuthority(Date.now());
const { key, request } = await createRequest();
const { certificate } = await issueClient(authority, request, 'agent', Date.now());
const saved = { authority: authority.certificate, certificate, key };

for (const [name, text, problem] of [
  ['ca.pem', '', 'ca.pem is empty'],
  ['ca.pem', 'garbage', 'ca.pem holds no certificate that can be read (PEM)'],
  ['cert.pem', '', 'cert.pem is empty'],
  ['cert.pem', certificate.slice(0, 300), 'cert.pem holds no certificate that can be read (PEM)'],
  ['cert.key', '', 'cert.key is empty'],
  ['cert.key', key.slice(0, 80), 'cert.key holds no private key that can be read (PEM, without a passphrase)'],
  ['cert.key', authority.key, 'cert.key is not the key of FOLDER/cert.pem'],
] as const) {
  t.test(`damaged credentials: ${problem}, with ${text.length} characters`, async (t) => {
    const folder = t.testdir();
    await saveCredentials(folder, saved);
    t.same(await readCredentials(folder), saved);
    writeFileSync(`${folder}/${name}`, text);
    await t.rejects(readCredentials(folder), {
      name: 'SecurityError',
      message: `${folder}/${problem.replace('FOLDER', folder)}: restore the file, or accept a new invitation with \`bench join\` (\`bench control invite\` prints one)`,
    });
  });
}
