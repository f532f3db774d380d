// One run, live or ended: what is looked at first stands first, as in the HTML report.

import { get } from '../api.js';
import { html, useEffect, useMemo, useReducer, useRef, useState } from '../dom.js';
import { lastSecond } from '../model/columns.js';
import { watchRun } from '../model/live-run.js';
import { formatCount } from '../numbers.js';
import { Section } from '../section.js';
import { useTheme } from '../theme.js';
import { language, say } from '../words.js';
import { Agents } from './agents.js';
import { Downloads } from './downloads.js';
import { Events } from './events.js';
import { Failures } from './failures.js';
import { Thresholds, Warnings } from './judgement.js';
import { NoticeSwitch, useNotices } from './notices.js';
import { OperationCharts } from './operation-charts.js';
import { GlanceCharts, MonitorCharts, MoreCharts } from './run-charts.js';
import { RunHeader } from './run-header.js';
import { Statistics } from './statistics.js';
import { Conclusion, ViewSections } from './view-sections.js';

/** Figures are older than this only when something is wrong. */
const STALE_MS = 5000;

export function RunPage({ runId }) {
  const watched = useWatchedRun(runId);
  const { run } = watched;
  const now = useNow(run);
  const view = useView(run);
  const theme = useTheme();
  const [operation, setOperation] = useState();
  useNotices(run);
  const last = lastSecond(run.columns);
  const charts = { run, range: [run.columns.seconds[0] ?? 0, Math.max(1, last)], theme };
  const hasSeconds = last >= 0;
  const { hello, second, percentiles, fills, agentChanges, state } = run;
  const figures = [hello, second, percentiles, fills, state, run.view, run.viewAll, theme];
  const part = (id, title, isKey, by, draw) =>
    html`<${Section} key=${id} id=${id} title=${title} isKey=${isKey}><${Kept} by=${by} draw=${draw} /><//>`;
  const picks = picksOf(operation, setOperation);
  return html`
    <${RunHeader} run=${run} view=${view} now=${now} resetView=${watched.resetView} showAll=${watched.showAll} />
    <${Age} run=${run} now=${now} />
    <${Warnings} run=${run} />
    ${run.view !== undefined && html`<p class="banner" role="status">${say('live.viewReset')}</p>`}
    <${Contents} run=${run} view=${view} />
    <main id="content">
      ${
        hasSeconds
          ? part('main-charts', say('section.main-charts'), true, figures, () => html`<${GlanceCharts} ...${charts} />`)
          : html`<${BeforeLoad} run=${run} />`
      }
      ${view && html`<${Conclusion} view=${view} /><${Kept} by=${[view, operation]} draw=${() => html`<${ViewSections} view=${view} isFirst=${true} picks=${picks} />`} />`}
      ${!view && part('thresholds', say('section.thresholds'), true, [hello, percentiles], () => html`<${Thresholds} run=${run} />`)}
      ${!view && part('results', say('live.statistics'), true, [...figures, operation], () => html`<${Statistics} run=${run} operation=${operation} onPick=${setOperation} />`)}
      ${operation !== undefined && hello && html`<${OperationCharts} ...${charts} operation=${operation} onClose=${() => setOperation(undefined)} />`}
      ${hasSeconds && part('more-charts', say('section.more-charts'), false, figures, () => html`<${MoreCharts} ...${charts} />`)}
      ${run.columns.monitors.size > 0 && part('monitor-charts', say('section.monitors'), false, figures, () => html`<${MonitorCharts} ...${charts} />`)}
      ${view && html`<${Kept} by=${[view]} draw=${() => html`<${ViewSections} view=${view} isFirst=${false} />`} />`}
      ${!view && part('errors', say('section.errors'), true, [hello, percentiles], () => html`<${Failures} run=${run} />`)}
      ${!view && part('agents', agentsTitle(run), false, [agentChanges], () => html`<${Agents} run=${run} />`)}
      ${!view && part('events', say('section.events'), false, [run.events, run.events.length], () => html`<${Events} run=${run} />`)}
      ${part('downloads', say('live.downloads'), true, [run.result], () => html`<${Downloads} run=${run} />`)}
    </main>
  `;
}

/** Draws again only when one of `by` has changed: a second does not change the rows of a thousand agents. */
function Kept({ by, draw }) {
  return useMemo(draw, by);
}

function agentsTitle({ agents }) {
  return `${say('live.agents')} (${formatCount(agents.size)})`;
}

/** The rows of the results are the operations, in their order. */
function picksOf(operation, setOperation) {
  return {
    results: {
      column: say('column.name'),
      isPicked: (i) => i === operation,
      choose: (i) => setOperation(i === operation ? undefined : i),
    },
  };
}

/** Messages that come together are drawn together. */
const DRAW_MS = 50;

function useWatchedRun(runId) {
  const [, drawAgain] = useReducer((count) => count + 1, 0);
  const watched = useRef();
  const timer = useRef();
  if (watched.current?.run.runId !== runId) {
    watched.current?.close();
    watched.current = watchRun(runId, () => {
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        drawAgain();
      }, DRAW_MS);
    });
  }
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      watched.current.close();
    },
    [],
  );
  return watched.current;
}

/** Moves each second while something is under way. */
function useNow(run) {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    if (run.hasEnded) return;
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, [run.hasEnded]);
  return Math.max(now, run.receivedMs);
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
function Age({ run, now }) {
  if (run.hasEnded) return null;
  if (run.second === undefined) {
    return run.isConnected || run.hello === undefined
      ? null
      : html`<p class="banner bad" role="alert">${say('live.notConnected')}</p>`;
  }
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
    ${run.reason !== '' && html`<p>${run.reason}</p>`}
    <ul>
      ${notes.map(({ text }, i) => html`<li key=${i}>${text}</li>`)}
    </ul>
  </section>`;
}

function Contents({ run, view }) {
  const links = view
    ? [
        ['main-charts', say('section.main-charts')],
        ['conclusion', say('section.conclusion')],
        ...view.sections.filter(({ id }) => id !== 'monitors').map(({ id, title }) => [id, title]),
        ['downloads', say('live.downloads')],
      ]
    : [
        ['thresholds', say('section.thresholds')],
        ['results', say('live.statistics')],
        ['more-charts', say('section.charts')],
        ['errors', say('section.errors')],
        ['agents', agentsTitle(run)],
        ['events', say('section.events')],
        ['downloads', say('live.downloads')],
      ];
  return html`<nav aria-label=${say('section.contents')} class="contents">
    ${links.map(([id, title]) => html`<a key=${id} href="#${id}">${title}</a> `)}
  </nav>`;
}
