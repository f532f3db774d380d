import type { RunComparison } from '../../core/verdict/compare/run-comparison.ts';
import { type Lang, renderMessage } from '../../core/verdict/messages/message.ts';

/** Raised when a field changes its meaning or is removed. */
const VERSION = 1;

/** A comparison as JSON: each sentence as data, and as text in the language of the reader. */
export function comparisonJson(comparison: RunComparison, lang: Lang): string {
  const withText = (_key: string, value: unknown) =>
    isMessage(value) ? { ...value, text: renderMessage(value, lang) } : value;
  return `${JSON.stringify({ version: VERSION, ...comparison }, withText, 2)}\n`;
}

function isMessage(value: unknown): value is RunComparison['notes'][number] {
  return typeof value === 'object' && value !== null && 'id' in value && 'params' in value;
}
