import { clipped } from '../../core/text/printable.ts';
import { htmlText } from '../escape/html.ts';
import type { Labels } from '../labels/labels.ts';
import type { Section } from '../view/section.ts';
import type { Cell, Column, Table } from '../view/table.ts';

/** A part of the page under its heading. It can be folded; a phone begins with those folded that are not `isKey`. */
export function sectionOf(id: string, title: string, content: string, isKey: boolean): string {
  const key = isKey ? ' data-key' : '';
  return `<details class="section" id="${id}"${key} open>\n<summary><h2>${htmlText(title)}</h2></summary>\n${content}\n</details>`;
}

/** What is there for whoever asks for it. */
export function foldHtml(title: string, content: string): string {
  return `<details class="fold">\n<summary>${htmlText(title)}</summary>\n${content}\n</details>`;
}

/** A section's content. Sparklines are left out: the page has charts. */
export function sectionHtml({ title, note, sentences, table, code, excerpts }: Section, labels: Labels): string {
  const blocks = [
    note && `<p class="note">${htmlText(note)}</p>`,
    sentences && `<ul>${sentences.map((sentence) => `<li>${htmlText(sentence)}</li>`).join('')}</ul>`,
    table && tableHtml(table, title, labels),
    code && `<pre><code>${codeHtml(code.text.trimEnd().split('\n'))}</code></pre>`,
    excerpts
      ?.map(({ title, lines }) => foldHtml(clipped(title), `<pre><code>${codeHtml(lines)}</code></pre>`))
      .join('\n'),
  ];
  return blocks.filter((block) => block !== undefined).join('\n');
}

/** A region that can be reached and scrolled from the keyboard: a table may be wider than a phone. */
function tableHtml({ columns, rows, hasTotal }: Table, title: string, labels: Labels): string {
  const body = hasTotal ? rows.slice(0, -1) : rows;
  const total = hasTotal ? rows.at(-1) : undefined;
  const sortable = body.length > 1;
  const heads = columns.map((column) => headHtml(column, sortable, labels));
  return `<div class="scroll" role="region" aria-label="${htmlText(title)}" tabindex="0">
<table${sortable ? ' class="sortable"' : ''}>
<thead><tr>${heads.join('')}</tr></thead>
<tbody>
${body.map((cells) => rowHtml(cells, columns)).join('\n')}
</tbody>${total === undefined ? '' : `\n<tfoot>${rowHtml(total, columns)}</tfoot>`}
</table>
</div>`;
}

/** Where headings do not break. */
const KEPT_SPACE = /(?<=^(?:#|Average|Max)) | (?=±)/g;

function headHtml({ label, align }: Column, sortable: boolean, labels: Labels): string {
  const name = htmlText(label.replaceAll(KEPT_SPACE, '\u00a0'));
  const content = sortable
    ? `<button type="button" title="${htmlText(labels['action.sort'])} ${name}">${name}</button>`
    : name;
  return `<th scope="col"${align === 'right' ? ' class="number"' : ''}>${content}</th>`;
}

function rowHtml(cells: readonly Cell[], columns: readonly Column[]): string {
  return `<tr>${cells.map((cell, i) => cellHtml(cell, columns[i])).join('')}</tr>`;
}

/** Longer texts break anywhere; shorter ones keep their words whole. */
const LONG_TEXT = 40;
/** As short as a name, which stays on one line. */
const SHORT_TEXT = 16;

function cellHtml({ text, order, tone, isCode }: Cell, column: Column | undefined): string {
  const isNumber = column?.align === 'right';
  const isLong = !isNumber && text.length > LONG_TEXT;
  const length = isLong ? 'long' : text.length <= SHORT_TEXT && !isNumber ? 'short' : '';
  const classes = [isNumber ? 'number' : '', length, tone ?? ''].filter((name) => name !== '').join(' ');
  const shown = htmlText(clipped(text));
  const isCut = clipped(text) !== text;
  const attributes = [
    classes === '' ? '' : ` class="${classes}"`,
    order === undefined ? '' : ` data-order="${order}"`,
    isCut ? ` title="${htmlText(clipped(text, 2000))}"` : '',
  ];
  return `<td${attributes.join('')}>${isCode ? `<code>${shown}</code>` : shown}</td>`;
}

/** Lines stay lines. */
function codeHtml(lines: readonly string[]): string {
  return lines.map(htmlText).join('\n');
}
