/** The shops of docs/journeys.md and docs/scripts.md, in front of a shop as they take it for granted. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { WITH_THIS_PROCESS, workbench } from '../e2e/bench-process.ts';
import { startShop } from '../kit/shop.ts';
import { blocksOf, ROOT } from './pages.ts';

t.setTimeout(180_000);

const planOf = (page: string) =>
  blocksOf(page).find(({ language, text }) => language === 'yaml' && /^name:/m.test(text));
const SHOPPER = blocksOf('docs/scripts.md').find(({ file }) => file === 'shopper.ts')?.text ?? '';
const FILES = { 'users.csv': 'name,password\nanna,secret\n', 'shopper.ts': SHOPPER };
const TSCONFIG = { extends: `${ROOT}tsconfig.json`, include: ['shopper.ts'] };

for (const page of ['docs/journeys.md', 'docs/scripts.md']) {
  t.test(`the plan of ${page} goes through its shop`, async (t) => {
    const shop = await startShop(t);
    const { run } = workbench(t, { ...FILES, 'shop.yaml': planOf(page)?.text ?? '' });
    // The least that one pass does is to sign in and to list; whether it orders is drawn.
    const { code, stdout, stderr } = await run(['run', 'shop.yaml', '--host', shop.url, '--once', '--trace']);
    t.equal(code, 0, stdout + stderr);
    t.match(stdout, /✓ sign-in +POST +200 /);
    t.match(stdout, /\n +> POST \/session HTTP\/1\.1\n/);
    t.match(stdout, /Authorization: Bearer \*\*\*/i);
    t.equal(shop.counts['POST /session 200'], 1);
    const failed = Object.keys(shop.counts).filter((what) => / [45]\d\d$/.test(what));
    t.strictSame(failed, []);
  });
}

t.test('the script of docs/scripts.md has right types', async (t) => {
  const { folder } = workbench(t, { ...FILES, 'tsconfig.json': JSON.stringify(TSCONFIG) });
  const tsc = join(ROOT, 'node_modules/ts7/bin/tsc');
  const [first = '', ...args] = [...WITH_THIS_PROCESS, process.execPath, tsc, '--noEmit', '--project', folder];
  const { status, stdout, stderr } = spawnSync(first, args, { encoding: 'utf8' });
  t.equal(status, 0, stdout + stderr);
});
