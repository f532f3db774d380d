import { chmodSync, chownSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { mayHoldRuns, prepareStore, storeArguments } from '../../../../core/cli/files/store-location.ts';
import { RunStore } from '../../../../core/control/store/run-store.ts';

t.test('a URL of another kind than mysql:// is refused by its scheme alone', async (t) => {
  process.env.BENCH_TEST_STORE_URL = 'MariaDB://user:secret@host/db';
  t.teardown(() => delete process.env.BENCH_TEST_STORE_URL);
  const others = [
    ['mariadb', 'mariadb://user:secret@host/db'],
    ['postgres', ' postgres://user:secret@host/db'],
    ['file', 'file:///tmp/runs.sqlite'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference, as people write it
    ['mariadb', '${env:BENCH_TEST_STORE_URL}'],
  ] as const;
  for (const [scheme, store] of others) {
    const error = {
      message: `--store: runs cannot be kept in "${scheme}://": give the path of a SQLite file, or mysql://user:password@host:port/database.`,
      exitCode: 104,
    };
    await t.rejects(prepareStore(store), error);
    if (store.startsWith('$')) continue;
    t.throws(() => mayHoldRuns(store), error);
    t.throws(() => storeArguments(store), error);
  }
});

t.test('a new store is for its owner alone, and so is what SQLite puts beside it', async (t) => {
  const umask = process.umask(0);
  t.teardown(() => process.umask(umask));
  const folder = t.testdir();
  const file = await prepareStore(`${folder}/deep/runs.sqlite`);
  const store = await RunStore.open(file);
  t.teardown(() => store.close());
  for (const name of readdirSync(`${folder}/deep`)) {
    t.equal((statSync(`${folder}/deep/${name}`).mode & 0o777).toString(8), '600', name);
  }
});

t.test('and is taken again, also in a folder of the same group', async (t) => {
  const umask = process.umask(0);
  t.teardown(() => process.umask(umask));
  const file = `${t.testdir()}/deep/runs.sqlite`;
  for (const mode of [0o755, 0o2770]) {
    await t.resolves(prepareStore(file));
    chmodSync(dirname(file), mode);
    await t.resolves(prepareStore(file));
  }
});

const asRoot = { skip: process.geteuid?.() === 0 ? false : 'only root can make files that belong to another user' };
const OTHER = 65_534;

for (const [what, change, told] of [
  ['of another user', (file) => chownSync(file, OTHER, 0), /: [^:]+runs\.sqlite belongs to another user, /],
  [
    'that all can write',
    (file) => chmodSync(file, 0o666),
    /: other users can write to [^:]+runs\.sqlite, .+`chmod go-w`/,
  ],
  [
    'in a folder of another user',
    (file) => chownSync(dirname(file), OTHER, 0),
    /: the folder [^:]+deep belongs to another/,
  ],
  [
    'in a folder that all can write',
    (file) => chmodSync(dirname(file), 0o777),
    /: other users can write to the folder [^:]+p, /,
  ],
  [
    'in a folder like /tmp, where SQLite could be given a log that nobody has looked at',
    (file) => chmodSync(dirname(file), 0o1777),
    /: other users can write to the folder [^:]+, .+Put it into a folder of your own/,
  ],
  [
    'beside which another user has put a log',
    (file) => {
      writeFileSync(`${file}-wal`, '');
      chownSync(`${file}-wal`, OTHER, OTHER);
    },
    /: [^:]+runs\.sqlite-wal belongs to another user, /,
  ],
] as [string, (file: string) => void, RegExp][]) {
  t.test(`a store ${what} is refused: its runs would be gone on with`, asRoot, async (t) => {
    const file = await prepareStore(`${t.testdir()}/deep/runs.sqlite`);
    change(file);
    await t.rejects(prepareStore(file), { exitCode: 104, message: told });
  });
}
