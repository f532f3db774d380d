import { readdirSync, statSync } from 'node:fs';
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
