import type { ComparedFigure, RunComparison } from '../../core/verdict/compare/run-comparison.ts';
import { type Lang, renderMessage } from '../../core/verdict/messages/message.ts';
import { type Element, outcome, skipped, xmlOf } from '../junit.ts';
import { LABELS } from '../labels/labels.ts';
import { changeText, figureLabel, intervalText, makeComparisonView, rowName, wordText } from './view.ts';

/**
 * A comparison as JUnit XML: a suite for each operation with a case for each figure, as JUnit reports of runs have one for each
 * threshold. What is worse is a `failure`, what could not be compared is `skipped`. A run that cannot be trusted is an `error`, and
 * then nothing else is judged.
 */
export function comparisonJunit(comparison: RunComparison, lang: Lang): string {
  const labels = LABELS[lang];
  const { rows, circumstances } = comparison;
  const isInvalid = comparison.outcome === 'invalid';
  const output = makeComparisonView(comparison, lang).circumstances;
  const suites = rows.map((row) => ({
    name: rowName(row, rows, labels),
    cases: row.figures.map((one) => ({
      name: figureLabel(one.figure, labels),
      outcome: isInvalid ? skipped(labels['junit.notBelieved']) : figureOutcome(one, lang),
    })),
  }));
  const doubts = circumstances
    .filter(({ id }) => id === 'compare.invalid')
    .map((message) => ({
      name: String(message.params.runId),
      outcome: outcome('error', renderMessage(message, lang), 'validity'),
    }));
  const all = isInvalid ? [{ name: 'validity', cases: doubts }, ...suites] : suites;
  return xmlOf({
    name: 'testsuites',
    attributes: {},
    content: all.map((suite, id) => suiteOf(id, suite, comparison, output)),
  });
}

interface Suite {
  readonly name: string;
  readonly cases: readonly { readonly name: string; readonly outcome: Element | undefined }[];
}

function suiteOf(
  id: number,
  { name, cases }: Suite,
  { name: plan, startedAt, host }: RunComparison,
  output: readonly string[],
): Element {
  const count = (kind: string) => cases.filter((one) => one.outcome?.name === kind).length;
  return {
    name: 'testsuite',
    attributes: {
      name,
      package: plan,
      id,
      // The schema takes neither a time zone nor fractions: this is UTC.
      timestamp: new Date(startedAt).toISOString().slice(0, 19),
      hostname: host,
      tests: cases.length,
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
      time: '0.000',
    },
    content: [
      { name: 'properties', attributes: {} },
      ...cases.map(
        (one): Element => ({
          name: 'testcase',
          attributes: { name: one.name, classname: `${plan}.${name}`, time: 0 },
          content: one.outcome === undefined ? [] : [one.outcome],
        }),
      ),
      { name: 'system-out', attributes: {}, content: id === 0 ? output : [] },
      { name: 'system-err', attributes: {} },
    ],
  };
}

function figureOutcome(one: ComparedFigure, lang: Lang): Element | undefined {
  if (one.word === 'incomparable') return skipped(wordText(one, lang));
  if (one.word !== 'worse') return undefined;
  const labels = LABELS[lang];
  const interval = intervalText(one.figure, one.interval, labels);
  const sentence = `${changeText(one.figure, one.change, labels)} (${labels['comparison.interval']}${labels['word.colon']}${interval})`;
  return outcome('failure', sentence, 'worse');
}
