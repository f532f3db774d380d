// The whole page: the bar above, and the page that the address names.

import { apiUrl, get, send } from './api.js';
import { openBrowserStream } from './browser-stream.js';
import { chooseLanguage } from './choices.js';
import { html, useEffect, useReducer, useRef, useState } from './dom.js';
import { known } from './early.js';
import { LoginPage, logInFromAddress } from './login-page.js';
import { liveRun } from './model/verdict-so-far.js';
import { runOfPath, watchRoute } from './route.js';
import { RunPage } from './run/run-page.js';
import { AgentsPage } from './runs/agents-page.js';
import { ComparePage } from './runs/compare-page.js';
import { LogPage } from './runs/log-page.js';
import { RunsPage } from './runs/runs-page.js';
import { StartPage } from './start/start-page.js';
import { switchTheme } from './theme.js';
import { language, loadWords, say } from './words.js';

export function App() {
  const [, drawAgain] = useReducer((count) => count + 1, 0);
  const { session, error, askAgain, logIn, logOut } = useSession();
  const [info, setInfo] = useState(() => known(apiUrl('/info')));
  useEffect(() => watchRoute(drawAgain), []);
  const speak = async (lang) => {
    chooseLanguage(lang);
    await loadWords(lang);
    drawAgain();
  };
  const isIn = session?.role !== null && session !== undefined;
  return html`
    <a class="skip" href="#content">${say('live.skip')}</a>
    <${Bar} session=${session} canStart=${info?.canStart === true} speak=${speak} logOut=${logOut} />
    ${session === undefined && html`<main id="content"><p class="note">${error ? error.message : say('live.loading')}</p></main>`}
    ${session?.role === null && html`<${LoginPage} error=${error} onLogin=${logIn} />`}
    ${isIn && html`<${Inside} key=${language()} role=${session.role} info=${info} setInfo=${setInfo} onCut=${askAgain} />`}
  `;
}

function useSession() {
  const [session, setSession] = useState(() => known(apiUrl('/session')));
  const [error, setError] = useState();
  useEffect(() => {
    if (session !== undefined) return;
    logInFromAddress()
      .catch(setError)
      .then(() => get('/session'))
      .then(setSession, setError);
  }, []);
  // What ends a stream may be the end of the session.
  const askAgain = () => get('/session').then(setSession, () => {});
  const logOut = () => send('DELETE', '/session').then(() => location.assign('/'), setError);
  return { session, error, askAgain, logIn: setSession, logOut };
}

function Bar({ session, canStart, speak, logOut }) {
  const here = location.pathname;
  const isIn = session !== undefined && session.role !== null;
  const link = (path, words, isHere) => html`<a href=${path} aria-current=${isHere ? 'page' : undefined}>${words}</a>`;
  return html`<div class="bar">
    <a class="brand" href="/">bench</a>
    ${
      session?.role !== null &&
      html`<nav aria-label=${say('live.pages')}>
      ${link('/', say('live.run'), here === '/' || /^\/runs\/./.test(here))}
      ${canStart && link('/start', say('start.link'), here === '/start')}
      ${link('/runs', say('history.title'), here === '/runs' || here === '/compare')} ${link('/agents', say('section.agents'), here === '/agents')}
      ${session?.role === 'operator' && link('/log', say('log.title'), here === '/log')}
    </nav>`
    }
    <span class="settings">
      ${session?.role === 'viewer' && html`<span class="note">${say('live.viewer')}</span>`}
      <button type="button" lang=${language() === 'en' ? 'zh-CN' : 'en'} onClick=${() => speak(language() === 'en' ? 'zh-CN' : 'en')}>
        ${language() === 'en' ? '中文' : 'English'}
      </button>
      <button type="button" id="theme" onClick=${switchTheme}>${say('action.theme')}</button>
      ${isIn && session.login === 'token' && html`<button type="button" onClick=${logOut}>${say('login.out')}</button>`}
    </span>
  </div>`;
}

