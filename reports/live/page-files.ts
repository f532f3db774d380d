import { chartLibrary, chartStyle, packageFile } from '../html/assets.ts';
import { joined, webFile } from '../html/joined.ts';
import { LABELS } from '../labels/labels.ts';
import { liveEn } from '../labels/live/en.ts';
import { liveZhCn } from '../labels/live/zh-cn.ts';

/** One file of the live page, as control sends it to browsers. */
export interface PageFile {
  /** `/` for the page itself, and `/assets/…` for what it loads. */
  readonly path: string;
  /** Media type. */
  readonly type: string;
  readonly content: string;
}

const SCRIPT = 'text/javascript; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';
/** `import{options as n}from"preact";` */
const IMPORT = /import\{([^}]*)\}from"([^"]+)";/g;
/** `export{x as Component,k as h};` */
const EXPORT = /export\s*\{([^}]*)\};?/;
const DEFAULT = /export default /;

/** All files of the page. It loads nothing else, and has no script or style within its HTML. */
export async function pageFiles(): Promise<readonly PageFile[]> {
  return [
    { path: '/', type: 'text/html; charset=utf-8', content: webFile('live/index.html') },
    { path: '/assets/page.css', type: 'text/css; charset=utf-8', content: styles() },
    { path: '/assets/first.js', type: SCRIPT, content: joined('live/first.js') },
    { path: '/assets/page.js', type: SCRIPT, content: `${libraries()}\n${joined('live/main.js')}` },
    { path: '/assets/icon.svg', type: 'image/svg+xml', content: webFile('live/icon.svg') },
    { path: '/assets/words.en.json', type: JSON_TYPE, content: JSON.stringify({ ...LABELS.en, ...liveEn }) },
    { path: '/assets/words.zh-CN.json', type: JSON_TYPE, content: JSON.stringify({ ...LABELS['zh-CN'], ...liveZhCn }) },
  ];
}

/** Later ones go over those before. */
function styles(): string {
  const own = ['frame', 'tables', 'forms', 'run'].map((name) => webFile(`live/${name}.css`));
  return [chartStyle(), ...own].join('\n');
}

/** What the page is drawn with: `uPlot` and `libraries` as globals. */
function libraries(): string {
  return [
    chartLibrary(),
    'globalThis.libraries = {};',
    library('preact', import.meta.resolve('preact'), 'preact, (c) Jason Miller, MIT licence'),
    library('preact/hooks', import.meta.resolve('preact/hooks'), 'preact/hooks, (c) Jason Miller, MIT licence'),
    library('htm', import.meta.resolve('htm'), 'htm, (c) Jason Miller, Apache-2.0 licence'),
  ].join('\n');
}

/** A minified ES module as a function's result: it has one list of exports at its end, or one default. */
function library(name: string, url: string, notice: string): string {
  const body = packageFile(url)
    .replaceAll(/^\/\/# sourceMappingURL=.*$/gm, '')
    .replaceAll(
      IMPORT,
      (_, names: string, from: string) => `const{${names.replaceAll(' as ', ':')}}=libraries['${from}'];`,
    )
    .replace(EXPORT, (_, names: string) => `return{${names.replaceAll(/([\w$]+) as (\w+)/g, '$2:$1')}};`)
    .replace(DEFAULT, 'return ');
  return `/* ${notice} */\nlibraries['${name}']=(()=>{${body}})();`;
}
