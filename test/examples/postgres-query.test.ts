import { join } from 'node:path';
import t from 'tap';
import type { DriverPlugin } from '../../core/plugin.ts';
import { loadDriver } from '../../plugins/loader/load.ts';
import { testDriver } from '../../testing/driver-contract.ts';
import { runDriver } from '../../testing/run-driver.ts';
import { privatePostgres } from '../kit/programs/postgres.ts';
import { recordingProxy } from '../kit/recording-proxy.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
/** The first letter of a message that begins a statement: Parse or Bind. Those before it sign in, and have others. */
const isRequest = (piece: string) => /^[PB]\0/.test(piece);

t.test("the example's driver does what every driver must, with a PostgreSQL server", async (t) => {
  const url = await privatePostgres(t);
  const plugin: DriverPlugin = await loadDriver('./postgres-query.ts', EXAMPLES);
  await testDriver((name, body) => t.test(name, body), {
    plugin,
    options: {
      statements: {
        one: { sql: 'SELECT 1' },
        table: { sql: 'SELECT relname FROM pg_class WHERE oid = $1', values: [1259] },
      },
    },
    badOptions: { statements: { one: { sql: '' } } },
    target: () => recordingProxy({ url, isRequest }),
    silentTarget: () => recordingProxy({ url, isRequest, isSilent: true }),
  });

  await t.test('a statement that the server refuses says why, and leaves the connection', async (t) => {
    const statements = { wrong: { sql: 'SELECT * FROM nowhere' }, right: { sql: 'SELECT 1' } };
    const { outcomes } = await runDriver(plugin, { options: { statements }, target: url, passes: 2 });
    for (const { errorKind, message } of outcomes.get('wrong') ?? []) {
      t.strictSame([errorKind, message], ['sqlstate_42p01', 'relation "nowhere" does not exist']);
    }
    t.strictSame(
      outcomes.get('right')?.map(({ ok }) => ok),
      [true, true],
    );
  });
});
