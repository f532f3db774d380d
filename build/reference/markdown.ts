/** Text for a cell of a table in Markdown, on one line. */
export function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}

/** Code within a sentence or a cell. */
export function code(text: string): string {
  return `\`${text.replaceAll(/\s+/g, ' ')}\``;
}

/** What stands outside of code must not be taken for HTML. */
export function plain(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('');
}

/** @param rows the cells of each, as {@link cell} makes them */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${'---|'.repeat(titles.length)}`, ...rows.map(line)].join('\n');
}

/** A whole page. @param source the files that it is made from */
export function page(title: string, source: string, sections: readonly string[]): string {
  const note = `<!-- Made from ${source} by \`npm run generate\`. Do not edit. -->`;
  return `${[`# ${title}`, note, ...sections].join('\n\n')}\n`;
}
