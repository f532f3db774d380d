// Runs beside each other: figures of each operation against those of the first run, and their seconds in one chart.

import { get } from '../api.js';
import { left, right, text } from '../cells.js';
import { DataTable } from '../data-table.js';
import { Complaint } from '../dialog.js';
import { html, useEffect, useState } from '../dom.js';
import { formatShare } from '../numbers.js';
import { Chart, resetZoom } from '../run/chart.js';
import { Section } from '../section.js';
import { useTheme } from '../theme.js';
import { language, localTime, say } from '../words.js';
import { ComparedWords } from './compared-words.js';

/** Columns of the results, by their labels in the reports. */
const FIGURES = [
  'column.requests',
  'column.fails',
  'column.median',
  'column.p95',
  'column.p99',
  'column.average',
  'column.rps',
];
/** Less than this is no difference that anybody would act on. */
const SLIGHT = 0.01;

export function ComparePage({ runIds }) {
  const { runs, error } = useComparedRuns(runIds);
  const theme = useTheme();
  useEffect(() => resetZoom, []);
  if (error) return html`<main id="content"><h1>${say('compare.title')}</h1><${Complaint} error=${error} /></main>`;
  if (runs === undefined)
    return html`<main id="content"><h1>${say('compare.title')}</h1><p class="note">${say('live.loading')}</p></main>`;
  return html`<main id="content">
    <h1>${say('compare.title')}</h1>
    <ol class="compared">
      ${runs.map(
        ({ runId, view }, i) =>
          html`<li key=${runId}><strong>${letter(i)}</strong> <a href="/runs/${runId}">${view.title}</a>, ${localTime(view.startedAt)}${say('word.colon')}${view.verdict.label}</li>`,
      )}
    </ol>
    ${runs.length === 2 && html`<${ComparedWords} ...${pairOf(runs, 1)} />`}
    <${Section} id="compared-charts" title=${say('section.charts')}><${ComparedCharts} runs=${runs} theme=${theme} /><//>
    ${runs.length > 2 && html`<${Pairs} runs=${runs} /><p class="note">${say('compare.about')}</p>`}
    ${runs.length > 2 && FIGURES.map((figure) => html`<${ComparedFigure} key=${figure} id=${figure.replace('column.', 'compared-')} runs=${runs} label=${say(figure)} />`)}
  </main>`;
}

/** Which of the runs is told in words against the first: each takes control a while. */
function Pairs({ runs }) {
  const [i, choose] = useState(runs.length - 1);
  return html`<div class="tools">
      <label
        >${say('compare.which')}
        <select value=${i} onChange=${(event) => choose(Number(event.target.value))}>
          ${runs.slice(1).map((_, at) => html`<option key=${at} value=${at + 1}>${letter(at + 1)}</option>`)}
        </select>
      </label>
    </div>
    <${ComparedWords} key=${i} ...${pairOf(runs, i)} />`;
}

function pairOf(runs, i) {
  return { before: runs[0].runId, after: runs[i].runId, letters: { before: letter(0), after: letter(i) } };
}

function letter(i) {
  return String.fromCharCode(65 + i);
}

function useComparedRuns(runIds) {
  const [found, setFound] = useState({});
  const lang = language();
  useEffect(() => {
    setFound({});
    const leaving = new AbortController();
    const one = async (runId) => {
      const path = `/runs/${encodeURIComponent(runId)}`;
      const view = await get(`${path}/view`, { lang }, leaving.signal);
      const timeline = await get(`${path}/timeline`, {}, leaving.signal);
      return { runId, view, timeline };
    };
    Promise.all(runIds.map(one)).then(
      (runs) => setFound({ runs }),
      (error) => leaving.signal.aborted || setFound({ error }),
    );
    return () => leaving.abort();
  }, [runIds.join(), lang]);
  return found;
}

function ComparedCharts({ runs, theme }) {
  const longest = runs.reduce((a, b) => (b.timeline.to > a.timeline.to ? b : a)).timeline;
  const seconds = [];
  for (let second = 0; second <= longest.to; second += longest.step) seconds.push(second);
  const chart = (values) => ({
    seconds,
    marks: { warmupS: 0, events: [], levels: [] },
    series: runs.map(({ view, timeline }, i) => ({
      label: `${letter(i)} ${view.title}`,
      values: onto(seconds, timeline, values(timeline)),
    })),
  });
  const range = [0, Math.max(1, longest.to)];
  const known =
    (column) =>
    ({ all }) =>
      all[column].map((us, i) => (all.requests[i] === 0 ? null : us / 1e3));
  return html`<div class="charts">
    <${Chart} id="compared-rps" title=${say('chart.requests')} chart=${chart(({ all }) => all.requests)} range=${range} theme=${theme} />
    <${Chart} id="compared-p95" title="${say('column.p95')} (ms)" chart=${chart(known('p95Us'))} range=${range} theme=${theme} />
    <${Chart} id="compared-median" title="${say('column.median')} (ms)" chart=${chart(known('p50Us'))} range=${range} theme=${theme} />
  </div>`;
}

/** The value of a run's own step in which each second lies. */
function onto(seconds, { from, to, step }, values) {
  return seconds.map((second) =>
    second < from || second > to ? null : (values[Math.floor((second - from) / step)] ?? null),
  );
}

/** One figure of every operation, a column a run. Operations are matched by type and name. */
function ComparedFigure({ id, runs, label }) {
  const tables = runs.map(({ view }) => figuresOf(view, label));
  const names = [...new Set(tables.flatMap((table) => [...table.keys()]))];
  const columns = [left('name', say('column.name')), ...runs.map((_, i) => right(`run-${i}`, letter(i)))];
  const rows = names.map((name) => {
    const first = tables[0].get(name);
    return {
      key: name,
      cells: [text(name), ...tables.map((table, i) => comparedCell(table.get(name), i === 0 ? undefined : first))],
    };
  });
  return html`<${Section} id=${id} title=${label}><${DataTable} id="compared" title=${label} columns=${columns} rows=${rows} /><//>`;
}

function figuresOf({ sections }, label) {
  const { columns, rows } = sections.find(({ id }) => id === 'results')?.table ?? { columns: [], rows: [] };
  const at = columns.findIndex((column) => column.label === label);
  const named = columns.findIndex((column) => column.label === say('column.name'));
  return new Map(
    rows.map((cells) => [
      cells
        .slice(0, named + 1)
        .map(({ text: part }) => part)
        .join(' ')
        .trim(),
      cells[at],
    ]),
  );
}

function comparedCell(cell, first) {
  if (cell === undefined) return { text: '–', order: null };
  if (!first?.order || typeof cell.order !== 'number') return { ...cell, tone: undefined };
  const change = cell.order / first.order - 1;
  const shown = Math.abs(change) < SLIGHT ? '=' : `${change > 0 ? '+' : '−'}${formatShare(Math.abs(change), 2)}`;
  return { text: `${cell.text} (${shown})`, order: cell.order };
}
