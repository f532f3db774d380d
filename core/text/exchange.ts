import { printable } from './printable.ts';

/** What was sent and what came back; empty when nothing was. */
export interface ExchangeText {
  readonly sent: string;
  readonly received: string;
}

/**
 * Both as lines for people, marked as curl marks them: `>` for what was sent, `<` for what came back. The marks keep a
 * stranger's lines apart from what stands around them, and nothing in the lines moves a cursor.
 */
export function exchangeLines({ sent, received }: ExchangeText): string[] {
  return [...marked('>', sent), ...marked('<', received)];
}

function marked(mark: string, text: string): string[] {
  return text === '' ? [] : text.split('\n').map((line) => printable(`${mark} ${line}`).trimEnd());
}
