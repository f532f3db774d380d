// One run, live or ended: what is looked at first stands first, as in the HTML report.

import { get } from '../api.js';
import { html, sentence, useEffect, useReducer, useRef, useState } from '../dom.js';
import { lastSecond } from '../model/columns.js';
import { watchRun } from '../model/live-run.js';
import { useNow } from '../now.js';
import { useTheme } from '../theme.js';
import { because, language, say, spoken } from '../words.js';
import { resetZoom } from './chart.js';
import { Warnings } from './judgement.js';
import { NoticeSwitch, useNotices } from './notices.js';
import { RunHeader } from './run-header.js';
import { Contents, Parts, partsOf } from './run-parts.js';

/** Figures are older than this only when something is wrong. */
const STALE_MS = 5000;

/**
 * @param runId stays as it is: another run is another page
 * @param summary as the list of runs has it; undefined until it is known
 * @param canStart whether whoever looks may start runs here
 */
export function RunPage({ runId, summary, canStart }) {
  const { run, resetView, showAll } = useWatchedRun(runId);
  const view = useView(run);
  const theme = useTheme();
  const [operation, choose] = useState();
  useNotices(run);
  useEffect(() => resetZoom, []);
  const last = lastSecond(run.columns);
  const charts = { run, range: [run.columns.seconds[0] ?? 0, Math.max(1, last)], theme };
  const parts = partsOf({ run, view, charts, operation, choose });
  return html`
    <${RunHeader} run=${run} summary=${summary} view=${view} canStart=${canStart} resetView=${resetView} showAll=${showAll} />
    <${Age} run=${run} />
    <${Warnings} run=${run} />
    ${run.view !== undefined && html`<p class="banner" role="status">${say('live.viewReset')}</p>`}
    <${Contents} parts=${parts} />
    <main id="content">
      ${last < 0 && html`<${BeforeLoad} run=${run} />`}
      <${Parts} parts=${parts} />
    </main>
  `;
}

/** Messages that come together are drawn together. */
const DRAW_MS = 50;

function useWatchedRun(runId) {
  const [, drawAgain] = useReducer((count) => count + 1, 0);
  const watched = useRef();
  const timer = useRef();
  watched.current ??= watchRun(runId, () => {
    // What comes at once is in the page when it is drawn first.
    if (watched.current === undefined) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      drawAgain();
    }, DRAW_MS);
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      watched.current.close();
    },
    [],
  );
  return watched.current;
}

/** What the reports show of it, once it has a result. */
function useView(run) {
  const [view, setView] = useState();
  const lang = language();
  const isThere = run.result !== undefined;
  useEffect(() => {
    setView(undefined);
    if (!isThere) return;
    const leaving = new AbortController();
    get(`/runs/${encodeURIComponent(run.runId)}/view`, { lang }, leaving.signal).then(setView, () => {});
    return () => leaving.abort();
  }, [run.runId, isThere, lang]);
  return view;
}

/** A screen that stands still must not look well. */
function Age({ run }) {
  const now = useNow(run);
  if (run.hasEnded) return null;
  if (run.second === undefined)
    return run.isConnected === false && html`<p class="banner bad" role="alert">${say('live.notConnected')}</p>`;
  const ageMs = now - run.receivedMs + run.second.behindUs / 1e3;
  const isStale = !run.isConnected || (run.state === 'running' && ageMs > STALE_MS);
  return isStale
    ? html`<p class="banner bad" role="alert">${say(run.isConnected ? 'live.stale' : 'live.notConnected', { seconds: Math.round(ageMs / 1e3) })}</p>`
    : html`<p class="age note"><span>${say('live.age', { seconds: (ageMs / 1e3).toFixed(1) })}</span> <${NoticeSwitch} /></p>`;
}

function BeforeLoad({ run }) {
  const { expected = 0, here = 0 } = run.hello?.agents ?? {};
  const notes = run.log.slice(-5);
  return html`<section class="before">
    <p class="lead">${run.state === undefined ? say('live.loading') : say(`state.${run.state}.about`, { here, expected })}</p>
    ${run.reason !== '' && html`<p>${sentence(because(run))}</p>`}
    <ul>
      ${notes.map((notice, i) => html`<li key=${i}>${sentence(spoken(notice))}</li>`)}
    </ul>
  </section>`;
}
