/** A script from a file, on the real clock, on each runtime. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parsePlan } from '../../core/plan/parse.ts';
import { resolvePlan } from '../../core/plan/resolve.ts';
import { openDataSets } from '../../plugins/data/data-option.ts';
import { loadUser } from '../../plugins/loader/load.ts';
import nullDriver from '../../plugins/null.ts';
import { runOnRealClock } from './real-engine.ts';

const SCRIPT = `import { defineUser, type User } from '@bench/toolkit';

async function buy({ driver, pause, data, check }: User<object, 'items'>) {
  await pause({ uniform: [0, '2ms'] });
  await driver('null').send('noop', { name: \`buy \${(await data.items.next())['item']}\` });
  check('bought', true);
}

export default defineUser<object, 'items'>({
  drivers: ['null'],
  tasks: {
    buy: { weight: 3, run: buy },
    wait: { run: () => new Promise((resolve) => setTimeout(resolve, 1)) },
    break: { run: () => { throw new TypeError('broken'); } },
  },
});
`;

t.test('a script in a file: its rows, checks and data, and the line of what it throws', async (t) => {
  // Beside the tests, because the script imports the package.
  const folder = mkdtempSync(join(import.meta.dirname, '.script-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'shopper.ts'), SCRIPT);
  writeFileSync(join(folder, 'items.csv'), 'item\none\ntwo\n');
  const data = { items: { file: 'items.csv' } };
  const scenario = { executor: 'per-vu-iterations' as const, vus: 5, iterations: 200, user: './shopper.ts', data };
  const parsed = parsePlan({ name: 'smoke', scenarios: { shoppers: scenario } });
  const plan = await resolvePlan(
    parsed,
    async () => nullDriver,
    (user) => loadUser(user, folder),
  );
  const { windows, finalTotals } = await runOnRealClock(plan, { baseDirectory: folder, openData: openDataSets });
  const [passes, requests, checks] = finalTotals;
  t.equal(passes?.count, 1000);
  t.equal(requests?.count, checks?.count);
  t.ok((requests?.count ?? 0) > 500 && (requests?.count ?? 0) < 700, `${requests?.count} of 1000 passes bought`);
  const rows = windows.flatMap(({ script }) => script?.rows ?? []);
  t.strictSame([...new Set(rows.map(({ row }) => row.name))].sort(), ['buy one', 'buy two']);
  const [failure] = windows.flatMap(({ operations }) => operations.flatMap(({ errorKinds }) => errorKinds));
  t.equal(failure?.kind, 'break: TypeError: broken');
  t.match(failure?.example, /^TypeError: broken \(shopper\.ts:14\)$/);
});
