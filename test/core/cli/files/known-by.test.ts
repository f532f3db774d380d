import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { clientAccess } from '../../../../core/cli/client/client-credentials.ts';

const STRANGER = 65534;
const AS_ROOT = { skip: process.getuid?.() !== 0 && 'only root can give files to another user' };
const ADDRESS = '127.0.0.1:9';

function stage(t: Test) {
  const folder = join(t.testdir({}), 'kept');
  mkdirSync(folder, { mode: 0o755 });
  const [token, authority] = [join(folder, 'token'), join(folder, 'ca.pem')];
  for (const file of [token, authority]) writeFileSync(file, 'a-token-of-the-tests', { mode: 0o600 });
  const withToken = () => clientAccess(ADDRESS, ['agent'], { tokenFile: token });
  const withCredentials = () => clientAccess(ADDRESS, ['agent'], { credentials: folder });
  return { folder, token, authority, withToken, withCredentials };
}

t.test('a token or an authority that everybody can replace is nothing to know control by', async (t) => {
  const { folder, token, authority, withToken, withCredentials } = stage(t);
  await t.resolves(withToken());
  await t.rejects(withCredentials(), { message: /ca\.pem holds no certificate/ }, 'it is read');
  for (const file of [token, authority]) chmodSync(file, 0o666);
  await t.rejects(withToken(), {
    message: `--token-file: other users can write to ${token}, and so pass for control: \`chmod go-w\` it, or name another file.`,
  });
  await t.rejects(withCredentials(), { message: /^--credentials: other users can write to .+ca\.pem, and so pass/ });
  for (const file of [token, authority]) chmodSync(file, 0o600);
  chmodSync(folder, 0o777);
  await t.rejects(withToken(), { message: /^--token-file: other users can write to .+kept, and so pass/ });
  chmodSync(folder, 0o1777);
  await t.resolves(withToken(), 'nobody can replace it there');
});

t.test('another user may own it, but not where anybody can put files', AS_ROOT, async (t) => {
  const { folder, token, authority, withToken, withCredentials } = stage(t);
  for (const file of [token, authority]) chownSync(file, STRANGER, STRANGER);
  await t.resolves(withToken(), 'somebody whom this user trusts');
  chmodSync(folder, 0o1777);
  await t.rejects(withToken(), {
    message: /^--token-file: .+token belongs to another user, who could so pass for control/,
  });
  await t.rejects(withCredentials(), { message: /^--credentials: .+ca\.pem belongs to another user/ });
});
