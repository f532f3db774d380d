/** docs/reference is made from docstrings, the schema of plans and the definitions of commands: what is said there leads somewhere. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { commandsPage } from '../../build/reference/commands-page.ts';
import { planPage } from '../../build/reference/plan-page.ts';
import { pluginsPage } from '../../build/reference/plugins-page.ts';
import { ROOT } from './pages.ts';

const FOLDER = 'docs/reference';
const LINK = /\]\(([^)\s]+)\)/g;

/** As GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const headings = text.match(/^#+ .*$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, '')
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

t.test('the pages are what their sources say', async (t) => {
  const pages = { 'commands.md': commandsPage, 'plan.md': planPage, 'plugins.md': pluginsPage };
  t.strictSame(readdirSync(join(ROOT, FOLDER)).toSorted(), Object.keys(pages).toSorted());
  for (const [name, make] of Object.entries(pages)) {
    t.equal(readFileSync(join(ROOT, FOLDER, name), 'utf8'), make(), `npm run generate:reference, for ${name}`);
  }
});

t.test('every link leads to a page and a heading', async (t) => {
  for (const name of readdirSync(join(ROOT, FOLDER))) {
    const page = join(ROOT, FOLDER, name);
    const text = readFileSync(page, 'utf8');
    for (const [, target = ''] of text.matchAll(LINK)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      t.ok(existsSync(file), `${name}: ${target}`);
      if (anchor !== undefined) t.ok(anchorsOf(readFileSync(file, 'utf8')).has(anchor), `${name}: ${target}`);
    }
  }
});

t.test('a table has as many cells in each row as in its head', async (t) => {
  for (const name of readdirSync(join(ROOT, FOLDER))) {
    let cells = 0;
    for (const line of readFileSync(join(ROOT, FOLDER, name), 'utf8').split('\n')) {
      const count = line.startsWith('|') ? line.replaceAll('\\|', '').split('|').length : 0;
      if (count > 0 && cells > 0) t.equal(count, cells, `${name}: ${line}`);
      cells = count;
    }
  }
});
