import { spawnSync } from 'node:child_process';
import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { errorMessage } from '../../core/error.ts';
import { readRegularFile, readTextFile } from '../../core/regular-file.ts';

const refusal = (path: string, maxBytes = 1 << 20) => {
  try {
    return `${readRegularFile(path, maxBytes).length} bytes`;
  } catch (error) {
    return errorMessage(error);
  }
};

t.test('a regular file is read whole, up to the limit', async (t) => {
  const folder = t.testdir({ small: 'ab', empty: '', link: t.fixture('symlink', 'small') });
  t.equal(readRegularFile(join(folder, 'small'), 2).toString(), 'ab');
  t.equal(readRegularFile(join(folder, 'link'), 2).toString(), 'ab');
  t.equal(readRegularFile(join(folder, 'empty'), 2).length, 0);
  const large = join(folder, 'large');
  writeFileSync(large, Buffer.alloc(3 << 20, 'x'));
  t.equal(readRegularFile(large, 3 << 20).length, 3 << 20);
  t.equal(refusal(large, 2 << 20), 'it is larger than 2 MiB');
});

t.test('ten gigabytes are refused before one byte is read', async (t) => {
  const huge = join(t.testdir({ huge: '' }), 'huge');
  truncateSync(huge, 10e9);
  t.equal(refusal(huge), 'it is larger than 1 MiB');
});

t.test('what has no end, or nobody to end it, is refused at once', async (t) => {
  const folder = t.testdir({});
  t.equal(refusal(folder), 'it is a folder');
  t.equal(refusal(join(folder, 'none')), 'no such file or directory');
  if (existsSync('/dev/zero')) t.equal(refusal('/dev/zero'), 'it is a device or a pipe, not a regular file');
  const fifo = join(folder, 'fifo');
  if (spawnSync('mkfifo', [fifo]).status === 0) t.equal(refusal(fifo), 'it is a device or a pipe, not a regular file');
});

t.test('a file without a size is read all the same', { skip: !existsSync('/proc/self/status') }, async (t) => {
  t.match(readRegularFile('/proc/self/status', 1 << 20).toString(), /^Name:/);
  t.match(refusal('/proc/self/status', 10), /larger than 10 bytes/);
});

t.test('text is UTF-8, or its first wrong line is named', async (t) => {
  const file = join(t.testdir({}), 'a.txt');
  writeFileSync(file, 'caf\u00e9\n');
  t.equal(readTextFile(file, 100), 'caf\u00e9\n');
  writeFileSync(file, 'a\r\nb\r\ncaf\u00e9\r\n', 'latin1');
  t.throws(() => readTextFile(file, 100), { code: 'not_utf8', message: /^line 3 is not UTF-8 text; save the file/ });
});
