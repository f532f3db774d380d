import type { ComparisonView } from '../../../reports/compare/view.ts';
import type { Table } from '../../../reports/view/table.ts';
import type { Paint, Style } from '../output.ts';
import { bullet } from './cells.ts';
import { type Column, renderTable } from './table.ts';

const STYLES: Readonly<Record<ComparisonView['outcome'], Style>> = {
  better: 'green',
  same: 'green',
  within: 'green',
  worse: 'red',
  invalid: 'yellow',
  incomparable: 'yellow',
};

/** By the columns of the view. On a narrow terminal the interval goes first, then the value before. */
const SPARE = [0, 0, 1, 0, 0, 2, 0];
const NARROWEST: readonly (number | undefined)[] = [10, undefined, undefined, undefined, undefined, undefined, 14];

/** A comparison as lines: what else differs, the figures, how they were compared, and the outcome. */
export function comparisonScreen(view: ComparisonView, written: readonly string[], columns: number, paint: Paint) {
  const { labels, title, sides, summary, circumstances, table, notes, outcome, outcomeLabel } = view;
  const heading = (text: string) => ['', paint('bold', text)];
  const bullets = (sentences: readonly string[]) => sentences.flatMap((sentence) => bullet(sentence, columns));
  return [
    paint('bold', title),
    ...sides,
    ...heading(labels['comparison.circumstances']),
    ...bullets(circumstances),
    ...heading(labels['comparison.title']),
    ...bullets(summary),
    ...comparedFigures(table, columns, paint),
    ...(notes.length === 0 ? [] : [...heading(labels['comparison.notes']), ...bullets(notes)]),
    ...heading(`${labels['section.conclusion']}${labels['word.colon']}${paint(STYLES[outcome], outcomeLabel)}`),
    ...written,
  ];
}

/** The figures of a comparison as lines. */
export function comparedFigures({ columns: titles, rows }: Table, columns: number, paint: Paint): string[] {
  const shown = titles.map(({ label, align }, i): Column => {
    const narrowest = NARROWEST[i];
    return { title: label, align, spare: SPARE[i] ?? 0, ...(narrowest !== undefined && { narrowest }) };
  });
  const lines = rows.map((cells) => ({
    cells: cells.map(({ text }) => text),
    isBad: cells.some(({ tone }) => tone === 'bad'),
  }));
  const drawn = renderTable(shown, lines, columns, paint);
  return [...drawn, ...cutOff(rows, drawn).flatMap((sentence) => bullet(sentence, columns))];
}

/** Why figures cannot be compared, where the table has no room for it: `upload, p95, p99: not comparable: …`. */
function cutOff(rows: Table['rows'], drawn: readonly string[]): string[] {
  const figures = new Map<string, { readonly row: string; readonly text: string; readonly figures: string[] }>();
  for (const cells of rows) {
    const [row = '', figure = '', text = ''] = [cells[0], cells[1], cells.at(-1)].map((cell) => cell?.text ?? '');
    if (drawn.some((line) => line.includes(text))) continue;
    const alike = figures.get(`${row} ${text}`) ?? { row, text, figures: [] };
    alike.figures.push(figure);
    figures.set(`${row} ${text}`, alike);
  }
  return [...figures.values()].map(({ row, text, figures }) => `${[row, ...figures].join(', ')}: ${text}`);
}
