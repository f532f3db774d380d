import { createHash } from 'node:crypto';
import { defineReport } from '../core/plugin.ts';
import type { RunResult } from '../core/stats/result.ts';
import type { Lang } from '../core/verdict/messages/message.ts';
import { htmlText, scriptJson } from './escape/html.ts';
import { clipped } from './escape/printable.ts';
import { loadAssets } from './html/assets.ts';
import { type ChartData, chartData } from './html/chart-data.ts';
import { sectionHtml } from './html/section.ts';
import { languageOptions } from './options.ts';
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
  const data = chartData(result, view.labels);
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
${navigationOf(view)}
<main>
${bodyOf(view, data)}
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

const VERDICT_MARKS = { pass: '✓', fail: '✗', invalid: '!', aborted: '!' } as const;

function headerOf({ title, runId, startedAt, verdict, labels }: View): string {
  const reasons = verdict.reasons.map((reason) => `<li>${htmlText(reason)}</li>`).join('');
  return `<header>
<h1>${htmlText(title)}</h1>
<button type="button" id="theme">${htmlText(labels['action.theme'])}</button>
<p class="verdict">${VERDICT_MARKS[verdict.outcome]} ${htmlText(verdict.label)}</p>
<p class="meta">${htmlText(labels['fact.run'])} <code>${htmlText(runId)}</code>, ${htmlText(startedAt)}</p>
${reasons === '' ? '' : `<ul>${reasons}</ul>`}
</header>`;
}

function navigationOf({ sections, labels }: View): string {
  const entries = [
    ['conclusion', labels['section.conclusion']],
    ['charts', labels['section.charts']],
    ...sections.map(({ id, title }) => [id, title]),
  ];
  const links = entries.map(([id, title]) => `<a href="#${id}">${htmlText(title ?? '')}</a>`);
  return `<nav aria-label="${htmlText(labels['section.contents'])}">${links.join('\n')}</nav>`;
}

/** The charts come after what is read first: conclusion, thresholds and results. */
const BEFORE_CHARTS: ReadonlySet<string> = new Set(['thresholds', 'results']);

function bodyOf(view: View, data: ChartData): string {
  const { labels, conclusion, sections } = view;
  const sentences = conclusion.map((sentence) => `<li>${htmlText(sentence)}</li>`).join('\n');
  return [
    `<section id="conclusion">\n<h2>${htmlText(labels['section.conclusion'])}</h2>\n<ul>${sentences}</ul>\n</section>`,
    ...sections.filter(({ id }) => BEFORE_CHARTS.has(id)).map((section) => sectionHtml(section, labels)),
    chartsOf(view, data),
    ...sections.filter(({ id }) => !BEFORE_CHARTS.has(id)).map((section) => sectionHtml(section, labels)),
  ].join('\n');
}

function chartsOf({ labels }: View, { charts }: ChartData): string {
  const figures = Object.entries(charts).map(([id, chart]) => {
    const title = htmlText(chart.title);
    const choice = 'distributions' in chart ? choiceOf(chart.distributions, labels['column.name']) : '';
    return `<figure data-chart="${htmlText(id)}">
<figcaption>${title}${choice}</figcaption>
<div class="plot" tabindex="0" role="group" aria-label="${title}"></div>
</figure>`;
  });
  return `<section id="charts">
<h2>${htmlText(labels['section.charts'])}</h2>
<p class="note">${htmlText(labels['chart.reset'])}</p>
<div class="charts">
${figures.join('\n')}
</div>
</section>`;
}

function choiceOf(groups: readonly { readonly name: string }[], label: string): string {
  const options = groups.map(({ name }, i) => `<option value="${i}">${htmlText(clipped(name))}</option>`);
  return `<select aria-label="${htmlText(label)}">${options.join('')}</select>`;
}
