import { clipped } from '../../core/text/printable.ts';

/** The longest message that GitHub shows in full. */
const MAX_CHARACTERS = 4000;

/** An annotation of the run, as a workflow command that GitHub Actions reads from the output of a step. */
export function annotation(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${level} title=${property(clipped(title))}::${data(clipped(message, MAX_CHARACTERS))}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
