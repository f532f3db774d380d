import { BenchmarkError } from './benchmark-error.ts';
import type { CaseReport } from './cases/case.ts';
import { asMarkdown, tablesOf } from './table.ts';

/**
 * One case's section, as it stands between its marks.
 * @param facts when, where and how the figures came about, a line each
 */
export function section({ figures, tables, notes }: CaseReport, facts: readonly string[]): string {
  return [
    facts.join('  \n'),
    ...[...tablesOf(figures), ...tables].map(asMarkdown),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
  ].join('\n\n');
}

/**
 * Puts a section between `<!-- figures: name -->` and `<!-- end of figures: name -->`, in place of what is there.
 * @throws {BenchmarkError} when the page has no such marks
 */
export function withSection(page: string, name: string, text: string): string {
  const begin = `<!-- figures: ${name} -->`;
  const end = `<!-- end of figures: ${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0)
    throw new BenchmarkError(`the page has no place for the case ${name}: put ${begin} and ${end} into it`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
