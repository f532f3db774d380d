import { clipped, printable, withoutCommands } from '../../core/text/printable.ts';

/** Where a renderer starts to turn an address into a link, which it reads to the next space without regard to escapes. */
const LINK_START = /:(?=\/\/)|(?<=www)(?=\.)|(?=@)/gi;
const SPECIAL = /[&<>\\`*[\]~$|_]|^ | $| {2}/;

/** Text for a paragraph, list item, heading or table cell of GitHub-flavoured Markdown, which shows it as it is. */
export function markdownText(text: string, most?: number): string {
  const content = clipped(printable(text), most);
  return (
    (SPECIAL.test(content) ? content.replaceAll(LINK_START, (colon) => `${colon}\0`) : content)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll(/[\\`*[\]~$]/g, '\\$&')
      // As an entity, because renderers differ in how they read a backslash before it.
      .replaceAll('|', '&#124;')
      // Between letters it does not start emphasis, and reads better without a backslash.
      .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      // At the start of a line these would start a list, a heading or a rule.
      .replace(/^(?=(?:[-+=]+|#{1,6})(?:\s|$))/, '\\')
      .replace(/^(\d{1,9})(?=[.)](?:\s|$))/, '$1\\')
      .replaceAll('\0', '\\')
      .replaceAll(/^ | $/g, '&#32;')
      .replaceAll(/ {2,}/g, (spaces) => '&#32;'.repeat(spaces.length))
  );
}

/** A code span; plain text where a code span in a table cannot contain the text. */
export function markdownCode(text: string): string {
  const content = withoutCommands(clipped(printable(text)));
  if (content.includes('|') || content.trim() === '') return markdownText(text);
  const fence = '`'.repeat(longestRun(content) + 1);
  const space = /^[` ]|[` ]$/.test(content) ? ' ' : '';
  return `${fence}${space}${content}${space}${fence}`;
}

/** A code block whose fence is longer than any in the text. Its lines are printable, and none is a command to CI. */
export function markdownBlock(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  const lines = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => withoutCommands(printable(line)));
  return [fence + language, ...lines, fence].join('\n');
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
