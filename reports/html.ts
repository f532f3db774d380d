import { defineReport } from '../core/plugin.ts';
import type { RunResult } from '../core/stats/result.ts';
import type { Lang } from '../core/verdict/messages/message.ts';
import { htmlText } from './escape/html.ts';
import { chartData, pageCharts } from './html/chart-data.ts';
import { documentHtml, headerHtml } from './html/document.ts';
import { bodyHtml, navigationHtml } from './html/page.ts';
import { languageOptions } from './options.ts';
import { makeView, type View } from './view.ts';

/** One page that is complete by itself. */
export default defineReport<{ lang: Lang }>({
  name: 'html',
  description: 'One self-contained HTML page with charts.',
  options: languageOptions,
  render: (result, { lang }) => [{ name: 'report.html', content: pageOf(result, makeView(result, lang)) }],
});

function pageOf(result: RunResult, view: View): string {
  const charts = pageCharts(result, view.labels, view.conclusion);
  return documentHtml({
    lang: view.lang,
    title: `${view.title}: ${view.verdict.label}`,
    outcome: view.verdict.outcome,
    header: headerOf(view),
    navigation: navigationHtml(view, charts),
    body: bodyHtml(view, charts),
    data: chartData(result, view.labels, charts),
  });
}

const VERDICT_MARKS = { pass: '✓', fail: '✗', invalid: '!', aborted: '!', 'no-criteria': '!' } as const;

/** @param time RFC 3339, in UTC, as results have it */
function readableTime(time: string): string {
  return time.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC');
}

function headerOf({ title, runId, startedAt, verdict, tiles, labels }: View): string {
  return headerHtml({
    title,
    labels,
    verdict: `${VERDICT_MARKS[verdict.outcome]} ${verdict.label}`,
    tiles,
    about: `${htmlText(labels['fact.run'])} <code>${htmlText(runId)}</code>, <time datetime="${htmlText(startedAt)}">${htmlText(readableTime(startedAt))}</time>`,
    reasons: verdict.reasons,
  });
}
