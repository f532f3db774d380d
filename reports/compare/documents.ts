import { printableDocument } from '../../core/text/printable.ts';
import type { RunComparison } from '../../core/verdict/compare/run-comparison.ts';
import { type Lang, renderMessage } from '../../core/verdict/messages/message.ts';
import { markdownText } from '../escape/markdown.ts';
import { markdownList, markdownTable } from '../markdown.ts';
import { makeComparisonView } from './view.ts';

const MARKS: Readonly<Record<RunComparison['outcome'], string>> = {
  better: '✅',
  same: '✅',
  within: '✅',
  worse: '❌',
  invalid: '⚠️',
  incomparable: '⚠️',
};

/** A comparison as a document for a pull request. */
export function comparisonMarkdown(comparison: RunComparison, lang: Lang): string {
  const { labels, title, outcome, outcomeLabel, sides, summary, circumstances, table, notes } = makeComparisonView(
    comparison,
    lang,
  );
  const blocks = [
    `# ${markdownText(title)}: ${MARKS[outcome]} ${outcomeLabel}`,
    markdownList(sides),
    `## ${labels['comparison.circumstances']}`,
    markdownList(circumstances),
    `## ${labels['comparison.title']}`,
    ...(summary.length === 0 ? [] : [markdownList(summary)]),
    markdownTable(table),
    ...(notes.length === 0 ? [] : [`## ${labels['comparison.notes']}`, markdownList(notes)]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** Raised when a field changes its meaning or is removed. */
const VERSION = 1;

/** A comparison as JSON: each sentence as data, and as text in the language of the reader. */
export function comparisonJson(comparison: RunComparison, lang: Lang): string {
  const withText = (_key: string, value: unknown) =>
    isMessage(value) ? { ...value, text: renderMessage(value, lang) } : value;
  return `${printableDocument(JSON.stringify({ version: VERSION, ...comparison }, withText, 2))}\n`;
}

function isMessage(value: unknown): value is RunComparison['notes'][number] {
  return typeof value === 'object' && value !== null && 'id' in value && 'params' in value;
}
