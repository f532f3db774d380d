import type { Excerpt } from '../../../reports/view/section.ts';
import type { Table } from '../../../reports/view/table.ts';
import type { View } from '../../../reports/view.ts';
import { printable } from '../../text/printable.ts';
import type { Lang } from '../../verdict/messages/lang.ts';
import type { Paint, Style } from '../output.ts';
import { bullet, columnsOf, cut, wrap } from './cells.ts';
import { comparedFigures } from './comparison.ts';
import { type Column, renderTable } from './table.ts';

const INDENT = '  ';
const REPORTS: Readonly<Record<Lang, string>> = { en: 'Reports', 'zh-CN': '报告' };
const VERDICT_STYLE: Readonly<Record<View['verdict']['outcome'], Style>> = {
  pass: 'green',
  fail: 'red',
  invalid: 'yellow',
  aborted: 'yellow',
  'no-criteria': 'yellow',
};
/** Columns of the results table in the order in which they are left out on a narrow terminal; reports have all of them. */
const SPARE = [
  'withoutPausesP95',
  'withoutPauses',
  'size',
  'failsPerSecond',
  'min',
  'type',
  'average',
  'median',
  'max',
  'p99',
] as const;

/** The sections that are shown as tables of figures. */
const TABLES: ReadonlySet<string> = new Set(['results', 'journeys', 'measures', 'checks', 'ratios']);

/** The reports have all kinds of failures. */
const MAX_FAILURES = 10;

/** Lines of a failure that is shown in full. */
const MAX_EXCERPT_LINES = 30;

/** A value that is wider is a sentence, not a figure: in the column of values it would leave no room for the criteria. */
const WIDEST_VALUE = 24;

/** The result of a run as lines: thresholds, results, failures, conclusion, and where the reports are. */
export function endScreen(view: View, written: readonly string[], columns: number, paint: Paint): string[] {
  const { labels, verdict, conclusion } = view;
  const heading = (text: string) => ['', paint('bold', text)];
  const lines: string[] = [];
  for (const { id, title, sentences = [], table, excerpts = [] } of view.sections) {
    lines.push(...excerptLines(excerpts[0], columns, paint));
    if (id === 'comparison') {
      const figures = table === undefined ? [] : comparedFigures(table, columns - INDENT.length, paint);
      const told = sentences.flatMap((sentence) => bullet(sentence, columns));
      lines.push(...heading(title), ...figures.map((line) => INDENT + line), ...told);
      continue;
    }
    if (table === undefined) continue;
    if (id === 'thresholds') lines.push(...heading(title), ...thresholdLines(table, columns, paint));
    if (TABLES.has(id)) lines.push(...heading(title), ...resultLines(table, view, columns, paint));
    if (id === 'errors') lines.push(...heading(title), ...failureLines(table, view, columns, paint));
  }
  lines.push(...heading(`${labels['section.conclusion']}: ${paint(VERDICT_STYLE[verdict.outcome], verdict.label)}`));
  for (const sentence of conclusion) lines.push(...bullet(sentence, columns));
  if (written.length > 0) lines.push(...heading(REPORTS[view.lang]), ...written.map((file) => INDENT + file));
  return lines;
}

/** `✓ upload p99 < 200ms   12.3 ms`. The reason why a threshold could not be judged is a sentence below its line. */
function thresholdLines({ rows }: Table, columns: number, paint: Paint): string[] {
  const titles: Column[] = [
    { title: '', align: 'left', spare: 0, narrowest: 20 },
    { title: '', align: 'right', spare: 0 },
  ];
  const values = rows.map(([, , actual]) => printable(actual?.text ?? ''));
  const isSentence = (value: string) => columnsOf(value) > WIDEST_VALUE;
  const cells = rows.map(([outcome, criterion], i) => {
    const value = values[i] as string;
    return [`${outcome?.text.slice(0, 1)} ${criterion?.text}`, isSentence(value) ? '' : value];
  });
  const [, ...lines] = renderTable(
    titles,
    cells.map((row) => ({ cells: row })),
    columns - INDENT.length,
    (_, text) => text,
  );
  const styles = { good: 'green', bad: 'red', warn: 'yellow', muted: 'dim' } as const;
  return lines.flatMap((line, i) => {
    const value = values[i] as string;
    const below = isSentence(value) ? wrap(value, columns - 2 * INDENT.length).map((part) => INDENT + part) : [];
    return [line, ...below].map((one) => INDENT + paint(styles[rows[i]?.[0]?.tone ?? 'muted'], one));
  });
}

