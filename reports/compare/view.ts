import type { RunResult } from '../../core/stats/result.ts';
import { comparisonSummary } from '../../core/verdict/baseline/before-and-after.ts';
import { isShare, unitOf } from '../../core/verdict/compare/figure.ts';
import type {
  ComparedFigure,
  ComparedRow,
  Figure,
  RunComparison,
  Word,
} from '../../core/verdict/compare/run-comparison.ts';
import { type Lang, renderMessage } from '../../core/verdict/messages/message.ts';
import { formatNumber, formatQuantity } from '../../core/verdict/quantity.ts';
import { LABELS, type Labels } from '../labels/labels.ts';
import type { Section } from '../view/section.ts';
import { left, NOTHING, right, type Table, type Tone, text } from '../view/table.ts';

/** A comparison in the language of the reader, not yet escaped for a format. All formats show it. */
export interface ComparisonView {
  readonly lang: Lang;
  readonly labels: Labels;
  /** Name of the plan. */
  readonly title: string;
  readonly outcome: RunComparison['outcome'];
  readonly outcomeLabel: string;
  /** Which runs are compared, a line each. */
  readonly sides: readonly string[];
  /** How throughput, latency and failures changed, a sentence each. */
  readonly summary: readonly string[];
  readonly circumstances: readonly string[];
  /** A row for each figure of each operation. */
  readonly table: Table;
  readonly notes: readonly string[];
}

const TONES: Readonly<Record<Word, Tone | undefined>> = {
  better: 'good',
  worse: 'bad',
  within: undefined,
  same: undefined,
  incomparable: 'muted',
};

export function makeComparisonView(comparison: RunComparison, lang: Lang): ComparisonView {
  const labels = LABELS[lang];
  const { name, outcome, before, after, circumstances, rows, notes, tolerance } = comparison;
  const side = (label: string, runs: readonly string[]) => `${label}${labels['word.colon']}${runs.join(', ')}`;
  const told = circumstances.map((message) => renderMessage(message, lang));
  return {
    lang,
    labels,
    title: name,
    outcome,
    outcomeLabel: labels[`comparison.outcome.${outcome}`],
    sides: [
      side(labels['comparison.before'], before),
      side(labels['comparison.after'], after),
      ...(tolerance === 0 ? [] : [side(labels['comparison.tolerance'], [`${formatNumber(tolerance * 100)}%`])]),
    ],
    summary: comparisonSummary(comparison).map((message) => renderMessage(message, lang)),
    circumstances: told.length === 0 ? [labels['comparison.circumstances.none']] : told,
    table: {
      columns: [
        left(labels['column.name']),
        left(labels['comparison.figure']),
        right(labels['comparison.before']),
        right(labels['comparison.after']),
        right(labels['comparison.change']),
        right(labels['comparison.interval']),
        left(labels['comparison.word']),
      ],
      rows: rows.flatMap((row) =>
        row.figures.map((compared) => [
          text(rowName(row, rows, labels)),
          text(figureLabel(compared.figure, labels)),
          ...valueCells(compared, labels),
          text(wordText(compared, lang), TONES[compared.word]),
        ]),
      ),
    },
    notes: notes.map((message) => renderMessage(message, lang)),
  };
}

/** The comparison of a run with its baseline as a section of its report. */
export function comparisonSection({ comparison, baseline }: RunResult, lang: Lang): Section | undefined {
  if (comparison === undefined) return undefined;
  const { labels, summary, sides, circumstances, table, notes } = makeComparisonView(comparison, lang);
  const name =
    baseline === undefined ? [] : [`${labels['comparison.baseline']}${labels['word.colon']}${baseline.name}`];
  return {
    id: 'comparison',
    title: labels['comparison.title'],
    note: [...name, ...sides].join(labels['word.semicolon']),
    sentences: [...summary, ...circumstances, ...notes],
    ...(table.rows.length > 0 && { table }),
  };
}

/** With the scenario only where another has an operation of the same name. */
export function rowName({ operation, ratio }: ComparedRow, rows: readonly ComparedRow[], labels: Labels): string {
  if (operation === undefined) return ratio ?? labels['word.aggregated'];
  const { scenario, name, isJourney = false, isSpan = false } = operation;
  if (isJourney) return `${labels['comparison.journey']}${labels['word.colon']}${name}`;
  const alike = rows.filter(
    ({ operation: other }) => other?.name === name && other.isJourney !== true && (other.isSpan ?? false) === isSpan,
  );
  const shown = alike.length === 1 ? name : `${name} (${scenario})`;
  return isSpan ? `${labels['comparison.span']}${labels['word.colon']}${shown}` : shown;
}

export function figureLabel(figure: Figure, labels: Labels): string {
  switch (figure) {
    case 'rps':
      return labels['column.requestsPerSecond'];
    case 'error_rate':
      return labels['column.failureShare'];
    case 'p50':
      return labels['column.median'];
    case 'p95':
      return labels['column.p95'];
    case 'p99':
      return labels['column.p99'];
    case 'avg':
      return labels['column.average'];
    case 'ratio':
      return labels['column.ratio'];
  }
}

/** The word, and for figures that cannot be compared also why. */
export function wordText(compared: ComparedFigure, lang: Lang): string {
  const labels = LABELS[lang];
  const word = labels[`comparison.word.${compared.word}`];
  if (compared.word !== 'incomparable') return word;
  return `${word}${labels['word.colon']}${renderMessage(compared.reason, lang)}`;
}

/** Before, after, the change and its interval. */
function valueCells(compared: ComparedFigure, labels: Labels) {
  if (compared.word === 'incomparable') return [NOTHING, NOTHING, NOTHING, NOTHING];
  const { figure, before, after, change, interval } = compared;
  const shown = (share: number) => changeText(figure, share, labels);
  return [
    text(formatQuantity(before, unitOf(figure))),
    text(formatQuantity(after, unitOf(figure))),
    text(shown(change)),
    text(intervalText(figure, interval, labels)),
  ];
}

/** Such as `+50%`, and `+0.3 points` of a share. */
export function changeText(figure: Figure, change: number, labels: Labels): string {
  return `${signed(figure, change)}${isShare(figure) ? ` ${labels['comparison.points']}` : '%'}`;
}

/** Such as `+41% … +59%`, and `-0.1 … +0.3 points` of a share. */
export function intervalText(
  figure: Figure,
  { low, high }: { readonly low: number; readonly high: number },
  labels: Labels,
): string {
  const from = isShare(figure) ? signed(figure, low) : changeText(figure, low, labels);
  return `${from} … ${changeText(figure, high, labels)}`;
}

/** Beyond this a change is not read as a number. */
const MAX_PERCENT = 1000;

/** In percent, or in points of a percentage. */
function signed(figure: Figure, change: number): string {
  const percent = Math.abs(change * 100);
  if (percent > MAX_PERCENT) return `≥ +${formatNumber(MAX_PERCENT)}`;
  // The last failures of a million count.
  const rounded = isShare(figure) ? Number(percent.toPrecision(2)) : Number(percent.toFixed(1));
  const sign = rounded === 0 ? '±' : change < 0 ? '-' : '+';
  return `${sign}${formatNumber(rounded)}`;
}
