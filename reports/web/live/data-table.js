// A table that sorts, filters and hides columns. Of many rows only those in sight are in the document.

import { isAlike } from './cells.js';
import { classes, h, html, readable, useEffect, useLayoutEffect, useMemo, useRef, useState } from './dom.js';
import { useShown } from './in-sight.js';
import { formatCount } from './numbers.js';
import { say } from './words.js';

/** More rows than this scroll in a frame of their own. */
const MANY = 60;
const ROW_HEIGHT = 33;
const OVERSCAN = 8;
/** In letters: a Chinese character is as wide as two of them. */
const LONG_TEXT = 40;
/** As short as a name, which stays on one line. So many have room in every cell, capitals as well. */
const SHORT_TEXT = 16;
/** Where headings do not break, as in reports/html/section.ts: they would have three lines, or a sign for one. */
const KEPT_SPACE = /(?<=^(?:#|Average|Max)) | (?=±)/g;
const WIDE = /[\u2e80-\uffff]/g;
const MOST_COMPARED = 200;
const WORDS = new Intl.Collator();

/**
 * @param id names the table's columns in the browser's storage
 * @param columns [{ key, label, align }]
 * @param rows [{ key, cells, pick?, isPicked? }]; `pick` makes a text of the row a button, and does the same until `isPicked` changes
 * @param total cells of a last row that stays
 * @param hidden keys of columns that are hidden until somebody asks for them
 */
export function DataTable({
  id,
  title,
  columns,
  rows,
  total,
  hidden = [],
  first,
  hasTools = rows.length > 8,
  children,
}) {
  const [sorting, setSorting] = useState(first);
  const [filter, setFilter] = useState('');
  const [hiding, setHiding] = useHidden(id, hidden);
  const shown = columns.map(({ key }) => !hiding.includes(key));
  const sorted = useMemo(() => sortedRows(filtered(rows, filter), columns, sorting), [rows, filter, sorting, columns]);
  const pressed = (key) => {
    const isRising =
      sorting?.key === key ? !sorting.isRising : columns.find((one) => one.key === key)?.align === 'left';
    setSorting({ key, isRising });
  };
  return html`
    ${
      (hasTools || children) &&
      html`<div class="tools">
      ${children}
      ${
        hasTools &&
        html`<label class="filter"
          ><span class="hidden">${say('live.filter')} ${title}</span
          ><input type="search" placeholder=${say('live.filter')} value=${filter} onInput=${(event) => setFilter(event.target.value)}
        /></label>
        ${filter !== '' && html`<span class="note" role="status">${say('live.rowsOf', { shown: formatCount(sorted.length), all: formatCount(rows.length) })}</span>`}
        <${ColumnPicker} columns=${columns} hiding=${hiding} setHiding=${setHiding} />`
      }
    </div>`
    }
    <${Frame} title=${title} count=${sorted.length}>
      ${(range) => html`
        <table aria-rowcount=${sorted.length + 1}>
          <thead>
            <tr>
              ${columns.map(
                (column, i) =>
                  shown[i] &&
                  html`<${Heading} key=${column.key} column=${column} sorting=${sorting} onPress=${pressed} canSort=${rows.length > 1} />`,
              )}
            </tr>
          </thead>
          <tbody>
            ${range.from > 0 && html`<${Spacer} rows=${range.from} key="before" />`}
            ${sorted.slice(range.from, range.to).map((row, i) =>
              h(Row, {
                key: row.key,
                row,
                columns,
                shown,
                place: range.from + i,
                isSeen: range.isSeen(range.from + i),
              }),
            )}
            ${range.to < sorted.length && html`<${Spacer} rows=${sorted.length - range.to} key="after" />`}
          </tbody>
          ${
            total &&
            html`<tfoot><tr>${total.map((cell, i) => shown[i] && html`<${Cell} key=${columns[i].key} cell=${cell} column=${columns[i]} />`)}</tr></tfoot>`
          }
        </table>
      `}
    <//>
  `;
}

function useHidden(id, hidden) {
  const key = `bench-columns-${id}`;
  const [hiding, setHiding] = useState(() => storedList(key) ?? hidden);
  const store = (next) => {
    localStorage.setItem(key, JSON.stringify(next));
    setHiding(next);
  };
  return [hiding, store];
}

/** What another program has left under this name at the same address is none. */
function storedList(key) {
  try {
    const list = JSON.parse(localStorage.getItem(key));
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

function filtered(rows, filter) {
  const wanted = filter.trim().toLowerCase();
  if (wanted === '') return rows;
  return rows.filter(({ cells }) => cells.some(({ text }) => text.toLowerCase().includes(wanted)));
}

function sortedRows(rows, columns, sorting) {
  const at = columns.findIndex(({ key }) => key === sorting?.key);
  if (at < 0) return rows;
  const factor = sorting.isRising ? 1 : -1;
  return rows
    .map((row) => ({ row, cell: row.cells[at] }))
    .sort((a, b) => factor * compare(a.cell, b.cell))
    .map(({ row }) => row);
}

function compare(a, b) {
  if (typeof a.order === 'number' && typeof b.order === 'number') return a.order - b.order;
  // What has no value comes before all that has one.
  if (a.order === null || b.order === null) return (a.order === null ? 0 : 1) - (b.order === null ? 0 : 1);
  // As far as anybody looks: texts of a target may have thousands of characters.
  return WORDS.compare(a.text.slice(0, MOST_COMPARED), b.text.slice(0, MOST_COMPARED));
}

function Heading({ column, sorting, onPress, canSort }) {
  const { key, align } = column;
  const label = column.label.replaceAll(KEPT_SPACE, '\u00a0');
  const isSorted = sorting?.key === key;
  return html`<th
    scope="col"
    class=${align === 'right' ? 'number' : ''}
    aria-sort=${isSorted ? (sorting.isRising ? 'ascending' : 'descending') : undefined}
  >
    ${canSort ? html`<button type="button" title="${say('action.sort')} ${label}" onClick=${() => onPress(key)}>${label}</button>` : label}
  </th>`;
}

/** Numbers are most of what changes: the row writes them itself, so that nothing is compared with what was drawn. */
function isFigure({ align }) {
  return align === 'right';
}

/** Whether a row has another shape, and not only other figures. */
function hasOtherShape({ row, shown }, next) {
  return next.row.isPicked !== row.isPicked || next.shown.some((isShown, i) => isShown !== shown[i]);
}

/** Whether anything has changed that the row does not write itself. @param written its cells, as they are there */
function hasOtherWords({ columns }, { row, shown, columns: next }, written) {
  return row.cells.some((cell, i) => {
    if (!shown[i] || next[i].align !== columns[i].align) return shown[i];
    return !isFigure(next[i]) && !isAlike(cell, written[i]);
  });
}

/** @param written cells that are there already, by their column; undefined: all are written */
function writeFigures(tr, { row, columns, shown, place }, written = []) {
  if (tr.ariaRowIndex !== `${place + 2}`) tr.ariaRowIndex = place + 2;
  let td = tr.firstChild;
  const { cells } = row;
  for (let i = 0; i < cells.length; i++) {
    if (!shown[i]) continue;
    const cell = cells[i];
    const before = written[i];
    if (isFigure(columns[i]) && (before === undefined || !isAlike(cell, before))) {
      if (before === undefined || before.tone !== cell.tone) td.className = classes('number', cell.tone);
      if (td.firstChild === null) td.append('');
      const figure = readable(cell.text);
      // A browser lays out what it is told, even where it is as before.
      if (td.firstChild.data !== figure) td.firstChild.data = figure;
    }
    td = td.nextSibling;
  }
  return cells;
}

function Row(props) {
  const { row, columns, shown } = props;
  const { isPicked } = row;
  const tr = useRef();
  this.shouldComponentUpdate ??= (next) => {
    if (hasOtherShape(this.props, next)) return true;
    // A row that is there to be scrolled to shows what it did until it comes into sight.
    if (!next.isSeen && next.place === this.props.place) return false;
    if (hasOtherWords(this.props, next, this.written)) return true;
    this.written = writeFigures(tr.current, next, this.written);
    return false;
  };
  useLayoutEffect(() => {
    this.written = writeFigures(tr.current, props);
  });
  const draw = (cell, i) => {
    const column = columns[i];
    if (isFigure(column)) return h('td', { key: column.key });
    return h(Cell, { key: column.key, cell, column, pick: column.isPick ? row.pick : undefined, isPicked });
  };
  return html`<tr class=${isPicked ? 'picked' : ''} ref=${tr}>
    ${row.cells.map((cell, i) => shown[i] && draw(cell, i))}
  </tr>`;
}

/** Most cells are shown as they were a second ago: those are not drawn again. */
function hasChanged({ cell, isPicked, column }, next) {
  return isPicked !== next.isPicked || column.align !== next.column.align || !isAlike(cell, next.cell);
}

function Cell({ cell, column, pick, isPicked }) {
  this.shouldComponentUpdate ??= (next) => hasChanged(this.props, next);
  const isNumber = isFigure(column);
  const letters = cell.text.slice(0, LONG_TEXT + 1).replaceAll(WIDE, '  ').length;
  const isLong = !isNumber && letters > LONG_TEXT;
  const isShort = !isNumber && letters <= SHORT_TEXT;
  const content = cell.isCode
    ? html`<code>${cell.text}</code>`
    : cell.href
      ? html`<a href=${cell.href}>${cell.text}</a>`
      : cell.text;
  return html`<td class=${classes(isNumber && 'number', isLong && 'long', isShort && 'short', cell.control && 'control', cell.tone)} title=${isLong ? cell.text : undefined}>
    ${cell.control ?? (pick ? html`<button type="button" class="pick" aria-pressed=${isPicked ? 'true' : 'false'} onClick=${pick}>${content}</button>` : content)}
  </td>`;
}

function Spacer({ rows }) {
  const height = useRef();
  useLayoutEffect(() => {
    height.current.style.height = `${rows * ROW_HEIGHT}px`;
  }, [rows]);
  return html`<tr aria-hidden="true" class="spacer" ref=${height}></tr>`;
}

/** A region that can be reached and scrolled from the keyboard. */
function Frame({ title, count, children }) {
  const frame = useRef();
  const [top, setTop] = useState(0);
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    const printing = () => setPrinting(true);
    const printed = () => setPrinting(false);
    addEventListener('beforeprint', printing);
    addEventListener('afterprint', printed);
    return () => {
      removeEventListener('beforeprint', printing);
      removeEventListener('afterprint', printed);
    };
  }, []);
  const isTall = count > MANY && !isPrinting;
  const isShown = useShown(frame, '0px');
  const [height, setHeight] = useState(600);
  // Asked of a frame that has just been drawn, the browser would lay out the whole page to tell it.
  useEffect(() => {
    const sizes = new ResizeObserver(([{ contentRect }]) => setHeight(contentRect.height));
    sizes.observe(frame.current);
    return () => sizes.disconnect();
  }, []);
  const first = Math.floor(top / ROW_HEIGHT);
  const end = Math.ceil((top + height) / ROW_HEIGHT);
  const from = isTall ? Math.max(0, first - OVERSCAN) : 0;
  const to = isTall ? Math.min(count, end + OVERSCAN) : count;
  const isSeen = (place) => !isTall || (isShown && place >= first && place < end);
  return html`<div
    class=${classes('scroll', isTall && 'tall')}
    role="region"
    aria-label=${title}
    tabindex="0"
    ref=${frame}
    onScroll=${isTall ? (event) => setTop(event.currentTarget.scrollTop) : undefined}
  >
    ${children({ from: Math.min(from, Math.max(0, count - 1)), to, isSeen })}
  </div>`;
}

function ColumnPicker({ columns, hiding, setHiding }) {
  const change = (key, isShown) => setHiding(isShown ? hiding.filter((one) => one !== key) : [...hiding, key]);
  return html`<details class="picker">
    <summary>${say('live.columns')}</summary>
    <fieldset>
      <legend class="hidden">${say('live.columns')}</legend>
      ${columns.map(
        ({ key, label }) => html`<label key=${key}
          ><input type="checkbox" checked=${!hiding.includes(key)} onChange=${(event) => change(key, event.target.checked)} /> ${label}</label
        >`,
      )}
    </fieldset>
  </details>`;
}
