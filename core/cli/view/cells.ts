import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** Columns that a text takes in a terminal: 2 for wide characters such as 测. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

/** Names come from plans and from the wire: nothing in them may steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{fffd}');
}

/** Cuts a text without colours to at most so many columns; `…` shows the cut. */
export function cut(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = columnsOf(segment);
    if (used + next > columns - 1) break;
    kept += segment;
    used += next;
  }
  return columns > 0 ? `${kept}…` : '';
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - columnsOf(text))) + text;
}

/** Breaks a text without colours into lines of at most so many columns, at spaces where there are any. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of pieces(text, columns)) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (columnsOf(joined) <= columns) {
      line = joined;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** The words of a text; one that is wider than a line (Chinese has no spaces) in as many pieces as it needs. */
function pieces(text: string, columns: number): string[] {
  return text.split(' ').flatMap((word) => {
    if (columnsOf(word) <= columns) return [word];
    const parts: string[] = [''];
    for (const { segment } of graphemes.segment(word)) {
      const last = parts.at(-1) as string;
      if (last !== '' && columnsOf(last + segment) > columns) parts.push(segment);
      else parts[parts.length - 1] = last + segment;
    }
    return parts;
  });
}
