// The history of control: every run with its verdict, to be searched, opened and compared.

import { get } from '../api.js';
import { code, left, text } from '../cells.js';
import { DataTable } from '../data-table.js';
import { Complaint } from '../dialog.js';
import { html, useEffect, useState } from '../dom.js';
import { VERDICT_MARKS } from '../model/verdict-so-far.js';
import { goTo } from '../route.js';
import { EditNotes, Tags } from '../run/run-notes.js';
import { because, localTime, say } from '../words.js';

const PAGE = 100;
const MAX_COMPARED = 5;
const TONES = { pass: 'good', fail: 'bad', invalid: 'warn', aborted: 'warn' };

/**
 * @param changes counts the runs that have begun, ended or been noted while the page is open
 * @param tag of the runs that are shown; empty for all
 */
export function RunsPage({ changes, role, tag }) {
  const [query, setQuery] = useState({ q: '', verdict: '' });
  const { runs, after, error, more } = useRuns({ ...query, tag }, changes);
  const [ticked, setTicked] = useState([]);
  const tick = (run, isTicked) =>
    setTicked(isTicked ? [...ticked, run] : ticked.filter(({ runId }) => runId !== run.runId));
  // The oldest is the one that the others are compared with.
  const compare = () => {
    const ids = ticked.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1)).map(({ runId }) => runId);
    goTo(`/compare?runs=${ids.join(',')}`);
  };
  const columns = [
    left('tick', say('history.compare')),
    left('name', say('fact.plan')),
    left('verdict', say('history.verdict')),
    left('state', say('live.state')),
    left('created', say('fact.start')),
    left('notes', say('history.notes')),
    left('run', say('fact.run')),
    left('reason', say('column.reason')),
  ];
  const rows = runs.map((run) => rowOf(run, ticked, tick, role === 'operator'));
  return html`<main id="content">
    <h1>${say('history.title')}</h1>
    <form class="tools" role="search" onSubmit=${(event) => event.preventDefault()}>
      <label>${say('history.search')} <input type="search" value=${query.q} onInput=${(event) => setQuery({ ...query, q: event.target.value })} /></label>
      <label
        >${say('history.verdict')}
        <select value=${query.verdict} onChange=${(event) => setQuery({ ...query, verdict: event.target.value })}>
          <option value="">${say('history.all')}</option>
          ${['pass', 'fail', 'invalid', 'aborted', 'no-criteria'].map((one) => html`<option key=${one} value=${one}>${say(`outcome.${one}`)}</option>`)}
        </select>
      </label>
      ${tag !== '' && html`<span class="chosen">${say('history.tag')} <strong>${tag}</strong> <a href="/runs">${say('history.anyTag')}</a></span>`}
      <button type="button" disabled=${ticked.length < 2} onClick=${compare}>
        ${ticked.length < 2 ? say('history.compare') : say('history.compareTicked', { count: ticked.length })}
      </button>
    </form>
    <${Complaint} error=${error} />
    ${runs.length === 0 ? html`<p class="note">${say('history.none')}</p>` : html`<${DataTable} id="runs" title=${say('history.title')} columns=${columns} rows=${rows} hasTools=${false} />`}
    ${after && html`<div class="buttons"><button type="button" onClick=${more}>${say('history.more')}</button></div>`}
  </main>`;
}

function rowOf(run, ticked, tick, mayNote) {
  const { runId, name, state, createdAt, verdict, note, tags } = run;
  const isTicked = ticked.some((one) => one.runId === runId);
  const notes = html`${mayNote && html`<${EditNotes} run=${run} words=${say('history.edit')} />`} <${Tags} tags=${tags} /> ${note}`;
  const box = html`<input
    type="checkbox"
    aria-label="${say('history.compare')} ${name} ${runId}"
    checked=${isTicked}
    disabled=${state !== 'finished' || (!isTicked && ticked.length >= MAX_COMPARED)}
    onChange=${(event) => tick(run, event.target.checked)}
  />`;
  return {
    key: runId,
    cells: [
      { text: '', order: isTicked ? 1 : 0, control: box },
      { text: name, href: `/runs/${runId}` },
      verdict === '' ? text('') : text(`${VERDICT_MARKS[verdict] ?? ''} ${say(`outcome.${verdict}`)}`, TONES[verdict]),
      text(say(`state.${state}`)),
      { text: localTime(createdAt), order: Date.parse(createdAt) },
      { text: [...tags, note].join(' '), control: notes },
      code(runId),
      text(because(run)),
    ],
  };
}

function useRuns(query, changes) {
  const [found, setFound] = useState({ runs: [], after: null });
  const [error, setError] = useState();
  const text = JSON.stringify(query);
  const ask = (after, signal) => get('/runs', { ...query, limit: PAGE, after }, signal);
  const told = (answer) => {
    setFound(answer);
    setError(undefined);
  };
  useEffect(() => {
    const leaving = new AbortController();
    const timer = setTimeout(
      () => ask(undefined, leaving.signal).then(told, (fault) => leaving.signal.aborted || setError(fault)),
      150,
    );
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [text, changes]);
  const more = () =>
    ask(found.after).then(({ runs, after }) => told({ runs: [...found.runs, ...runs], after }), setError);
  return { ...found, error, more };
}
