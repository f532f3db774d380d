// Runs before anything else of the page is there: nothing is drawn in other colours than the chosen ones, what the page asks for first
// is on its way while its scripts are read, and they are run when what the document has is on the screen.

import { applyTheme, chosenLanguage } from './choices.js';
import { openRunStreamAhead } from './model/run-stream.js';
import { liveRun } from './model/verdict-so-far.js';
import { runOfPath } from './route.js';

const SCRIPT = '/assets/page.js';
/** Where no frame comes at all. On a busy machine the first one takes a while, and the script would hold it up. */
const FRAME_MS = 3000;

applyTheme();

const lang = chosenLanguage();
/**
 * `answers` on their way and `bodies` that have come, by the address that was asked: early.js takes each of them once. `streams` by
 * run: model/run-stream.js. `isKnown` resolves when what the page begins with has come, or will not.
 */
const early = { answers: new Map(), bodies: new Map(), streams: new Map(), isKnown: undefined };
globalThis.early = early;
void ask(`/assets/words.${lang}.json`);
early.isKnown = askAhead();
if (document.hidden) load();
else {
  requestAnimationFrame(() => setTimeout(load));
  // A tab that goes into the background has no frame.
  document.addEventListener('visibilitychange', load, { once: true });
  setTimeout(load, FRAME_MS);
}

function load() {
  if (document.head.querySelector(`script[src="${SCRIPT}"]`) !== null) return;
  const script = document.createElement('script');
  script.src = SCRIPT;
  document.head.append(script);
}

async function askAhead() {
  // With a token in the address, whoever comes logs in first.
  if (location.hash.startsWith('#token=')) return;
  const session = await ask('/api/v1/session');
  if (session === undefined || session.role === null) return;
  const info = ask('/api/v1/info');
  const found = await ask('/api/v1/runs?limit=20');
  const runId = runOfPath() ?? (location.pathname === '/' ? liveRun(found?.runs ?? [])?.runId : undefined);
  if (runId !== undefined) await new Promise((hasFigures) => openRunStreamAhead(runId, hasFigures));
  await info;
}

/** @returns the body; undefined where there is none */
async function ask(url) {
  const answer = fetch(url, { headers: { accept: 'application/json', 'accept-language': lang } });
  early.answers.set(url, answer);
  try {
    const came = await answer;
    if (!came.ok) return undefined;
    const body = await came.clone().json();
    early.bodies.set(url, body);
    return body;
  } catch {
    // Whoever takes the answer hears what went wrong.
    return undefined;
  }
}
