/** With programs in the place of MariaDB's that do not come to an end. */
import { existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { mock } from 'node:test';
import t, { type Test } from 'tap';
import { EXIT } from '../../../../core/cli/exit-codes.ts';
import { PrivateMariadb } from '../../../../core/cli/processes/private-mariadb.ts';

/** A program that writes its process id into the file `pid` beside it, and hangs. */
const HANGS = '#!/bin/sh\ncd "$(dirname "$0")"\necho $$ > pid.new\nmv pid.new pid\nexec sleep 600\n';
const ENDS = '#!/bin/sh\nexit 0\n';

/** A MariaDB of such programs, being started; `begun` when one of them hangs. */
async function starting(t: Test, programs: Record<'mariadbd' | 'mariadb-install-db', string>, signal?: AbortSignal) {
  const bin = t.testdir({ folder: {} });
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(bin, name), text, { mode: 0o755 });
  const path = process.env.PATH;
  t.teardown(() => {
    process.env.PATH = path;
  });
  process.env.PATH = `${bin}${delimiter}${path}`;
  const begun = new Promise<number>((resolve) => {
    const watcher = watch(bin, () => {
      if (!existsSync(join(bin, 'pid'))) return;
      watcher.close();
      resolve(Number(readFileSync(join(bin, 'pid'), 'utf8')));
    });
  });
  const folder = join(bin, 'folder');
  const started = PrivateMariadb.start({ folder, ...(signal && { signal }) });
  started.catch(() => {});
  /** It is told to end, and nobody waits for it. */
  const gone = async (pid: number) => {
    while (existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { started, pid: await begun, folder, gone };
}

const PLACES = {
  'its files are made': { mariadbd: ENDS, 'mariadb-install-db': HANGS },
  'it comes up': { mariadbd: HANGS, 'mariadb-install-db': ENDS },
};

for (const [when, programs] of Object.entries(PLACES)) {
  t.test(`it can be given up while ${when}, and nothing is left`, async (t) => {
    const stop = new AbortController();
    const { started, pid, folder, gone } = await starting(t, programs, stop.signal);
    stop.abort();
    const message = 'The private MariaDB was stopped before it was ready.';
    await t.rejects(started, { message, exitCode: EXIT.aborted });
    await gone(pid);
    t.notOk(existsSync(folder));
  });
}

t.test('a set-up that does not come to its end is given up', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const { started, pid, folder, gone } = await starting(t, PLACES['its files are made']);
  mock.timers.tick(60_000);
  mock.timers.reset();
  await t.rejects(started, { message: 'The private MariaDB was not set up within 60 s.', exitCode: EXIT.error });
  await gone(pid);
  t.notOk(existsSync(folder));
});
