import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { reasonOf } from '../../../core/text/system-reason.ts';

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

t.test('of what the system says the reason is left, without code, call and path', async (t) => {
  const folder = t.testdir({ file: '' });
  const missing = join(folder, "it's, missing");
  mkdirSync(join(folder, 'full'));
  writeFileSync(join(folder, 'full/one'), '');
  t.equal(reasonOf(caught(() => readFileSync(missing))), 'no such file or directory');
  t.equal(reasonOf(caught(() => renameSync(missing, join(folder, 'b')))), 'no such file or directory');
  t.equal(reasonOf(caught(() => readFileSync(folder))), 'it is a folder');
  t.equal(reasonOf(caught(() => readFileSync(join(folder, 'file/x')))), 'not a directory');
  t.equal(reasonOf(new Error('ENOSPC: no space left on device, write')), 'no space left on device');
});

t.test('what others say is left as it is', async (t) => {
  t.equal(reasonOf(new Error('it has more than 1 MiB')), 'it has more than 1 MiB');
  t.equal(reasonOf('a text'), 'a text');
});
