import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { processLookup } from '../../core/environment.ts';
import { ANY_FILE, type SecretFiles } from '../../core/secret-files.ts';

t.test('a plan reads files only where the process was told, and never what bench is known by', async (t) => {
  const folder = t.testdir({
    secrets: { token: 's3cret\n', own: { 'ca.key': 'KEY' } },
    'secrets-of-others': { token: 'theirs' },
    plan: { 'token.txt': 'beside the plan' },
  });
  symlinkSync(join(folder, 'secrets-of-others', 'token'), join(folder, 'secrets', 'out'));
  symlinkSync(join(folder, 'secrets', 'own', 'ca.key'), join(folder, 'secrets', 'link-to-key'));
  symlinkSync(join(folder, 'secrets'), join(folder, 'plan', 'linked'));
  mkdirSync(join(folder, 'elsewhere'));
  const read = (path: string, files: SecretFiles) => {
    const lookup = processLookup(join(folder, 'plan'), files);
    return lookup({ kind: 'file', name: path, text: `\${file:${path}}` });
  };

  t.equal(read('token.txt', ANY_FILE), 'beside the plan', 'without a limit, relative to the plan');
  const limited = { below: [join(folder, 'secrets')], never: [join(folder, 'secrets', 'own')] };
  t.equal(read(join(folder, 'secrets', 'token'), limited), 's3cret');
  t.equal(read('linked/token', limited), 's3cret', 'a link into the folder leads into it');
  const refused = /may name only files below .*--secrets-folder/;
  for (const path of ['token.txt', '/etc/hostname', '../secrets-of-others/token', join(folder, 'secrets', 'out')]) {
    t.throws(() => read(path, limited), refused, path);
  }
  const never = /belongs to bench itself/;
  for (const path of ['secrets/own/ca.key', 'secrets/link-to-key', 'plan/linked/own/../own/ca.key']) {
    t.throws(() => read(join(folder, path), limited), never, path);
  }
  const local = { ...limited, below: undefined };
  t.throws(() => read('../secrets/own/ca.key', local), never, 'without TLS too');
  t.throws(() => read(join(folder, 'secrets', 'gone'), local), /no such file/);
});