/** What control tells all pages: which runs and agents there are. */
function Inside({ role, info, setInfo, onCut }) {
  const { runs, changes, agentChanges } = usePageEvents(info, setInfo, onCut);
  const canStart = info?.canStart === true;
  const shown = useRef();
  const path = location.pathname;
  const parameters = new URLSearchParams(location.search);
  const named = (runId) =>
    html`<${NamedRun} key=${runId} runId=${runId} listed=${runs?.find((run) => run.runId === runId)} canStart=${canStart} changes=${changes} />`;
  const ofPath = runOfPath();
  if (ofPath !== undefined) return named(ofPath);
  if (path === '/runs') return html`<${RunsPage} changes=${changes} role=${role} tag=${parameters.get('tag') ?? ''} />`;
  if (path === '/agents') return html`<${AgentsPage} changes=${agentChanges} />`;
  if (path === '/log' && role === 'operator') return html`<${LogPage} />`;
  if (path === '/compare') {
    const runIds = (parameters.get('runs') ?? '').split(',').filter((id) => id !== '');
    return html`<${ComparePage} runIds=${runIds.slice(0, 5)} />`;
  }
  if (path !== '/' && path !== '/start') return html`<${NotThere} words=${say('live.noSuchPage')} />`;
  if (info === undefined || runs === undefined)
    return html`<main id="content"><p class="note">${say('live.loading')}</p></main>`;
  if (path === '/start' && canStart) return html`<${StartPage} info=${info} />`;
  const live = liveRun(runs);
  // A run that has ended stays until another one begins: a screen on a wall shows how it went.
  if (live !== undefined) shown.current = live.runId;
  if (shown.current !== undefined) return named(shown.current);
  if (canStart) return html`<${StartPage} info=${info} />`;
  const [latest] = runs;
  return latest === undefined
    ? html`<main id="content"><p class="lead">${say('live.noRuns')}</p></main>`
    : named(latest.runId);
}

/**
 * A run that may not be there: an address may be wrong, and a run may be deleted.
 * @param listed its summary in the list of runs, which has the newest and those that change
 * @param changes counts what control has told of runs
 */
function NamedRun({ runId, listed, canStart, changes }) {
  const [isThere, setThere] = useState(true);
  const [summary, setSummary] = useState();
  const isListed = listed !== undefined;
  useEffect(() => {
    if (isListed) return;
    get(`/runs/${encodeURIComponent(runId)}`).then(setSummary, ({ status }) => setThere(status !== 404));
  }, [runId, isListed, changes]);
  return isThere
    ? html`<${RunPage} runId=${runId} summary=${listed ?? summary} canStart=${canStart} />`
    : html`<${NotThere} words=${say('live.noSuchRun', { runId })} />`;
}

function NotThere({ words }) {
  return html`<main id="content">
    <p class="lead">${words}</p>
    <p><a href="/runs">${say('history.title')}</a></p>
  </main>`;
}

function without(runs, { runId }) {
  return runs.filter((run) => run.runId !== runId);
}

/** The newest first. */
function byAge(a, b) {
  return a.createdAt < b.createdAt ? 1 : -1;
}

function usePageEvents(info, setInfo, onCut) {
  const [runs, setRuns] = useState(() => known(apiUrl('/runs', { limit: 20 }))?.runs);
  const [changes, countChange] = useReducer((count) => count + 1, 0);
  const [agentChanges, countAgentChange] = useReducer((count) => count + 1, 0);
  useEffect(() => {
    if (info === undefined) get('/info').then(setInfo, () => {});
    if (runs === undefined)
      get('/runs', { limit: 20 }).then(
        (found) => setRuns(found.runs),
        () => {},
      );
    return openBrowserStream(apiUrl('/events'), {
      kinds: ['run', 'deleted', 'agents'],
      kept: {},
      on: {
        message(kind, data) {
          if (kind === 'run') {
            // An older run changes, too: its note.
            setRuns((before = []) => [data, ...without(before, data)].sort(byAge));
            countChange();
          } else if (kind === 'deleted') {
            setRuns((before) => before && without(before, data));
            countChange();
          } else {
            setInfo((before) => before && { ...before, agents: data });
            countAgentChange();
          }
        },
        connection: (isOpen) => isOpen || onCut(),
      },
    });
  }, []);
  return { runs, changes, agentChanges };
}
