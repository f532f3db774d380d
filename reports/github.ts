import { defineReport } from '../core/plugin.ts';
import type { RunResult } from '../core/stats/result.ts';
import { clipped, printable, withoutCommands } from '../core/text/printable.ts';
import { type Lang, renderMessage } from '../core/verdict/messages/message.ts';
import { formatCount } from '../core/verdict/quantity.ts';
import { abortSentence, thresholdSentence } from '../core/verdict/verdict.ts';
import { LABELS, type Labels } from './labels/labels.ts';
import { markdownOf } from './markdown.ts';
import { languageOptions } from './options.ts';
import { checkName } from './view/judgement.ts';
import type { Section } from './view/section.ts';
import { makeView, type View } from './view.ts';

/**
 * For GitHub Actions: `github-summary.md` belongs at the end of the file that GITHUB_STEP_SUMMARY names, the lines of
 * `github-annotations.txt` on the step's standard output.
 */
export default defineReport<{ lang: Lang }>({
  name: 'github',
  description: 'For GitHub Actions: a step summary, and annotations for what failed.',
  options: languageOptions,
  render: (result, { lang }) => [
    { name: 'github-summary.md', content: summaryOf(makeView(result, lang)) },
    { name: 'github-annotations.txt', content: annotationsOf(result, lang).join('') },
  ],
});

/** GitHub shows nothing of a summary of more than 1 MiB. */
const MAX_SUMMARY_BYTES = 1_000_000;
/** The rest is in the full report. */
const SUMMARY_SECTIONS: ReadonlySet<string> = new Set([
  'thresholds',
  'results',
  'checks',
  'ratios',
  'levels',
  'search',
  'capacity',
  'errors',
  'samples',
  'data',
  'setup',
]);
/** Of long tables, as many rows as there is room for. */
function summaryOf(view: View): string {
  let most = Math.max(0, ...view.sections.map(({ table }) => table?.rows.length ?? 0));
  for (; ; most = Math.floor(most / 2)) {
    const sections = view.sections.map((section) => withRows(section, most, view.labels));
    const summary = markdownOf({ ...view, sections }, SUMMARY_SECTIONS);
    if (most < 2 || new TextEncoder().encode(summary).length <= MAX_SUMMARY_BYTES) return summary;
  }
}

/** With at most this many rows of its table, and how many are left out. */
function withRows(section: Section, most: number, labels: Labels): Section {
  const { table, note } = section;
  if (table === undefined || table.rows.length <= most) return section;
  const sum = table.hasTotal ? table.rows.slice(-1) : [];
  const rows = [...table.rows.slice(0, most - sum.length), ...sum];
  const others = formatCount(table.rows.length - rows.length);
  const told = `${labels['section.samples.others']}${labels['word.colon']}${others}`;
  return { ...section, note: note === undefined ? told : `${note} ${told}`, table: { ...table, rows } };
}

/** GitHub shows at most this many annotations of a level for each step. */
const MAX_ANNOTATIONS = 10;

function annotationsOf(result: RunResult, lang: Lang): string[] {
  const labels = LABELS[lang];
  const checks = result.validity.filter(({ ok }) => !ok);
  const aborted = abortSentence(result, lang);
  const errors = [
    ...(aborted === undefined ? [] : [annotation('error', labels['check.complete'], aborted)]),
    ...checks.map((check) => annotation('error', checkName(check, labels), renderMessage(check.message, lang))),
    // Nothing else is said about a measurement that cannot be trusted.
    ...(checks.length > 0 ? [] : thresholdAnnotations(result, 'fail', labels, lang)),
  ];
  const warnings = checks.length > 0 ? [] : thresholdAnnotations(result, 'warn', labels, lang);
  return [...errors.slice(0, MAX_ANNOTATIONS), ...warnings.slice(0, MAX_ANNOTATIONS)].map((line) => `${line}\n`);
}

function thresholdAnnotations(
  { thresholds }: RunResult,
  severity: 'fail' | 'warn',
  labels: Labels,
  lang: Lang,
): string[] {
  const level = severity === 'fail' ? 'error' : 'warning';
  return thresholds
    .filter((result) => result.severity === severity && result.status !== 'pass')
    .map((result) => annotation(level, labels['section.thresholds'], thresholdSentence(result, lang)));
}

/** The longest message that GitHub shows in full. */
const MAX_CHARACTERS = 4000;

/** An annotation of the run, as a workflow command that GitHub Actions reads from the output of a step. */
export function annotation(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${level} title=${property(clipped(printable(title)))}::${data(clipped(printable(message), MAX_CHARACTERS))}`;
}

function data(text: string): string {
  return withoutCommands(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
