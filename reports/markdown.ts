import stringWidth from 'string-width';
import { defineReport } from '../core/plugin.ts';
import { markdownBlock, markdownCode, markdownText } from './escape/markdown.ts';
import type { Labels } from './labels/labels.ts';
import { languageOptions } from './options.ts';
import type { Excerpt, Section, Sparkline } from './view/section.ts';
import type { Cell, Table } from './view/table.ts';
import { makeView, type View } from './view.ts';

/** The whole report as one document for GitHub and GitLab. */
export default defineReport<{ lang: View['lang'] }>({
  name: 'markdown',
  description: 'The whole report as one Markdown file, for GitHub and GitLab.',
  options: languageOptions,
  render: (result, { lang }) => [{ name: 'report.md', content: markdownOf(makeView(result, lang)) }],
});

const VERDICT_MARKS = { pass: '✅', fail: '❌', invalid: '⚠️', aborted: '⚠️', 'no-criteria': '⚠️' } as const;

/** @param only the ids of the sections to write; default: all */
export function markdownOf(view: View, only?: ReadonlySet<string>): string {
  const { labels, verdict, conclusion, sections } = view;
  const reasons = verdict.reasons.length > 0 ? [`**${labels['section.reasons']}**`, markdownList(verdict.reasons)] : [];
  const blocks = [
    `# ${markdownText(view.title)}: ${VERDICT_MARKS[verdict.outcome]} ${verdict.label}`,
    `${labels['fact.run']} ${markdownCode(view.runId)}, ${markdownText(view.startedAt)}`,
    ...reasons,
    `## ${labels['section.conclusion']}`,
    markdownList(conclusion),
    ...sections.filter(({ id }) => only?.has(id) ?? true).map((section) => sectionOf(section, labels)),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function sectionOf({ title, note, sentences, sparklines, table, code, excerpts }: Section, labels: Labels): string {
  const blocks = [
    `## ${markdownText(title)}`,
    note && markdownText(note, MAX_CHARACTERS),
    sentences && markdownList(sentences),
    sparklines && markdownBlock(sparklineLines(sparklines), ''),
    table && markdownTable(table),
    code && markdownBlock(code.text, code.language),
    excerpts && excerptsOf(excerpts, labels),
  ];
  return blocks.filter((block) => block !== undefined && block !== '').join('\n\n');
}

/** The limit for a sentence, which may be longer than a name. */
const MAX_CHARACTERS = 2000;

export function markdownList(items: readonly string[]): string {
  return items.map((item) => `- ${markdownText(item, MAX_CHARACTERS)}`).join('\n');
}

/** One of each kind: a document with all of them would have megabytes. */
const MAX_EXCERPTS = 20;

function excerptsOf(excerpts: readonly Excerpt[], labels: Labels): string {
  const shown = excerpts.filter(({ isFirst }) => isFirst).slice(0, MAX_EXCERPTS);
  const others = excerpts.length - shown.length;
  const blocks = shown.flatMap(({ title, lines }) => [
    `**${markdownText(title)}**`,
    markdownBlock(lines.join('\n'), ''),
  ]);
  const rest = others === 0 ? [] : [`${labels['section.samples.others']}${labels['word.colon']}${others}`];
  return [...blocks, ...rest].join('\n\n');
}

export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ label }) => markdownText(label))),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map((cells) => line(cells.map(cellOf))),
  ].join('\n');
}

function cellOf({ text, tone, isCode }: Cell): string {
  const content = isCode ? markdownCode(text) : markdownText(text);
  return tone === 'bad' && content !== '' ? `**${content}**` : content;
}

function sparklineLines(sparklines: readonly Sparkline[]): string {
  const width = Math.max(...sparklines.map(({ label }) => stringWidth(label)));
  return sparklines
    .map(({ label, bars, least, most }) => {
      return `${label}${' '.repeat(width - stringWidth(label))}  ${bars}  ${least} … ${most}`;
    })
    .join('\n');
}
