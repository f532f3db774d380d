import { createHash } from 'node:crypto';
import { htmlText, scriptJson } from '../escape/html.ts';
import type { Labels } from '../labels/labels.ts';
import type { Tile } from '../view/tiles.ts';
import { loadAssets } from './assets.ts';
import type { ChartData } from './chart-data.ts';

/** The parts of a page, which is complete by itself: it asks nothing of a network, and its policy forbids it to. */
export interface Page {
  readonly lang: string;
  readonly title: string;
  /** A class of the body, which colours the verdict: `pass`, `fail`, … */
  readonly outcome: string;
  /** The following as HTML. */
  readonly header: string;
  readonly navigation: string;
  readonly body: string;
  readonly data: ChartData;
}

export function documentHtml({ lang, title, outcome, header, navigation, body, data }: Page): string {
  const { style, scripts } = loadAssets();
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts)}">
<title>${htmlText(title)}</title>
<style>${style}</style>
</head>
<body class="${outcome}">
${header}
${navigation}
<main>
${body}
</main>
<script type="application/json" id="bench-data">${scriptJson(data)}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

/** Only these scripts run, and nothing is loaded: a name that slipped through could still do nothing. */
function policy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return `default-src 'none'; style-src 'unsafe-inline'; script-src ${hashes.join(' ')}`;
}

export interface PageHeader {
  readonly title: string;
  /** Its mark goes before it. */
  readonly verdict: string;
  readonly tiles: readonly Tile[];
  readonly labels: Labels;
  /** As HTML: what the page is about. */
  readonly about: string;
  /** The reasons of the verdict, where there is more to say. */
  readonly reasons: readonly string[];
}

export function headerHtml({ title, verdict, tiles, labels, about, reasons }: PageHeader): string {
  const items = reasons.map((reason) => `<li>${htmlText(reason)}</li>`).join('');
  return `<header>
<h1>${htmlText(title)}</h1>
<button type="button" id="theme">${htmlText(labels['action.theme'])}</button>
<p class="meta">${about}</p>
${tilesHtml(verdict, tiles)}${items === '' ? '' : `\n<ul>${items}</ul>`}
</header>`;
}

/** The verdict, and beside it what is read before all else. */
function tilesHtml(verdict: string, tiles: readonly Tile[]): string {
  return `<div class="tiles">
<p class="verdict">${htmlText(verdict)}</p>
<dl>
${tiles.map(tileHtml).join('\n')}
</dl>
</div>`;
}

function tileHtml({ label, value, note, tone }: Tile): string {
  const marked = tone === undefined ? '' : ` class="${tone}"`;
  return `<div><dt>${htmlText(label)}</dt><dd${marked}>${htmlText(value)}</dd><dd class="note">${htmlText(note)}</dd></div>`;
}
