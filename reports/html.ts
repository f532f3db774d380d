import { createHash } from 'node:crypto';
import { defineReport } from '../core/plugin.ts';
import type { RunResult } from '../core/stats/result.ts';
import type { Lang } from '../core/verdict/messages/message.ts';
import { htmlText, scriptJson } from './escape/html.ts';
import { loadAssets } from './html/assets.ts';
import { chartData, pageCharts } from './html/chart-data.ts';
import { bodyHtml, navigationHtml } from './html/page.ts';
import { languageOptions } from './options.ts';
import type { Tile } from './view/tiles.ts';
import { makeView, type View } from './view.ts';

/** One page that is complete by itself: it asks nothing of a network, and its policy forbids it to. */
export default defineReport<{ lang: Lang }>({
  name: 'html',
  description: 'One self-contained HTML page with charts.',
  options: languageOptions,
  render: (result, { lang }) => [{ name: 'report.html', content: pageOf(result, makeView(result, lang)) }],
});

function pageOf(result: RunResult, view: View): string {
  const { style, scripts } = loadAssets();
  const charts = pageCharts(result, view.labels, view.conclusion);
  const data = chartData(result, view.labels, charts);
  const title = `${htmlText(view.title)}: ${htmlText(view.verdict.label)}`;
  return `<!doctype html>
<html lang="${view.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(scripts)}">
<title>${title}</title>
<style>${style}</style>
</head>
<body class="${view.verdict.outcome}">
${headerOf(view)}
${navigationHtml(view, charts)}
<main>
${bodyHtml(view, charts)}
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

const VERDICT_MARKS = { pass: '✓', fail: '✗', invalid: '!', aborted: '!', 'no-criteria': '!' } as const;

function headerOf({ title, runId, startedAt, verdict, tiles, labels }: View): string {
  const reasons = verdict.reasons.map((reason) => `<li>${htmlText(reason)}</li>`).join('');
  return `<header>
<h1>${htmlText(title)}</h1>
<button type="button" id="theme">${htmlText(labels['action.theme'])}</button>
<p class="meta">${htmlText(labels['fact.run'])} <code>${htmlText(runId)}</code>, ${htmlText(startedAt)}</p>
<div class="tiles">
<p class="verdict">${VERDICT_MARKS[verdict.outcome]} ${htmlText(verdict.label)}</p>
<dl>
${tiles.map(tileHtml).join('\n')}
</dl>
</div>
${reasons === '' ? '' : `<ul>${reasons}</ul>`}
</header>`;
}

function tileHtml({ label, value, note, tone }: Tile): string {
  const marked = tone === undefined ? '' : ` class="${tone}"`;
  return `<div><dt>${htmlText(label)}</dt><dd${marked}>${htmlText(value)}</dd><dd class="note">${htmlText(note)}</dd></div>`;
}
