import { clipped } from '../../core/text/printable.ts';

/** The longest message that GitHub shows whole. */
const MAX_CHARACTERS = 4000;

/** A workflow command as GitHub Actions reads it from a step's output: an annotation of the run. */
export function annotation(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${level} title=${property(clipped(title))}::${data(clipped(message, MAX_CHARACTERS))}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
