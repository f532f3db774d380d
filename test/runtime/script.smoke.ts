/** A script from a file, on the real clock, on each runtime. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Engine } from '../../agents/engine/engine.ts';
import { HostMonitor } from '../../agents/host/host-monitor.ts';
import { systemClock } from '../../core/clock.ts';
import { parsePlan } from '../../core/plan/parse.ts';
import { resolvePlan } from '../../core/plan/resolve.ts';
import { equalShare } from '../../core/plan/split.ts';
import type { Window } from '../../core/stats/window.ts';
import { scripts } from '../../plugins/loader/user.ts';
import nullDriver from '../../plugins/null.ts';

const SCRIPT = `import { defineUser, type User } from '@bench/toolkit';

async function buy({ driver, pause, data, check }: User<object, 'items'>) {
  await pause({ uniform: [0, '2ms'] });
  await driver('null').send('noop', { name: \`buy \${data.items.next()['item']}\` });
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
  const windows: Window[] = [];
  const host = new HostMonitor(systemClock);
  const engine = new Engine({
    runId: 'smoke',
    plan: await resolvePlan(
      parsed,
      async () => nullDriver,
      (user) => scripts.loadUser(user, folder),
    ),
    share: equalShare(0, 1),
    baseDirectory: folder,
    openData: scripts.openData,
    clock: systemClock,
    host: (idleUs) => host.take(idleUs),
    emit: (window) => windows.push(window),
    hide: (text) => text,
    warn: () => {},
    failed: (error) => t.fail(`${error}`),
  });
  await engine.prepare();
  await engine.run(systemClock.nowUs() + 10_000);
  await engine.close();
  host.stop();
  const [passes, requests, checks] = engine.recorder.finalTotals();
  t.equal(passes?.count, 1000);
  t.equal(requests?.count, checks?.count);
  t.ok((requests?.count ?? 0) > 500 && (requests?.count ?? 0) < 700, `${requests?.count} of 1000 passes bought`);
  const rows = windows.flatMap(({ script }) => script?.rows ?? []);
  t.strictSame([...new Set(rows.map(({ row }) => row.name))].sort(), ['buy one', 'buy two']);
  const [failure] = windows.flatMap(({ operations }) => operations.flatMap(({ errorKinds }) => errorKinds));
  t.equal(failure?.kind, 'break: TypeError: broken');
  t.match(failure?.example, /^TypeError: broken \(shopper\.ts:14\)$/);
});
