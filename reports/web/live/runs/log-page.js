// What control has logged: the last lines, newest at the foot.

import { apiUrl } from '../api.js';
import { openBrowserStream } from '../browser-stream.js';
import { html, useEffect, useLayoutEffect, useRef, useState } from '../dom.js';
import { say } from '../words.js';

const MAX_LINES = 1000;
const RANKS = { info: 0, warn: 1, error: 2 };

export function LogPage() {
  const lines = useLines();
  const [level, setLevel] = useState('info');
  const [filter, setFilter] = useState('');
  const foot = useRef();
  const isAtFoot = useRef(true);
  const wanted = filter.trim().toLowerCase();
  const shown = lines.filter((line) => RANKS[line.level] >= RANKS[level] && line.text.toLowerCase().includes(wanted));
  useLayoutEffect(() => {
    if (isAtFoot.current) foot.current.scrollTop = foot.current.scrollHeight;
  });
  const scrolled = ({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
    isAtFoot.current = scrollTop + clientHeight > scrollHeight - 40;
  };
  return html`<main id="content">
    <h1>${say('log.title')}</h1>
    <div class="tools">
      <label
        >${say('log.level')}
        <select value=${level} onChange=${(event) => setLevel(event.target.value)}>
          ${['info', 'warn', 'error'].map((one) => html`<option key=${one} value=${one}>${say(`log.${one}`)}</option>`)}
        </select>
      </label>
      <label>${say('live.filter')} <input type="search" value=${filter} onInput=${(event) => setFilter(event.target.value)} /></label>
    </div>
    <div class="log" role="log" tabindex="0" aria-label=${say('log.title')} ref=${foot} onScroll=${scrolled}>
      <ol>${shown.map(
        ({ at, level: rank, text, number }) =>
          html`<li key=${number} class=${rank}><time datetime=${at}>${at.slice(11, 23)}</time> ${rank !== 'info' && html`<strong>${say(`log.${rank}`)}</strong> `}${text}</li>`,
      )}</ol>
    </div>
  </main>`;
}

function useLines() {
  const [lines, setLines] = useState([]);
  useEffect(() => {
    let number = 0;
    return openBrowserStream(apiUrl('/log'), {
      kinds: ['line'],
      kept: { line: MAX_LINES },
      repeats: true,
      on: {
        message: (_, line) => setLines((before) => [...before.slice(1 - MAX_LINES), { ...line, number: number++ }]),
        // Control says all that it has kept each time.
        connection: (isOpen) => isOpen && setLines([]),
      },
    });
  }, []);
  return lines;
}
