// What happened, with its time: the words to the marks on the charts.

import { clockTime } from '../../charts.js';
import { left, text } from '../cells.js';
import { DataTable } from '../data-table.js';
import { html } from '../dom.js';
import { say, spoken } from '../words.js';

export function Events({ run }) {
  if (run.events.length === 0) return html`<p class="note">${say('live.noEvents')}</p>`;
  const columns = [left('time', say('column.time')), left('event', say('column.event'))];
  const rows = run.events.map((event, i) => ({
    key: i,
    cells: [{ text: clockTime(Math.max(0, Math.floor(event.atUs / 1e6))), order: event.atUs }, text(spoken(event))],
  }));
  return html`<${DataTable} id="events" title=${say('section.events')} columns=${columns} rows=${rows} />`;
}
