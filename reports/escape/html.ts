import { printable } from '../../core/text/printable.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for elements and quoted attributes. Controls are replaced by visible signs. */
export function htmlText(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** JSON for a script element. Nothing in it can end the element or start a comment, and its texts are printable. */
export function scriptJson(value: unknown): string {
  const shown = (_key: string, part: unknown) => (typeof part === 'string' ? printable(part) : part);
  return JSON.stringify(value, shown).replaceAll('<', '\\u003c');
}
