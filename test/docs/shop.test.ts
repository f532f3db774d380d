/** The shops of docs/journeys.md and docs/scripts.md, in front of a shop as they take it for granted. */
import t from 'tap';
import { workbench } from '../e2e/bench-process.ts';
import { startShop } from '../kit/shop.ts';
import { blocksOf } from './pages.ts';

t.setTimeout(400_000);

const planOf = (page: string) =>
  blocksOf(page).find(({ language, text }) => language === 'yaml' && /^name:/m.test(text));
const SHOPPER = blocksOf('docs/scripts.md').find(({ file }) => file === 'shopper.ts')?.text ?? '';
const FILES = { 'users.csv': 'name,password\nanna,secret\n', 'shopper.ts': SHOPPER };

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
