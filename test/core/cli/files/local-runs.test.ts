import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { findLocalRun, forgetLocalRun, recordLocalRun } from '../../../../core/cli/files/local-runs.ts';

const RUN = { address: '127.0.0.1:41237', token: 'a-token-of-this-run' };

function home(test: Pick<typeof t, 'testdir' | 'teardown'>): string {
  const before = process.env.XDG_CONFIG_HOME;
  process.env.XDG_CONFIG_HOME = test.testdir();
  test.teardown(() => {
    if (before === undefined) delete process.env.XDG_CONFIG_HOME;
    else process.env.XDG_CONFIG_HOME = before;
  });
  return join(process.env.XDG_CONFIG_HOME, 'bench/runs');
}

t.test('a run is found by its id while it goes on', async (t) => {
  const runs = home(t);
  t.equal(findLocalRun('abc123'), undefined);
  const forget = await recordLocalRun('abc123', RUN);
  t.strictSame(findLocalRun('abc123'), RUN);
  t.equal(findLocalRun('abc124'), undefined);
  await forget();
  t.equal(findLocalRun('abc123'), undefined);
  await forgetLocalRun('abc123');
  t.strictSame(readdirSync(join(runs, readdirSync(runs)[0] as string)), []);
});

t.test(
  'only its user can read it, whatever the umask and the folder were',
  { skip: process.platform === 'win32' },
  async (t) => {
    const umask = process.umask(0);
    t.teardown(() => process.umask(umask));
    const runs = home(t);
    await recordLocalRun('first', RUN);
    const folder = join(runs, readdirSync(runs)[0] as string);
    chmodSync(folder, 0o777);
    await recordLocalRun('second', RUN);
    t.equal(statSync(folder).mode & 0o777, 0o700);
    for (const name of ['first', 'second']) t.equal(statSync(join(folder, name)).mode & 0o777, 0o600);
  },
);

t.test('an id is no path, and a file that is no record is no run', async (t) => {
  const runs = home(t);
  await recordLocalRun('abc', RUN);
  const folder = join(runs, readdirSync(runs)[0] as string);
  mkdirSync(join(folder, 'folder'));
  for (const [name, content] of [
    ['text', 'x'],
    ['half', '{"token":"x"}'],
    ['null', 'null'],
  ] as const) {
    writeFileSync(join(folder, name), content);
    t.equal(findLocalRun(name), undefined, name);
  }
  for (const id of ['../abc', 'folder', '', '.', 'ABC/..']) t.equal(findLocalRun(id), undefined, id);
});
