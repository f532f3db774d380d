import { clipped } from '../../core/text/printable.ts';
import type { ComparedRuns } from '../../core/verdict/compare/compare-runs.ts';
import { unitOf } from '../../core/verdict/compare/figure.ts';
import type { ComparedFigure, Figure, RunComparison } from '../../core/verdict/compare/run-comparison.ts';
import type { Lang } from '../../core/verdict/messages/message.ts';
import { formatQuantity } from '../../core/verdict/quantity.ts';
import { htmlText } from '../escape/html.ts';
import { documentHtml, headerHtml } from '../html/document.ts';
import { chartGrid } from '../html/page.ts';
import { foldHtml, sectionHtml, sectionOf } from '../html/section.ts';
import type { Labels } from '../labels/labels.ts';
import type { Section } from '../view/section.ts';
import type { Tile } from '../view/tiles.ts';
import { type ComparisonCharts, comparisonChartData, comparisonCharts } from './charts.ts';
import { type ComparisonView, changeText, figureLabel, makeComparisonView } from './view.ts';

/** The classes of the page that colour its verdict. */
const OUTCOMES: Readonly<Record<RunComparison['outcome'], { readonly shown: string; readonly mark: string }>> = {
  better: { shown: 'pass', mark: '✓' },
  same: { shown: 'pass', mark: '✓' },
  within: { shown: 'pass', mark: '✓' },
  worse: { shown: 'fail', mark: '✗' },
  invalid: { shown: 'invalid', mark: '!' },
  incomparable: { shown: 'invalid', mark: '!' },
};

/** A comparison as one page that is complete by itself, with both sides in each chart. */
export async function comparisonHtml(comparison: RunComparison, lang: Lang, runs: ComparedRuns): Promise<string> {
  const view = makeComparisonView(comparison, lang);
  const { labels, title, outcome, outcomeLabel } = view;
  const charts = await comparisonCharts(runs, labels);
  const parts = partsOf(view, charts);
  const links = parts.map(({ id, title: name }) => `<a href="#${id}">${htmlText(name)}</a>`);
  return documentHtml({
    lang,
    title: `${title}: ${outcomeLabel}`,
    outcome: OUTCOMES[outcome].shown,
    header: headerOf(view, comparison),
    navigation: `<nav aria-label="${htmlText(labels['section.contents'])}">${links.join('\n')}</nav>`,
    body: parts.map(({ id, title: name, html, isKey }) => sectionOf(id, name, html, isKey)).join('\n'),
    data: comparisonChartData(runs, labels, charts),
  });
}

function headerOf({ labels, title, sides, outcome, outcomeLabel }: ComparisonView, comparison: RunComparison): string {
  return headerHtml({
    title,
    labels,
    verdict: `${OUTCOMES[outcome].mark} ${outcomeLabel}`,
    tiles: tilesOf(comparison, labels),
    about: sides.map((side) => htmlText(clipped(side))).join('<br>'),
    reasons: [],
  });
}

const TILES: readonly Figure[] = ['rps', 'p50', 'p95', 'error_rate'];

/** How all operations together changed. */
function tilesOf({ rows }: RunComparison, labels: Labels): Tile[] {
  const all = rows.find(({ operation }) => operation === undefined)?.figures ?? [];
  return TILES.flatMap((figure) => all.filter((one) => one.figure === figure)).map((one) => tileOf(one, labels));
}

function tileOf(compared: ComparedFigure, labels: Labels): Tile {
  const { figure, word } = compared;
  const label = figureLabel(figure, labels);
  if (word === 'incomparable') return { label, value: '–', note: labels[`comparison.word.${word}`] };
  const { before, after, change } = compared;
  const shown = (value: number) => formatQuantity(value, unitOf(figure));
  return {
    label,
    value: changeText(figure, change, labels),
    note: `${shown(before)} → ${shown(after)}`,
    ...(word === 'better' && { tone: 'good' as const }),
    ...(word === 'worse' && { tone: 'bad' as const }),
  };
}

interface Part {
  readonly id: string;
  readonly title: string;
  readonly html: string;
  /** Whether a phone shows it open. */
  readonly isKey: boolean;
}

function partsOf(view: ComparisonView, charts: ComparisonCharts): Part[] {
  const { labels, summary, circumstances, table, notes } = view;
  const section = (id: string, title: string, more: Partial<Section>, isKey: boolean): Part => {
    return { id, title, html: sectionHtml({ id, title, ...more }, labels), isKey };
  };
  const legend = `<p class="note">${htmlText(labels['chart.reset'])}</p>`;
  const folds = charts.operations.map(({ name, charts: own }) => foldHtml(clipped(name), chartGrid(own)));
  const operations = { id: 'operations', title: labels['section.operations'], html: folds.join('\n'), isKey: false };
  const figures = { ...(summary.length > 0 && { sentences: summary }), table };
  return [
    {
      id: 'main-charts',
      title: labels['section.main-charts'],
      html: `${chartGrid(charts.main)}\n${legend}`,
      isKey: true,
    },
    section('comparison', labels['comparison.title'], figures, true),
    section('circumstances', labels['comparison.circumstances'], { sentences: circumstances }, true),
    ...(folds.length === 0 ? [] : [operations]),
    ...(notes.length === 0 ? [] : [section('notes', labels['comparison.notes'], { sentences: notes }, false)]),
  ];
}
