import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { joined } from '../../../reports/html/joined.ts';
import { pageFiles } from '../../../reports/live/page-files.ts';

const WEB = new URL('../../../reports/web/live/', import.meta.url);
const files = await pageFiles();
const wordsOf = (lang: string) =>
  JSON.parse(files.find(({ path }) => path === `/assets/words.${lang}.json`)?.content ?? '') as Record<string, string>;

t.test('every word that the page asks for is there, with the same places to fill in', async (t) => {
  const en = wordsOf('en');
  const zhCn = wordsOf('zh-CN');
  const sources = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.js'));
  const asked = sources.flatMap((path) =>
    [
      ...readFileSync(new URL(path, WEB), 'utf8').matchAll(
        /'((?:live|start|history|compare|log|login|agents|column|chart|section|fact|word)\.[\w.-]+)'/g,
      ),
    ].map(([, id]) => id as string),
  );
  t.ok(asked.length > 100, `${asked.length} words are asked for`);
  t.strictSame(
    [...new Set(asked)].filter((id) => en[id] === undefined),
    [],
  );
  t.strictSame(Object.keys(zhCn).toSorted(), Object.keys(en).toSorted());
  const places = (text = '') => [...text.matchAll(/\{\w+\}/g)].map(String).toSorted();
  for (const [id, text] of Object.entries(en)) t.strictSame(places(zhCn[id]), places(text), id);
});

t.test('a module is refused whose exports nobody could import', async (t) => {
  const folder = t.testdir({ 'page.js': 'export class Chart {}\n' });
  const entry = relative(fileURLToPath(new URL('../../../reports/web/', import.meta.url)), `${folder}/page.js`);
  t.throws(() => joined(entry), /page\.js exports what cannot be joined: export class Chart/);
});

t.test('the page is small and complete', async (t) => {
  const sizes = files
    .filter(({ path }) => !path.includes('words.zh'))
    .map(({ content }) => gzipSync(content, { level: 9 }).length);
  const total = sizes.reduce((a, b) => a + b, 0);
  t.ok(total <= 90_000, `${total} bytes in gzip`);
  const html = files.find(({ path }) => path === '/')?.content ?? '';
  for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g))
    t.ok(
      files.some((file) => file.path === path),
      `${path} is there`,
    );
  t.notMatch(html, /<style|<script(?![^>]* src=)| style=| on\w+=/, 'nothing that the policy forbids');
});
