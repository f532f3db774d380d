import { chartStyle } from '../html/assets.ts';
import { joined, webFile } from '../html/joined.ts';
import { LABELS } from '../labels/labels.ts';
import { liveEn } from '../labels/live/en.ts';
import { liveZhCn } from '../labels/live/zh-cn.ts';
import { libraries } from './libraries.ts';

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

/** All files of the page. It loads nothing else, and has no script or style within its HTML. */
export async function pageFiles(): Promise<readonly PageFile[]> {
  return [
    { path: '/', type: 'text/html; charset=utf-8', content: webFile('live/index.html') },
    { path: '/assets/page.css', type: 'text/css; charset=utf-8', content: styles() },
    { path: '/assets/libraries.js', type: SCRIPT, content: libraries() },
    { path: '/assets/page.js', type: SCRIPT, content: joined('live/main.js') },
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
