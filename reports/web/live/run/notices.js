// Tells whoever looks at something else: the tab's title says how the run stands, and the browser says when that changes.

import { html, useEffect, useRef, useState } from '../dom.js';
import { VERDICT_MARKS, verdictSoFar } from '../model/verdict-so-far.js';
import { say } from '../words.js';

const KEY = 'bench-notices';
const TOLD = new Set([
  'failing',
  'doubtful',
  'pass',
  'fail',
  'invalid',
  'aborted',
  'no-criteria',
  'failed',
  'prepared',
]);

export function useNotices(run) {
  const outcome = verdictSoFar(run);
  const name = run.hello?.name ?? run.runId;
  const before = useRef(outcome);
  useEffect(() => {
    document.title = `${VERDICT_MARKS[outcome]} ${name} · bench`;
    if (before.current === outcome) return;
    before.current = outcome;
    const isWanted =
      localStorage.getItem(KEY) === 'yes' && 'Notification' in window && Notification.permission === 'granted';
    if (isWanted && document.hidden && TOLD.has(outcome)) {
      new Notification(`${VERDICT_MARKS[outcome]} ${name}`, { body: say(`outcome.${outcome}`), tag: run.runId });
    }
  }, [outcome, name]);
  useEffect(
    () => () => {
      document.title = 'bench';
    },
    [],
  );
}

/** Asks the browser only when somebody presses it. */
export function NoticeSwitch() {
  const isThere = 'Notification' in window;
  const [isOn, setOn] = useState(
    isThere && localStorage.getItem(KEY) === 'yes' && Notification.permission === 'granted',
  );
  if (!isThere) return null;
  const change = async () => {
    const isWanted = !isOn && (await Notification.requestPermission()) === 'granted';
    localStorage.setItem(KEY, isWanted ? 'yes' : 'no');
    setOn(isWanted);
  };
  return html`<label class="notices"><input type="checkbox" checked=${isOn} onChange=${change} /> ${say('live.notify')}</label>`;
}
