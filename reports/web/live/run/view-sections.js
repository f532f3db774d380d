// A run that has ended, as reports/view.ts sees it: the same rows and sentences as in every report.

import { DataTable } from '../data-table.js';
import { html, sentence } from '../dom.js';
import { say } from '../words.js';

/** Sections that a phone shows open. */
const KEY = new Set(['thresholds', 'comparison', 'search', 'results', 'errors']);
/** Shown before the charts; the rest comes after them. */
const FIRST = new Set(['thresholds', 'search', 'comparison', 'results']);

export function isFirst({ id }) {
  return FIRST.has(id);
}

/** As the parts of run-parts.js. */
export function conclusionPart(view) {
  // What makes a measurement invalid is both a reason and a part of the conclusion.
  const sentences = [...new Set([...view.verdict.reasons, ...view.conclusion])];
  const draw = () => html`<ul>
    ${sentences.map((said, i) => html`<li key=${i}>${sentence(said)}</li>`)}
  </ul>`;
  return { id: 'conclusion', title: say('section.conclusion'), isKey: true, by: [view], draw };
}

/**
 * @param by what it shows
 * @param pick { column, isPicked(i), choose(i) }: rows that can be chosen by the text of a column
 * @param above, below draw what stands above the section's own, and below it
 */
export function viewPart(section, { by, pick, above, below }) {
  const { id, title } = section;
  const draw = () => [above?.(), html`<${ViewSection} section=${section} pick=${pick} />`, below?.()];
  return { id, title, isKey: KEY.has(id), by, draw };
}

function ViewSection({ section, pick }) {
  const { id, title, note, sentences, table, code, excerpts } = section;
  return html`
    ${note && html`<p class="note">${note}</p>`}
    ${sentences && html`<ul>${sentences.map((said, i) => html`<li key=${i}>${sentence(said)}</li>`)}</ul>`}
    ${table && html`<${ViewTable} id=${id} title=${title} table=${table} pick=${pick} />`}
    ${code && html`<pre tabindex="0" aria-label=${title}><code>${code.text.trimEnd()}</code></pre>`}
    ${excerpts?.map(
      (excerpt, i) => html`<details class="fold" key=${i}>
        <summary>${excerpt.title}</summary>
        <pre tabindex="0" aria-label=${excerpt.title}><code>${excerpt.lines.join('\n')}</code></pre>
      </details>`,
    )}
  `;
}

/** A table of reports/view/table.ts. */
export function ViewTable({ id, title, table, pick }) {
  const columns = table.columns.map(({ label, align }, i) => ({
    key: String(i),
    label,
    align,
    isPick: label === pick?.column,
  }));
  const body = table.hasTotal ? table.rows.slice(0, -1) : table.rows;
  const rows = body.map((cells, i) => ({
    key: i,
    cells,
    ...(pick && { pick: () => pick.choose(i), isPicked: pick.isPicked(i) }),
  }));
  return html`<${DataTable} id="view-${id}" title=${title} columns=${columns} rows=${rows} total=${table.hasTotal ? table.rows.at(-1) : undefined} />`;
}
