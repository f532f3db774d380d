import { clipped, printable } from '../../core/text/printable.ts';

/** What makes a renderer turn an address into a link: it then reads on to the next space, escapes and all. */
const LINK_START = /:(?=\/\/)|(?<=www)(?=\.)|(?=@)/gi;
const SPECIAL = /[&<>\\`*[\]~$|_]|^ | $| {2}/;

/** Text for a paragraph, a list item, a heading or a cell of GitHub-flavoured Markdown: shows as it is, does nothing. */
export function markdownText(text: string, most?: number): string {
  const content = clipped(printable(text), most);
  return (
    (SPECIAL.test(content) ? content.replaceAll(LINK_START, (colon) => `${colon}\0`) : content)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll(/[\\`*[\]~$]/g, '\\$&')
      // As an entity: how a backslash before it is read differs between renderers.
      .replaceAll('|', '&#124;')
      // Between letters it is no emphasis, and reads better plain.
      .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      // Where a line begins these would begin a list, a heading or a rule.
      .replace(/^(?=(?:[-+=]+|#{1,6})(?:\s|$))/, '\\')
      .replace(/^(\d{1,9})(?=[.)](?:\s|$))/, '$1\\')
      .replaceAll('\0', '\\')
      .replaceAll(/^ | $/g, '&#32;')
      .replaceAll(/ {2,}/g, (spaces) => '&#32;'.repeat(spaces.length))
  );
}

/** As code; as plain text where a code span cannot hold it in a table. */
export function markdownCode(text: string): string {
  const content = clipped(printable(text));
  if (content.includes('|') || content.trim() === '') return markdownText(text);
  const fence = '`'.repeat(longestRun(content) + 1);
  const space = /^[` ]|[` ]$/.test(content) ? ' ' : '';
  return `${fence}${space}${content}${space}${fence}`;
}

/** A block whose fence is longer than any in it. */
export function markdownBlock(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