function resultLines(table: Table, { labels }: View, columns: number, paint: Paint): string[] {
  const spareOf = new Map<string, number>(SPARE.map((name, i) => [labels[`column.${name}`], SPARE.length - i]));
  const titles = table.columns.map(({ label, align }): Column => {
    const column = { title: label, align, spare: spareOf.get(label) ?? 0 };
    return label === labels['column.name'] ? { ...column, narrowest: 12 } : column;
  });
  const rows = table.rows.map((cells, i) => ({
    cells: cells.map(({ text }) => text),
    isTotal: table.hasTotal === true && i === table.rows.length - 1 && table.rows.length > 2,
    isBad: cells.some(({ tone }) => tone === 'bad'),
  }));
  return renderTable(titles, rows, columns - INDENT.length, paint).map((line) => INDENT + line);
}

/** Each kind of failure with a message of it, the most frequent first. */
function failureLines({ columns: all, rows }: Table, view: View, columns: number, paint: Paint): string[] {
  const { labels, sections } = view;
  const excerpt = sections.flatMap(({ excerpts = [] }) => excerpts[0]?.lines[0] ?? []).join('\n');
  const shown = [labels['column.name'], labels['column.kind'], labels['column.count'], labels['column.example']];
  const places = shown.map((label) => all.findIndex((column) => column.label === label));
  const titles = shown.map((title, i): Column => {
    const column = { title, align: all[places[i] as number]?.align ?? 'left', spare: 0 };
    return title === labels['column.example'] ? { ...column, narrowest: 20 } : column;
  });
  const most = rows
    .toSorted((a, b) => (b[places[2] as number]?.order ?? 0) - (a[places[2] as number]?.order ?? 0))
    .slice(0, MAX_FAILURES)
    .map((cells) => ({ cells: places.map((place) => printable(cells[place]?.text ?? '')) }));
  const rest = rows.length - most.length;
  const lines = renderTable(titles, most, columns - INDENT.length, paint).map((line) => INDENT + line);
  const more = rest > 0 ? [`${INDENT}+${rest} …`] : [];
  // What a script or a driver throws has no request to show below, and the end of its message may say what to do.
  const message = most[0]?.cells.at(-1) ?? '';
  const isWhole = lines.some((line) => line.includes(message)) || excerpt.includes(message);
  const whole = isWhole
    ? []
    : ['', ...wrap(message, columns - 2 * INDENT.length).map((line) => INDENT.repeat(2) + line)];
  return [...lines, ...more, ...whole];
}

/** The first failure of the most frequent kind; the reports have the others. */
function excerptLines(excerpt: Excerpt | undefined, columns: number, paint: Paint): string[] {
  if (excerpt === undefined) return [];
  const width = columns - 2 * INDENT.length;
  // The message says what to do, and of what was sent the beginning is enough.
  const [message = '', ...exchange] = excerpt.lines;
  const lines = [...wrap(message, width), ...exchange.map((line) => cut(line, width))];
  const shown = lines.length > MAX_EXCERPT_LINES ? [...lines.slice(0, MAX_EXCERPT_LINES), '…'] : lines;
  const title = cut(excerpt.title, columns - INDENT.length);
  return ['', `${INDENT}${title}`, ...shown.map((line) => INDENT.repeat(2) + paint('dim', line))];
}
