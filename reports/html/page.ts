import { clipped } from '../../core/text/printable.ts';
import { htmlText } from '../escape/html.ts';
import type { Labels } from '../labels/labels.ts';
import type { Section } from '../view/section.ts';
import type { View } from '../view.ts';
import type { Chart } from './chart.ts';
import type { PageCharts } from './chart-data.ts';
import { foldHtml, sectionHtml, sectionOf } from './section.ts';

/** What stands between the conclusion and the other charts: it is read first. */
const BEFORE_CHARTS: ReadonlySet<string> = new Set(['thresholds', 'search', 'comparison', 'results']);

/** Sections that a phone shows open; the others are folded there. */
const KEY_SECTIONS: ReadonlySet<string> = new Set([
  'main-charts',
  'conclusion',
  'thresholds',
  'comparison',
  'search',
  'results',
  'errors',
]);

/** A part of the page: what the navigation links to. */
interface Part {
  readonly id: string;
  readonly title: string;
  readonly html: string;
}

export function navigationHtml(view: View, charts: PageCharts): string {
  const links = partsOf(view, charts).map(({ id, title }) => `<a href="#${id}">${htmlText(title)}</a>`);
  return `<nav aria-label="${htmlText(view.labels['section.contents'])}">${links.join('\n')}</nav>`;
}

export function bodyHtml(view: View, charts: PageCharts): string {
  return partsOf(view, charts)
    .map(({ html }) => html)
    .join('\n');
}

function partsOf(view: View, charts: PageCharts): Part[] {
  const { labels, conclusion, sections } = view;
  const sentences = conclusion.map((sentence) => `<li>${htmlText(sentence)}</li>`).join('\n');
  const first = sections.filter(({ id }) => BEFORE_CHARTS.has(id));
  const rest = sections.filter(({ id }) => !BEFORE_CHARTS.has(id));
  return [
    part('main-charts', labels['section.main-charts'], mainCharts(charts, labels)),
    part('conclusion', labels['section.conclusion'], `<ul>${sentences}</ul>`),
    ...first.map((section) => partOf(section, charts, labels)),
    ...operationsPart(charts, labels),
    part('more-charts', labels['section.more-charts'], chartGrid(charts.more)),
    ...rest.map((section) => partOf(section, charts, labels)),
  ];
}

function part(id: string, title: string, content: string): Part {
  return { id, title, html: sectionOf(id, title, content, KEY_SECTIONS.has(id)) };
}

function partOf(section: Section, charts: PageCharts, labels: Labels): Part {
  const { id, title } = section;
  const content = id === 'monitors' ? monitorsHtml(section, charts, labels) : sectionHtml(section, labels);
  return part(id, title, content);
}

/** The legend says what lines and shades mean that have no name of their own. */
function mainCharts({ main }: PageCharts, labels: Labels): string {
  const marks = (['warmup', 'level', 'event', 'limit'] as const).map(
    (mark) => `<span class="mark-${mark}">${htmlText(labels[`chart.marks.${mark}`])}</span>`,
  );
  return `${chartGrid(main)}
<p class="note"><span class="hint">${htmlText(labels['chart.reset'])}</span> ${marks.join(' ')}</p>`;
}

/** What a criterion or a sentence names stands open; the rest, and the table of all, is there for whoever asks. */
function monitorsHtml(section: Section, { namedMonitors, otherMonitors }: PageCharts, labels: Labels): string {
  const others = Object.keys(otherMonitors).length;
  const folded = others === 0 ? '' : foldHtml(`${labels['monitors.others']} (${others})`, chartGrid(otherMonitors));
  const named = Object.keys(namedMonitors).length === 0 ? '' : chartGrid(namedMonitors);
  const table = sectionHtml(section, labels);
  return [named, others === 0 ? table : foldHtml(labels['monitors.table'], table), folded].join('\n');
}

function operationsPart({ operations }: PageCharts, labels: Labels): Part[] {
  if (operations.length === 0) return [];
  const folds = operations.map(({ name, charts }) => foldHtml(clipped(name), chartGrid(charts)));
  return [part('operations', labels['section.operations'], folds.join('\n'))];
}

export function chartGrid(charts: Readonly<Record<string, Chart>>): string {
  const figures = Object.entries(charts).map(([id, { title }]) => {
    const caption = htmlText(clipped(title));
    return `<figure data-chart="${htmlText(id)}">
<figcaption>${caption}</figcaption>
<div class="plot" tabindex="0" role="group" aria-label="${caption}"></div>
</figure>`;
  });
  return `<div class="charts">\n${figures.join('\n')}\n</div>`;
}
