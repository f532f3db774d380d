import { parsePlan } from '../../core/plan/parse.ts';
import type { RunResult, ThresholdResult, ValidityCheck } from '../../core/stats/result.ts';
import { excessOf } from '../../core/verdict/comparison.ts';
import { parseThreshold } from '../../core/verdict/criterion.ts';
import { excessText, type Lang, renderMessage } from '../../core/verdict/messages/message.ts';
import { formatCount, formatJudged, formatShare } from '../../core/verdict/quantity.ts';
import { shareWarnings } from '../../core/verdict/thresholds.ts';
import { criterionWithFigure, marginOf } from '../../core/verdict/verdict.ts';
import type { Labels } from '../labels/labels.ts';
import type { Section } from './section.ts';
import { type Cell, code, left, NOTHING, right, type Tone, text } from './table.ts';

/** The outcome of a threshold or of a check, the same in every format. */
export interface Outcome {
  readonly mark: '✓' | '✗' | '!' | '–';
  readonly word: string;
  readonly tone: Tone;
}

function thresholdOutcome({ status, severity }: ThresholdResult, labels: Labels): Outcome {
  if (status === 'pass') return { mark: '✓', word: labels['word.met'], tone: 'good' };
  if (status === 'invalid') return { mark: '–', word: labels['word.unjudged'], tone: 'warn' };
  if (severity === 'warn') return { mark: '!', word: labels['word.warning'], tone: 'warn' };
  return { mark: '✗', word: labels['word.broken'], tone: 'bad' };
}

function checkOutcome({ ok, message }: ValidityCheck, labels: Labels): Outcome {
  if (!ok) return { mark: '✗', word: labels['word.notOk'], tone: 'bad' };
  if (message.id.endsWith('.some')) return { mark: '!', word: labels['word.noticed'], tone: 'warn' };
  if (isSkipped(message)) return { mark: '–', word: labels['word.notAsked'], tone: 'muted' };
  return { mark: '✓', word: labels['word.ok'], tone: 'good' };
}

/** Whether the run gave a check nothing to judge by. */
export function isSkipped({ id }: ValidityCheck['message']): boolean {
  return /\.skipped$|^send-delay\.few$/.test(id);
}

export function checkName({ name }: ValidityCheck, labels: Labels): string {
  const label: string | undefined = labels[`check.${name}` as keyof Labels];
  return label ?? name;
}

export function thresholds({ thresholds: all, plan }: RunResult, labels: Labels, lang: Lang): Section | undefined {
  if (all.length === 0) return undefined;
  const warnings = shareWarnings(parsePlan(plan)).map(({ message }) => renderMessage(message, lang));
  return {
    id: 'thresholds',
    title: labels['section.thresholds'],
    ...(warnings.length > 0 && { sentences: warnings }),
    table: {
      columns: [
        left(labels['column.outcome']),
        left(labels['column.criterion']),
        right(labels['column.actual']),
        right(labels['column.limit']),
        right(labels['column.margin']),
        right(labels['column.samples']),
      ],
      rows: all.map((result) => {
        const { mark, word, tone } = thresholdOutcome(result, labels);
        return [text(`${mark} ${word}`, tone), code(criterionWithFigure(result, lang)), ...figures(result, lang)];
      }),
    },
  };
}

function figures(result: ThresholdResult, lang: Lang): Cell[] {
  if (result.status === 'invalid') return [text(renderMessage(result.message, lang)), NOTHING, NOTHING, NOTHING];
  const { actual, limit, unit, samples, worstSecond } = result;
  const margin = marginOf(result);
  const excess = result.status === 'fail' ? excessOf(parseThreshold(result.criterion), actual, limit) : undefined;
  const where = worstSecond === undefined ? '' : ` @ ${worstSecond} s`;
  return [
    { text: `${formatJudged(actual, limit, unit)}${where}`, order: actual },
    { text: formatJudged(limit, limit, unit), order: limit },
    margin === undefined
      ? NOTHING
      : { text: excess ? excessText(excess.excess, excess.side, lang) : formatShare(margin), order: margin },
    { text: formatCount(samples), order: samples },
  ];
}

export function validity({ validity: all }: RunResult, labels: Labels, lang: Lang): Section {
  return {
    id: 'validity',
    title: labels['section.validity'],
    table: {
      columns: [left(labels['column.outcome']), left(labels['column.check']), left(labels['column.finding'])],
      rows: all.map((check) => {
        const { mark, word, tone } = checkOutcome(check, labels);
        return [
          text(`${mark} ${word}`, tone),
          text(checkName(check, labels)),
          text(renderMessage(check.message, lang)),
        ];
      }),
    },
  };
}
